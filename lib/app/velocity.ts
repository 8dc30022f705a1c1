import type { MerchantId, RefundId } from '../domain/ids.ts';
import { decode, encode } from '../domain/json.ts';
import { velocityItem } from '../domain/streams.ts';
import {
  type HourlyLimit,
  hourOf,
  type InHand,
  isOf,
  type Lent,
  lend,
  type Spent,
  type Wanted,
} from '../domain/velocity.ts';
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

/** What this process was lent and has left: refunds of any currency by whose allowance they are, and amounts by that and their currency. */
interface Purses {
  readonly refunds: Map<string, Left<number>>;
  readonly amounts: Map<string, Left<bigint>>;
}

interface Left<N extends number | bigint> {
  readonly hour: number;
  readonly left: N;
}

/** Who asks for the same refund again, because somebody else was faster to write, is counted once; for as many as are under way here at most. */
const mostRemembered = 1000;

/** One for each process: built by its root. */
export function velocity(needs: VelocityNeeds, { ofEach, ofAll }: VelocityLimits): Velocity {
  const purses: Purses = { refunds: new Map(), amounts: new Map() };
  const counted = new Map<RefundId, { readonly hour: number; readonly amountMinor: bigint }>();
  return {
    async allows({ merchant, refund, ...wanted }) {
      const now = hourOf(needs.clock.now());
      const known = counted.get(refund);
      if (known !== undefined && known.hour === now && known.amountMinor === wanted.amountMinor) return true;
      const own = velocityItem(merchant);
      if (ofEach !== undefined && !(await spend(needs, purses, own, { limit: ofEach, wanted }))) return false;
      if (ofAll !== undefined && !(await spend(needs, purses, velocityItem(undefined), { limit: ofAll, wanted }))) {
        if (ofEach !== undefined) giveBack(purses, own, wanted, { refund: true, amount: true });
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

/** What is in hand is taken before the store is asked for the rest, so that nobody else here takes it meanwhile. */
async function spend(needs: VelocityNeeds, purses: Purses, pk: string, of: Spending): Promise<boolean> {
  const { wanted } = of;
  const now = hourOf(needs.clock.now());
  const has = {
    refund: take(purses.refunds, pk, 1, now),
    amount: take(purses.amounts, nameOf(pk, wanted), wanted.amountMinor, now),
  };
  if (has.refund && has.amount) return true;
  const lent = await borrow(needs, pk, of, has).catch((error: unknown) => {
    giveBack(purses, pk, wanted, has);
    throw error;
  });
  if (lent === 'over') {
    giveBack(purses, pk, wanted, has);
    return false;
  }
  const { hour, refunds, amountMinor } = lent;
  // Beside what is left of the same hour; somebody else here may have borrowed meanwhile.
  if (!has.refund) purses.refunds.set(pk, { hour, left: (leftOf(purses.refunds, pk, hour) ?? 0) + refunds - 1 });
  const name = nameOf(pk, wanted);
  const rest = (leftOf(purses.amounts, name, hour) ?? 0n) + amountMinor;
  if (!has.amount) purses.amounts.set(name, { hour, left: rest - wanted.amountMinor });
  return true;
}

const nameOf = (pk: string, { currency }: Wanted): string => `${pk} ${currency}`;

function leftOf<N extends number | bigint>(from: ReadonlyMap<string, Left<N>>, name: string, hour: number) {
  const purse = from.get(name);
  return purse?.hour === hour ? purse.left : undefined;
}

function take<N extends number | bigint>(from: Map<string, Left<N>>, name: string, much: N, now: number): boolean {
  const purse = from.get(name);
  if (purse === undefined || !isOf(purse.hour, now) || purse.left < much) return false;
  from.set(name, { ...purse, left: (purse.left - much) as N });
  return true;
}

function giveBack({ refunds, amounts }: Purses, pk: string, wanted: Wanted, has: InHand): void {
  const [ofRefunds, name] = [refunds.get(pk), nameOf(pk, wanted)];
  const ofAmounts = amounts.get(name);
  if (has.refund && ofRefunds !== undefined) refunds.set(pk, { ...ofRefunds, left: ofRefunds.left + 1 });
  if (has.amount && ofAmounts !== undefined)
    amounts.set(name, { ...ofAmounts, left: ofAmounts.left + wanted.amountMinor });
}

/** From the allowance that all processes share. */
async function borrow(
  needs: VelocityNeeds,
  pk: string,
  { limit, wanted }: Spending,
  has: InHand,
): Promise<Lent | 'over'> {
  const done = await insist(needs, async () => {
    const item = await needs.table.get({ table: 'state', pk });
    const found = lend(spentIn(item), limit, wanted, needs.clock.now(), has);
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
