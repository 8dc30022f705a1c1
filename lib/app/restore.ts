import { refusal } from '../domain/fault.ts';
import type { MerchantId } from '../domain/ids.ts';
import { controlStream, noticeStream, paymentStream } from '../domain/streams.ts';
import { type Instant, iso, plus } from '../domain/time.ts';
import { restoredOn, type Switched } from './control.ts';
import { ifAvailable } from './if-available.ts';
import { load } from './journal.ts';
import type { Needs } from './needs.ts';
import { type Operated, type Person, pressAs } from './operate.ts';
import { paymentNamed } from './payments.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { Gateway, Gateways, RefundsSince } from './ports/gateway.ts';
import { type RecordNeeds, recordNotice } from './record-notice.ts';

/**
 * After the tables were put back to an earlier instant. What was sent after it is forgotten, so nothing is sent while the journal is not of
 * the restore epoch of this deployment (F116): first every gateway is asked for what it refunded since, and that is taken in as news.
 */
export interface RestoreNeeds extends RecordNeeds {
  readonly connections: Connections;
  readonly gateways: Gateways;
  readonly blind: Parameters<typeof paymentNamed>[0]['blind'];
}

export interface Restore {
  /** Of the deployment, and the one that the journal has come to: sending goes on where they are the same. */
  readonly deployment: number;
  readonly journal: number;
  /** The instant the tables were put back to, once a person has said so for this epoch. */
  readonly since: Instant | null;
  readonly begunAt: Instant | null;
}

/** How a merchant's journal stands towards the deployment; strongly read. */
export async function restoreOf(needs: Pick<Needs, 'table' | 'restored'>, merchant: MerchantId): Promise<Restore> {
  const [head, { entries }] = await Promise.all([
    needs.table.get({ table: 'state', pk: controlStream(merchant) }),
    load<Switched>(needs, controlStream(merchant)),
  ]);
  const journal = restoredOn(head);
  // Also those of a restore before this one that never came to its end: what it asked for is still to be asked.
  const begun = entries.flatMap(({ at, events }) =>
    events.flatMap((event) =>
      event.type === 'control.restore-begun' && (event.restored > journal || event.restored === needs.restored)
        ? [{ at, since: event.since, restored: event.restored }]
        : [],
    ),
  );
  if (!begun.some(({ restored }) => restored === needs.restored))
    return { deployment: needs.restored, journal, since: null, begunAt: null };
  // The earliest that anybody said: more is asked for, never less.
  const since = begun.length === 0 ? null : begun.reduce((first, one) => (one.since < first.since ? one : first)).since;
  return { deployment: needs.restored, journal, since, begunAt: begun.at(-1)?.at ?? null };
}

/** Says to which instant the tables were put back. If this process dies before it is appended, nothing happened. */
export async function beginRestore(
  needs: RestoreNeeds,
  person: Person,
  of: { readonly since: Instant; readonly reason: string },
): Promise<Operated> {
  const { deployment, journal } = await restoreOf(needs, person.merchant);
  if (journal === deployment) return refusal('not-restoring', sameEpoch);
  if (of.since > needs.clock.now()) return refusal('bad-request', 'The restore point lies in the future.');
  return pressAs(needs, person, { type: 'control.restore-begun', v: 1, restored: deployment, ...of });
}

const sameEpoch =
  'The journal is of the restore epoch of this deployment. After a restore, deploy with REDRESS_RESTORE_EPOCH one higher.';
const notBegun = 'Say first to which instant the tables were put back: redress restore begin.';

/** Clocks of the gateway and of the backup are not ours. */
const marginMs = 10 * 60_000;
const limitMs = 5000;

export type Reconciled =
  | { readonly is: 'page'; readonly recorded: number; readonly seen: number; readonly cursor: string | null }
  | Extract<Operated, { is: 'fault' }>;

/**
 * One page of what a gateway account refunded since the restore point, recorded as notices: from there they go the way of every webhook,
 * to the leg that they name, or to the payment as refunds made elsewhere. Each is recorded once per epoch, however often this is run.
 */
