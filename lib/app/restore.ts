import { refusal } from '../domain/fault.ts';
import type { MerchantId } from '../domain/ids.ts';
import { controlStream } from '../domain/streams.ts';
import { type Instant, plus } from '../domain/time.ts';
import { restoredOn, restoringAfter, type Switched } from './control.ts';
import { ifAvailable } from './if-available.ts';
import { load } from './journal.ts';
import type { Needs } from './needs.ts';
import { type Operated, type Person, pressAs } from './operate.ts';
import type { paymentNamed } from './payments.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { Gateway, Gateways, RefundsSince } from './ports/gateway.ts';
import { type RecordNeeds, recordNotice } from './record-notice.ts';
import { insist } from './retry.ts';
import { readStanding, writeStanding } from './standing.ts';

/**
 * After the tables were put back to an earlier instant. What was sent after it is forgotten, so nothing is sent while the journal is not of
 * the restore epoch of this deployment (F116): first every gateway is asked for what it refunded since, and that is taken in as news.
 */
export interface RestoreNeeds extends RecordNeeds {
  readonly connections: Connections;
  readonly gateways: Gateways;
  readonly blind: Parameters<typeof paymentNamed>[0]['blind'];
  /** Whether anything is ever asked of this connection: each gateway is, and a shop that is tended. */
  readonly isAsked: (connection: Connection) => boolean;
}

export interface Restore {
  /** Of the deployment, and the one that the journal has come to: sending goes on where they are the same. */
  readonly deployment: number;
  readonly journal: number;
  /** The epoch that a restore under way is to bring the journal to: nothing is sent by a deployment of another one. */
  readonly restoring: number | null;
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
  const restoring = restoringAfter(entries.flatMap(({ events }) => events)) || null;
  const stands = { deployment: needs.restored, journal, restoring };
  // Also those of a restore before this one that never came to its end: what it asked for is still to be asked.
  const begun = entries.flatMap(({ at, events }) =>
    events.flatMap((event) =>
      event.type === 'control.restore-begun' && (event.restored > journal || event.restored === needs.restored)
        ? [{ at, since: event.since, restored: event.restored }]
        : [],
    ),
  );
  if (!begun.some(({ restored }) => restored === needs.restored)) return { ...stands, since: null, begunAt: null };
  // The earliest that anybody said: more is asked for, never less.
  const since = begun.length === 0 ? null : begun.reduce((first, one) => (one.since < first.since ? one : first)).since;
  return { ...stands, since, begunAt: begun.at(-1)?.at ?? null };
}

/**
 * Says to which instant the tables were put back. If this process dies before it is appended, nothing happened but that shops are asked for
 * more than they need to be.
 */
export async function beginRestore(
  needs: RestoreNeeds,
  person: Person,
  of: { readonly since: Instant; readonly reason: string },
): Promise<Operated> {
  const stands = await restoreOf(needs, person.merchant);
  const { deployment, journal } = stands;
  if (journal >= deployment) return refusal('not-restoring', notAfter(stands));
  if (of.since > needs.clock.now()) return refusal('bad-request', 'The restore point lies in the future.');
  if (!(await rememberShops(needs, person.merchant, of.since)))
    return refusal('busy', 'The store is busy, and nothing was begun. Try again.');
  return pressAs(needs, person, { type: 'control.restore-begun', v: 1, restored: deployment, ...of });
}

/**
 * Shops that the tables know nothing of may have been connected in the time that they forgot. That they are to be asked for it is written
 * down now: who looks after them may come to it only when the restore has ended, and would find a shop without a past.
 */
async function rememberShops(needs: RestoreNeeds, merchant: MerchantId, since: Instant): Promise<boolean> {
  const shops = (await needs.connections.of(merchant)).filter((one) => one.kind === 'source' && needs.isAsked(one));
  for (const shop of shops) {
    const { version, standing } = await readStanding(needs.table, shop);
    const looked = standing?.checkedAt !== undefined || standing?.gap !== undefined;
    if (standing !== undefined && (looked || standing.startedAt <= since)) continue;
    const fresh = { startedAt: since, lost: [], refused: [] };
    const written = await insist(needs, async () => {
      const one = await writeStanding(needs.table, shop, { version, standing: fresh });
      return one === 'busy' ? undefined : true;
    });
    if (written === undefined) return false;
  }
  return true;
}

/** Why a journal that has come as far as its deployment, or further, is not to be taken there. */
export function notAfter({ journal, deployment, restoring }: Omit<Restore, 'since' | 'begunAt'>): string {
  if (restoring !== null && restoring > deployment)
    return `A restore to epoch ${restoring} is under way, and this deployment states ${deployment}: deploy with REDRESS_RESTORE_EPOCH=${restoring}. Nothing is sent until then.`;
  return journal === deployment
    ? 'The journal is of the restore epoch of this deployment. After a restore, deploy with REDRESS_RESTORE_EPOCH one higher.'
    : `The journal has come to restore epoch ${journal}, and this deployment states ${deployment}: deploy with REDRESS_RESTORE_EPOCH=${journal}. Nothing is sent until then.`;
}
export const notBegun = 'Say first to which instant the tables were put back: redress restore begin.';

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

export const unanswered = ({ name }: Connection) =>
  `${name} gave no usable answer. Nothing is sent meanwhile; try again.`;

/** Gateway accounts of the settings, as they are now. */
export const accountsOf = async ({ connections }: RestoreNeeds, merchant: MerchantId): Promise<Connection[]> =>
  (await connections.of(merchant)).filter(({ kind }) => kind === 'gateway');

/** One page of an account's refunds since the restore point and a little before. */
export async function pageOf(
  needs: RestoreNeeds,
  account: Connection,
  since: Instant,
  cursor: string | undefined,
): Promise<RefundsSince> {
  const gateway = await opened(needs, account);
  if (gateway === undefined) return { is: 'cannot-tell', why: 'not-opened' };
  return gateway.refundsSince({ since: plus(since, -marginMs), ...(cursor !== undefined && { cursor }), limitMs });
}

export const opened = (needs: RestoreNeeds, account: Connection): Promise<Gateway | undefined> =>
  ifAvailable(() => needs.gateways.open(account));

/** What happens to a refund later is told by webhooks and polls: here it is one notice, whatever its state. */
export const named = (needs: Pick<Needs, 'hash'>, restored: number, theirs: string) => {
  const id = `restore-${restored}-${needs.hash(theirs).slice(0, 32)}`;
  return { id, sameness: id };
};
