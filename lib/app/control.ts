import type { Event } from '../domain/events.ts';
import { type ConnectionName, type MerchantId, parseConnection } from '../domain/ids.ts';
import { controlStream } from '../domain/streams.ts';
import type { Instant } from '../domain/time.ts';
import { append, type HeadChange, load } from './journal.ts';
import type { Needs } from './needs.ts';
import type { Condition, Item, Write } from './ports/table.ts';
import type { Author } from './refunds.ts';
import { insist } from './retry.ts';

/**
 * The switches of a merchant: one for all sending, one per gateway account. Their stream says who pressed what, when and why; its head
 * holds one mark for each switch that is off, which every right to send requires to be unset (F90).
 */
export type Switched = Extract<Event, { readonly type: `control.${string}` }>;

type Pressed = Exclude<Switched, { readonly type: `control.restore-${string}` }>;

const merchantMark = 'stopped';
/** A connection's name holds letters, digits and hyphens only, so that no two marks are one. */
const accountMark = (connection: ConnectionName): string => `${merchantMark}.${connection}`;

/** The restore epoch that the journal has come to; absent while it is 0. */
export const restoredMark = 'restored';

/**
 * The restore epoch that a restore under way is to bring the journal to, from its begin to its end. Without it a process that states the
 * epoch of before, still draining or deployed without the variable, would be of the journal's epoch until then, and could send.
 */
export const restoringMark = 'restoring';

/**
 * What must hold in the transaction that gives the right to send through this account: no switch is off, the journal has come to the
 * restore epoch of this deployment, and no restore to another one is under way. One that was put back to an earlier instant has not, until it
 * was reconciled (F116).
 */
export const mayStart = (merchant: MerchantId, connection: ConnectionName, restored: number): Write => ({
  check: { table: 'state', pk: controlStream(merchant) },
  only: [
    ...[merchantMark, accountMark(connection)].map((attribute): Condition => ({ attribute, is: 'unset' })),
    restored === 0
      ? { attribute: restoredMark, is: 'unset' }
      : { attribute: restoredMark, is: 'equal', value: BigInt(restored) },
    { attribute: restoringMark, is: 'unset-or-equal', value: BigInt(restored) },
  ],
});

/** The restore epoch on a head as it is stored. */
export const restoredOn = (head: Item | undefined): number => Number(head?.[restoredMark] ?? 0n);

/** The restore epoch that these facts add up to. */
export const restoredAfter = (events: readonly Switched[]): number =>
  events.reduce((before, event) => (event.type === 'control.restore-ended' ? event.restored : before), 0);

/** When the journal came to this deployment's restore epoch; undefined where it has not. */
export async function restoredAt(
  needs: Pick<Needs, 'table' | 'restored'>,
  merchant: MerchantId,
): Promise<Instant | undefined> {
  const { entries } = await load<Switched>(needs, controlStream(merchant));
  const ends = (event: Switched) => event.type === 'control.restore-ended' && event.restored === needs.restored;
  return entries.find(({ events }) => events.some(ends))?.at;
}

/** The epoch of a restore under way, on a head as it is stored; 0 where none is. */
export const restoringOn = (head: Item | undefined): number => Number(head?.[restoringMark] ?? 0n);

/** The highest epoch that a restore was begun to, where these facts have not come to it; else 0. */
export function restoringAfter(events: readonly Switched[]): number {
  const begun = events.map((event) => (event.type === 'control.restore-begun' ? event.restored : 0));
  const highest = Math.max(0, ...begun);
  return highest > restoredAfter(events) ? highest : 0;
}

const isPressed = (event: Switched): event is Pressed => !event.type.startsWith('control.restore-');

/** Which mark an event is about, and whether it is set once the event is written. */
function markOf(event: Pressed): { readonly mark: string; readonly set: boolean } {
  switch (event.type) {
    case 'control.sending-stopped':
    case 'control.sending-resumed':
      return { mark: merchantMark, set: event.type === 'control.sending-stopped' };
    case 'control.account-stopped':
    case 'control.account-resumed':
      return { mark: accountMark(event.connection), set: event.type === 'control.account-stopped' };
  }
}