export async function reconcileRestore(
  needs: RestoreNeeds,
  person: Person,
  of: { readonly connection: string; readonly cursor?: string },
): Promise<Reconciled> {
  const { since, deployment } = await restoreOf(needs, person.merchant);
  if (since === null) return refusal('not-restoring', notBegun);
  const account = (await accountsOf(needs, person.merchant)).find(({ name }) => name === of.connection);
  if (account === undefined) return refusal('not-found', 'There is no gateway connection of this name.');
  const page = await pageOf(needs, account, since, of.cursor);
  if (page.is === 'cannot-tell') return refusal('unavailable', unanswered(account));
  let recorded = 0;
  for (const refund of page.refunds) {
    const { id, sameness } = named(needs, deployment, refund.evidence.theirs);
    const origin = { connection: account, correlation: person.correlation, actor: `person:${person.id}` };
    const notice = {
      kind: 'gateway',
      id,
      sameness,
      type: 'restore.refund',
      news: { about: 'refund', ...refund },
    } as const;
    if ((await recordNotice(needs, origin, notice)) === 'recorded') recorded += 1;
  }
  return { is: 'page', recorded, seen: page.refunds.length - recorded, cursor: page.next ?? null };
}

const unanswered = ({ name }: Connection) => `${name} gave no usable answer. Nothing is sent meanwhile; try again.`;

const accountsOf = async ({ connections }: RestoreNeeds, merchant: MerchantId): Promise<Connection[]> =>
  (await connections.of(merchant)).filter(({ kind }) => kind === 'gateway');

async function pageOf(
  needs: RestoreNeeds,
  account: Connection,
  since: Instant,
  cursor: string | undefined,
): Promise<RefundsSince> {
  const gateway = await opened(needs, account);
  if (gateway === undefined) return { is: 'cannot-tell', why: 'not-opened' };
  return gateway.refundsSince({ since: plus(since, -marginMs), ...(cursor !== undefined && { cursor }), limitMs });
}

const opened = (needs: RestoreNeeds, account: Connection): Promise<Gateway | undefined> =>
  ifAvailable(() => needs.gateways.open(account));

/** What happens to a refund later is told by webhooks and polls: here it is one notice, whatever its state. */
const named = (needs: Pick<Needs, 'hash'>, restored: number, theirs: string) => {
  const id = `restore-${restored}-${needs.hash(theirs).slice(0, 32)}`;
  return { id, sameness: id };
};

/**
 * Lets sending go on, once every refund that a gateway made since the restore point was dealt with here. The gateways are asked again, so
 * that nothing is taken on trust; refused with a count where anything is open, and for as long as a request of before could still arrive.
 */
export async function endRestore(needs: RestoreNeeds, person: Person, reason: string): Promise<Operated> {
  const { since, begunAt, deployment, journal } = await restoreOf(needs, person.merchant);
  if (journal === deployment) return refusal('not-restoring', sameEpoch);
  if (since === null || begunAt === null) return refusal('not-restoring', notBegun);
  let open = 0;
  for (const account of await accountsOf(needs, person.merchant)) {
    const gateway = await opened(needs, account);
    if (gateway === undefined) return refusal('unavailable', unanswered(account));
    const quietAt = plus(begunAt, gateway.capabilities.lateArrivalMs);
    if (needs.clock.now() < quietAt)
      return refusal(
        'not-reconciled',
        `A request of before may still arrive at ${account.name}: wait until ${iso(quietAt)}, then reconcile and try again.`,
      );
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await pageOf(needs, account, since, cursor);
      if (page.is === 'cannot-tell') return refusal('unavailable', unanswered(account));
      const each = await Promise.all(page.refunds.map((refund) => isOpen(needs, account, deployment, refund)));
      open += each.filter((one) => one).length;
      cursor = page.next;
    }
  }
  if (open > 0)
    return refusal(
      'not-reconciled',
      `${open} refunds of the gateways are not dealt with yet: run redress restore reconcile, wait a minute, and try again.`,
    );
  return pressAs(needs, person, { type: 'control.restore-ended', v: 1, restored: deployment, reason });
}

/** A refund on a payment with a request unanswered waits for that request, which may wait for the end of the restore. */
async function isOpen(
  needs: RestoreNeeds,
  account: Connection,
  restored: number,
  { evidence, payment }: Extract<RefundsSince, { is: 'page' }>['refunds'][number],
): Promise<boolean> {
  const { merchant, name } = account;
  const { id } = named(needs, restored, evidence.theirs);
  const head = await needs.table.get({ table: 'state', pk: noticeStream(merchant, name, id) });
  // One that was put aside is done with too, but nobody took what it says: a person has to.
  if (head?.status === 'done') return head.daySort !== undefined;
  if (head === undefined) return true;
  for (const text of payment) {
    const known = await paymentNamed(needs, { merchant, connection: name }, text);
    if (known !== undefined) {
      const head = await needs.table.get({ table: 'state', pk: paymentStream(merchant, known) });
      return head?.inFlight === undefined;
    }
  }
  return true;
}
