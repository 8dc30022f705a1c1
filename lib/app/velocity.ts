import type { MerchantId, RefundId } from '../domain/ids.ts';
import { decode, encode } from '../domain/json.ts';
import { velocityItem } from '../domain/streams.ts';
import { type HourlyLimit, hourOf, isOf, type Lent, lend, type Spent, type Wanted } from '../domain/velocity.ts';
import { versionOf } from './heads.ts';
import type { Needs } from './needs.ts';
import type { Item } from './ports/table.ts';
import { Unavailable } from './ports/unavailable.ts';
import { insist } from './retry.ts';

/** Undefined: no limit. */
export interface VelocityLimits {
  readonly ofEach: HourlyLimit | undefined;
  readonly ofAll: HourlyLimit | undefined;
}

export const unlimited: VelocityLimits = { ofEach: undefined, ofAll: undefined };

export interface Approving extends Wanted {
  readonly merchant: MerchantId;
  readonly refund: RefundId;
}

/**
 * How fast the machine may approve, whatever its policy says. Asked before each approval that no person made.
 *
 * `allows` answers false where the hour's allowance, of the merchant or of all of them, is used up: then a person decides. What dies
 * between the question and the approval stays counted. Throws `Unavailable` where the table does not answer: nothing may be approved then.
 */
export interface Velocity {
  allows(of: Approving): Promise<boolean>;
}

type VelocityNeeds = Pick<Needs, 'table' | 'clock' | 'ids' | 'pause'>;

/** What this process was lent, by whose allowance it is and in which currency. */
type Purses = Map<string, Lent>;

/** Who asks for the same refund again, because somebody else was faster to write, is counted once; for as many as are under way here at most. */
const mostRemembered = 1000;

/** One for each process: built by its root. */
export function velocity(needs: VelocityNeeds, { ofEach, ofAll }: VelocityLimits): Velocity {
  const purses: Purses = new Map();
  const counted = new Map<RefundId, { readonly hour: number; readonly amountMinor: bigint }>();
  return {
    async allows({ merchant, refund, ...wanted }) {
      const now = hourOf(needs.clock.now());
      const known = counted.get(refund);
      if (known !== undefined && known.hour === now && known.amountMinor === wanted.amountMinor) return true;
      const own = velocityItem(merchant);
      if (ofEach !== undefined && !(await spend(needs, purses, own, { limit: ofEach, wanted }))) return false;
      if (ofAll !== undefined && !(await spend(needs, purses, velocityItem(undefined), { limit: ofAll, wanted }))) {
        if (ofEach !== undefined) giveBack(purses, own, wanted);
        return false;
      }
      if (counted.size >= mostRemembered) counted.clear();
      counted.set(refund, { hour: now, amountMinor: wanted.amountMinor });
      return true;
    },
  };
}

interface Spending {
  readonly limit: HourlyLimit;
  readonly wanted: Wanted;
}

async function spend(needs: VelocityNeeds, purses: Purses, pk: string, of: Spending): Promise<boolean> {
  const { wanted } = of;
  const name = nameOf(pk, wanted);
  if (pay(purses, name, wanted, hourOf(needs.clock.now()))) return true;
  const lent = await borrow(needs, pk, of);
  if (lent === 'over') return false;
  const rest = purses.get(name);
  // Beside what is left of the same hour; somebody else here may have borrowed meanwhile.
  const both = rest !== undefined && rest.hour === lent.hour ? rest : { refunds: 0, amountMinor: 0n };
  purses.set(name, {
    hour: lent.hour,
    refunds: both.refunds + lent.refunds - 1,
    amountMinor: both.amountMinor + lent.amountMinor - wanted.amountMinor,
  });
  return true;
}

const nameOf = (pk: string, { currency }: Wanted): string => `${pk} ${currency}`;

function pay(purses: Purses, name: string, { amountMinor }: Wanted, now: number): boolean {
  const purse = purses.get(name);
  if (purse === undefined || !isOf(purse.hour, now) || purse.refunds < 1 || purse.amountMinor < amountMinor)
    return false;
  purses.set(name, { ...purse, refunds: purse.refunds - 1, amountMinor: purse.amountMinor - amountMinor });
  return true;
}

function giveBack(purses: Purses, pk: string, wanted: Wanted): void {
  const name = nameOf(pk, wanted);
  const purse = purses.get(name);
  if (purse === undefined) return;
  purses.set(name, { ...purse, refunds: purse.refunds + 1, amountMinor: purse.amountMinor + wanted.amountMinor });
}

/** From the allowance that all processes share. */
async function borrow(needs: VelocityNeeds, pk: string, { limit, wanted }: Spending): Promise<Lent | 'over'> {
  const done = await insist(needs, async () => {
    const item = await needs.table.get({ table: 'state', pk });
    const found = lend(spentIn(item), limit, wanted, needs.clock.now());
    if (found === undefined) return 'over' as const;
    const version = versionOf(item);
    const written = await needs.table.write([
      {
        update: { table: 'state', pk },
        set: { version: BigInt(version + 1), spent: encode(found.spent) },
        only: [item === undefined ? { is: 'absent' } : { attribute: 'version', is: 'equal', value: BigInt(version) }],
      },
    ]);
    return written.is === 'written' ? found.lent : undefined;
  });
  // Many are faster, again and again: it is not known what is left, and the work comes again.
  if (done === undefined) throw new Unavailable('table');
  return done;
}

const spentIn = (item: Item | undefined): Spent | undefined =>
  item === undefined ? undefined : decode<Spent>(String(item.spent));
