import type { Event } from '../domain/events.ts';
import { type ConnectionName, type MerchantId, parseConnection } from '../domain/ids.ts';
import { controlStream } from '../domain/streams.ts';
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

const merchantMark = 'stopped';
/** A connection's name holds letters, digits and hyphens only, so that no two marks are one. */
const accountMark = (connection: ConnectionName): string => `${merchantMark}.${connection}`;

/** What must hold in the transaction that gives the right to send through this account. */
export const mayStart = (merchant: MerchantId, connection: ConnectionName): Write => ({
  check: { table: 'state', pk: controlStream(merchant) },
  only: [merchantMark, accountMark(connection)].map((attribute): Condition => ({ attribute, is: 'unset' })),
});

function headOf(event: Switched): HeadChange {
  switch (event.type) {
    case 'control.sending-stopped':
      return { set: { [merchantMark]: true } };
    case 'control.sending-resumed':
      return { set: {}, remove: [merchantMark] };
    case 'control.account-stopped':
      return { set: { [accountMark(event.connection)]: true } };
    case 'control.account-resumed':
      return { set: {}, remove: [accountMark(event.connection)] };
  }
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
  const { end } = await load(needs, stream);
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream,
    after: end,
    at,
    ...author,
    events: [event],
    head: headOf(event),
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
    const head = await headItem(needs, merchant);
    if (head?.[accountMark(stop.connection)] === true) return true;
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

const headItem = (needs: Pick<Needs, 'table'>, merchant: MerchantId): Promise<Item | undefined> =>
  needs.table.get({ table: 'state', pk: controlStream(merchant) });

/** How the switches stand, strongly read. */
export async function switches(
  needs: Pick<Needs, 'table'>,
  merchant: MerchantId,
): Promise<{ readonly sending: 'stopped' | 'running'; readonly stoppedAccounts: readonly ConnectionName[] }> {
  const head = await headItem(needs, merchant);
  const marks = Object.keys(head ?? {}).filter((name) => name.startsWith(`${merchantMark}.`));
  const accounts = marks.flatMap((mark) => parseConnection(mark.slice(merchantMark.length + 1)) ?? []);
  return { sending: head?.[merchantMark] === true ? 'stopped' : 'running', stoppedAccounts: accounts.sort() };
}