/** The marks that these facts add up to. */
export function marksAfter(events: readonly Switched[]): ReadonlySet<string> {
  const marks = new Set<string>();
  for (const { mark, set } of events.filter(isPressed).map(markOf)) {
    if (set) marks.add(mark);
    else marks.delete(mark);
  }
  return marks;
}

/** The marks on a head as it is stored. */
export const marksOn = (head: Item | undefined): ReadonlySet<string> =>
  new Set(Object.keys(head ?? {}).filter((name) => name === merchantMark || name.startsWith(`${merchantMark}.`)));

/** The head after this event, the last one of these facts. How a restore stands is said each time: an older version does not know its mark. */
function headOf(event: Switched, before: readonly Switched[]): HeadChange {
  const restoring = restoringAfter([...before, event]);
  const set = restoring === 0 ? {} : { [restoringMark]: BigInt(restoring) };
  const remove = restoring === 0 ? [restoringMark] : [];
  if (event.type === 'control.restore-ended')
    return { set: { ...set, [restoredMark]: BigInt(event.restored) }, remove };
  if (!isPressed(event)) return { set, remove };
  const switched = markOf(event);
  return switched.set
    ? { set: { ...set, [switched.mark]: true }, remove }
    : { set, remove: [...remove, switched.mark] };
}

/** Presses a switch, whatever it stood at. False: somebody else keeps pressing; try again. */
export async function press(needs: Needs, merchant: MerchantId, author: Author, event: Switched): Promise<boolean> {
  const pressed = await insist(needs, () => pressOnce(needs, merchant, author, event));
  return pressed ?? false;
}

async function pressOnce(
  needs: Needs,
  merchant: MerchantId,
  author: Author,
  event: Switched,
): Promise<true | undefined> {
  const stream = controlStream(merchant);
  const { end, entries } = await load<Switched>(needs, stream);
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream,
    after: end,
    at,
    ...author,
    events: [event],
    head: headOf(
      event,
      entries.flatMap((entry) => entry.events),
    ),
    also: [],
  });
  return appended.is === 'appended' ? true : undefined;
}

/**
 * Stops an account on a worker's own finding, once: an account that is stopped stays as it is. If this process dies before the stop,
 * nothing happened; after it, the account is stopped, and whoever comes again finds it so.
 */
export async function stopAccount(
  needs: Needs,
  merchant: MerchantId,
  author: Author,
  stop: Omit<Extract<Switched, { type: 'control.account-stopped' }>, 'type' | 'v'>,
): Promise<boolean> {
  const stopped = await insist(needs, async () => {
    const head = await controlHead(needs, merchant);
    if (marksOn(head).has(accountMark(stop.connection))) return true;
    const event: Switched = { type: 'control.account-stopped', v: 1, ...stop };
    const pressed = await pressOnce(needs, merchant, author, event);
    if (pressed) {
      const about = { merchant, connection: stop.connection, correlation: author.correlation };
      needs.log.alarm('account-stopped', { ...about, code: stop.reason });
    }
    return pressed;
  });
  return stopped ?? false;
}

/** What people have said of all this merchant's sending, and of restores; strongly read. */
export const controlHead = (needs: Pick<Needs, 'table'>, merchant: MerchantId): Promise<Item | undefined> =>
  needs.table.get({ table: 'state', pk: controlStream(merchant) });

/** Whether people, or a finding of ours, have stopped this account or all sending; strongly read. */
export async function isStopped(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
  connection: ConnectionName,
): Promise<boolean> {
  const marks = marksOn(await controlHead(needs, merchant));
  return marks.has(merchantMark) || marks.has(accountMark(connection));
}

/** How the switches stand, strongly read. */
export async function switches(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
): Promise<{ readonly sending: 'stopped' | 'running'; readonly stoppedAccounts: readonly ConnectionName[] }> {
  const marks = marksOn(await controlHead(needs, merchant));
  const accounts = [...marks].flatMap((mark) => parseConnection(mark.slice(merchantMark.length + 1)) ?? []);
  return { sending: marks.has(merchantMark) ? 'stopped' : 'running', stoppedAccounts: accounts.sort() };
}
