import { type ConnectionName, parseConnection } from '../domain/ids.ts';
import type { Leg } from '../domain/refund/leg.ts';
import type { Refund } from '../domain/refund/state.ts';
import { heldUnfinished, legDueAt, overdueAt } from '../domain/refund/step.ts';
import { owesTelling } from '../domain/refund/tell.ts';
import { merchantOf, type StreamName } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import { earlier, type Instant, instant } from '../domain/time.ts';
import type { Waiting } from '../domain/turns.ts';
import { sortable, versionOf } from './heads.ts';
import { ifAvailable } from './if-available.ts';
import type { HeadChange } from './journal.ts';
import { waitMark } from './patience.ts';
import type { Item, Table } from './ports/table.ts';
import { executeAt, isUnsent } from './refund-due.ts';

const names = ['accounts', 'executeAt', 'sentAt', 'personAt', 'patient', 'gatewayAt'] as const;

/**
 * What the sweep has to know of a refund without loading it: which gateway accounts it needs, at which of them it is to be executed
 * where those are others, since when a key window of its legs runs,
 * and when it must be looked at although its account is in trouble, since a person has to see it by then. Where the shop must hear of
 * it, too, that has the head's due time, and its gateway's is beside it: neither waits for the other, or is asked because of it.
 */
export function urgencyOf(refund: Refund, now: Instant, tempo: Tempo): Required<Pick<HeadChange, 'set' | 'remove'>> {
  const legs = refund.is === 'approved' ? refund.legs : [];
  const active = legs.filter((leg) => leg.now.is !== 'held' && legDueAt(leg, now, tempo) !== undefined);
  const accounts = [...new Set(active.map((leg) => leg.connection))].join(' ');
  // The window of a key ends nothing for a leg that has its answer, or that nobody sends any more.
  const open = active.filter(isUnsent);
  const at = executeAt(refund).join(' ');
  const sentAt = first(open.map((leg) => leg.firstSentAt));
  const patient = active.length > 0 && active.every((leg) => !isUnsent(leg) && leg.now.is !== 'pending');
  const gatewayAt = owesTelling(refund) ? (gatewayDueAt(legs, now, tempo) ?? never) : undefined;
  const personAt = first(active.map((leg) => overdueAt(leg, tempo)));
  const set: Record<string, string> = {
    ...(accounts !== '' && { accounts }),
    ...(at !== '' && at !== accounts && { executeAt: at }),
    ...(sentAt !== undefined && { sentAt: sortable(sentAt) }),
    ...(personAt !== undefined && { personAt: sortable(personAt) }),
    ...(patient && { patient: 'yes' }),
    ...(gatewayAt !== undefined && { gatewayAt: sortable(gatewayAt) }),
  };
  const waits = legs.map(({ leg }) => waitMark(leg));
  return { set, remove: [...names.filter((name) => set[name] === undefined), 'waitsUntil', ...waits] };
}

/** When the gateway must next be asked about any of these; what is held waits for a person, and in doubt for the gateway too. */
export const gatewayDueAt = (legs: readonly Leg[], now: Instant, tempo: Tempo): Instant | undefined =>
  first(legs.filter((leg) => leg.now.is !== 'held' || heldUnfinished(leg)).map((leg) => legDueAt(leg, now, tempo)));

/** Sorts after every instant. */
const never = instant(9_999_999_999_999);

const first = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce((a, b) => (a === undefined ? b : b === undefined ? a : earlier(a, b)), undefined);

/** Undefined for a head that needs no gateway, or that somebody must look at now in any weather. */
export function waitingOf(head: Item, now: Instant): Waiting | undefined {
  const by = sortable(now);
  const pressing = [head.personAt, head.heldUntil].some((at) => typeof at === 'string' && at <= by);
  if (pressing || typeof head.accounts !== 'string' || !gatewayIsDue(head, now)) return undefined;
  const sentAt = typeof head.sentAt === 'string' ? instant(Number(head.sentAt)) : undefined;
  const merchant = merchantOf(String(head.pk));
  const accounts = head.accounts.split(' ').map((connection) => `${merchant}#${connection}`);
  const patient = head.patient === undefined ? {} : { patient: true as const };
  return { accounts, sentAt, age: String(head.daySort ?? head.dueAt), ...patient };
}

/** Whether the shop must hear of this refund, so that its gateway has a due time of its own. */
export const alsoOwedToShop = (head: Item): boolean => typeof head.gatewayAt === 'string';

/** Moves only the gateway's due time; loses silently against anybody who appends. No instant: the gateway is owed no question any more. */
export async function postponeGateway(table: Table, head: Item, until: Instant | undefined): Promise<void> {
  await table.write([
    {
      update: { table: 'state', pk: String(head.pk) },
      set: { gatewayAt: sortable(until ?? never) },
      only: [{ attribute: 'version', is: 'equal', value: BigInt(versionOf(head)) }],
    },
  ]);
}

/** Whether its gateway is to be asked now; its due time may be the shop's. */
export const gatewayIsDue = (head: Item, now: Instant): boolean =>
  typeof head.gatewayAt !== 'string' || head.gatewayAt <= sortable(now);

/** The gateway accounts that work on this stream is done at, as the head of a refund or of a payment has them; none where it does not say. */
export function executeAtOf(head: Item | undefined): readonly ConnectionName[] {
  const names = head?.executeAt ?? head?.accounts ?? head?.connection;
  return typeof names !== 'string' ? [] : names.split(' ').flatMap((name) => parseConnection(name) ?? []);
}

/** The same of a head that has to be read first; none where the table does not answer, since whoever asks has something to send all the same. */
export const executeAtIn =
  (table: Pick<Table, 'get'>) =>
  async (stream: StreamName): Promise<readonly ConnectionName[]> =>
    executeAtOf(await ifAvailable(() => table.get({ table: 'state', pk: stream })));
