import { parseRefundId } from '../domain/ids.ts';
import { toldReference } from '../domain/refund/key.ts';
import { backMinor, evolve, type Refund } from '../domain/refund/state.ts';
import { afterAbsent, beginTelling, giveUpTelling, tellStep, told } from '../domain/refund/tell.ts';
import type { Work } from '../domain/refund/work.ts';
import { kindOf, partsOf } from '../domain/streams.ts';
import { type Instant, plus } from '../domain/time.ts';
import { changeAsRead } from './evidence.ts';
import { attempt } from './gateway-call.ts';
import type { PaymentNeeds } from './payments.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { SourceClient, Sources, TellOrder } from './ports/source.ts';
import { putOff } from './put-off.ts';
import { type Author, appendToRefund, type Loaded, loadRefund } from './refunds.ts';
import { openShop } from './shop-call.ts';

export interface NotifyNeeds extends Omit<PaymentNeeds, 'vault'> {
  readonly connections: Connections;
  readonly sources: Sources;
  /** How long this invocation still lives: a request is started only if it can also end here (F87). */
  readonly remainingMs: () => number;
}

/**
 * Tells the shop of a refund that it has no record of. At most one record by our reference: the right to tell is recorded first, and
 * whoever finds such a right without an answer asks the shop before anything is repeated.
 *
 * If this process dies: before the right is recorded, nothing happened. After it, and whether or not the request was sent, the refund
 * stays due; whoever comes then asks the shop, takes a record with our reference for its answer, and tells again only where the shop
 * has none. The money is back already: nothing here can move any.
 */
export async function notifyWork(needs: NotifyNeeds, work: Work): Promise<'done' | 'busy'> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined || kindOf(work.stream) !== 'refund') return 'done';
  const loaded = await loadRefund(needs, work.merchant, id);
  const step = tellStep(loaded.refund, needs.clock.now(), needs.tempo);
  const correlation = loaded.entries[0]?.correlation ?? work.correlation;
  const turn: Turn = { loaded, work, author: { actor: 'notify', cause: work.stream, correlation } };
  switch (step.do) {
    case 'nothing':
      return 'done';
    case 'give-up':
      return giveUp(needs, turn, step.code);
    case 'tell':
      return needs.restored === 0 ? tellNow(needs, turn) : askAsIfTold(needs, turn);
    case 'find':
      return findFirst(needs, turn);
  }
}

interface Turn {
  readonly loaded: Loaded;
  readonly work: Work;
  readonly author: Author;
}

/** A restored journal may have forgotten that the shop was told (F117): the right is taken, and the shop asked as if it had been used. */
async function askAsIfTold(needs: NotifyNeeds, turn: Turn): Promise<'done' | 'busy'> {
  const reference = toldReference(turn.loaded.id, needs.installation, needs.hash);
  const mine = await takeRight(needs, turn, reference);
  return mine === undefined ? 'busy' : findFirst(needs, { ...turn, loaded: mine });
}

/** Takes the right, and tells: the right first, also where the shop can't be reached now, so that trying has a beginning and an end. */
async function tellNow(needs: NotifyNeeds, turn: Turn): Promise<'done' | 'busy'> {
  const needed = needs.tempo.latestStartMs + needs.tempo.gatewayLimitMs;
  if (needs.remainingMs() < needed) return 'busy';
  const { loaded } = turn;
  const reference = toldReference(loaded.id, needs.installation, needs.hash);
  const latestStart = plus(needs.clock.now(), needs.tempo.latestStartMs);
  const mine = await takeRight(needs, turn, reference);
  if (mine === undefined) return 'busy';
  const opened = await open(needs, mine);
  const order = orderOf(mine.refund, reference, latestStart, needs.tempo.gatewayLimitMs);
  if (opened === undefined || order === undefined) return 'done';
  const about = { correlation: turn.author.correlation, connection: opened.connection, refund: loaded.id };
  const outcome = await attempt(needs, 'tell', about, () => opened.shop.tell(order));
  const now = { ...turn, loaded: mine };
  switch (outcome.is) {
    case 'told':
      return changeAsRead(needs, now, (refund) => told(refund, outcome.theirs));
    case 'refused':
      // A refusal can be about our own earlier success: only a first request is believed at once.
      return attempts(mine.refund) === 1 ? giveUp(needs, now, outcome.code) : findFirst(needs, now, outcome.code);
    case 'unknown':
      return 'done'; // due after a moment; then the shop is asked
  }
}

/** Only on the refund as it was read: undefined where somebody was first, and what comes of it is theirs. */
async function takeRight(needs: NotifyNeeds, { loaded, author }: Turn, reference: string): Promise<Loaded | undefined> {
  const at = needs.clock.now();
  const decision = beginTelling(loaded.refund, reference);
  if (decision.is !== 'events') return undefined;
  const { events } = decision;
  const appended = await appendToRefund(needs, loaded, { author, at, events });
  if (appended.is !== 'appended') return undefined;
  const refund = events.reduce((state, event) => evolve(state, event, at), loaded.refund);
  return { ...loaded, refund, end: appended.end };
}

const attempts = (refund: Refund): number =>
  refund.is === 'approved' && refund.telling?.is === 'telling' ? refund.telling.attempts : 0;

/** `refused`: the shop just said no to a repetition. */
async function findFirst(needs: NotifyNeeds, turn: Turn, refused?: string): Promise<'done' | 'busy'> {
  const { loaded, author } = turn;
  const opened = await open(needs, loaded);
  if (opened === undefined || loaded.refund.is !== 'approved') return waitLonger(needs, turn);
  const { connection, shop } = opened;
  const reference = toldReference(loaded.id, needs.installation, needs.hash);
  const askedAt = needs.clock.now();
  const query = { return: loaded.refund.return.id, reference, limitMs: needs.tempo.gatewayLimitMs };
  const about = { correlation: author.correlation, connection, refund: loaded.id };
  const found = await attempt(needs, 'find-told', about, () => shop.findTold(query));
  if (found.is === 'cannot-tell') return waitLonger(needs, turn);
  if (found.is === 'found') return changeAsRead(needs, turn, (refund) => told(refund, found.theirs));
  if (refused !== undefined) return giveUp(needs, turn, refused);
  const then = afterAbsent(loaded.refund, askedAt, shop.rules, needs.tempo);
  if (then.do === 'wait') return waitLonger(needs, turn);
  return then.do === 'tell' ? tellNow(needs, turn) : giveUp(needs, turn, then.code);
}

function giveUp(needs: NotifyNeeds, turn: Turn, code: string): Promise<'done' | 'busy'> {
  const { loaded, author } = turn;
  needs.log.alarm('tell-failed', { stream: loaded.id, correlation: author.correlation, code });
  return changeAsRead(needs, turn, (refund) => giveUpTelling(refund, code));
}

async function open(
  needs: NotifyNeeds,
  { refund, merchant }: Loaded,
): Promise<{ readonly connection: Connection; readonly shop: SourceClient } | undefined> {
  if (refund.is === 'none') return undefined;
  const connection = await needs.connections.find(refund.return.connection);
  // Given to another merchant since: its shop knows nothing of this refund, and is not told (F23).
  const shop = connection?.merchant === merchant ? await openShop(needs, connection) : undefined;
  return connection && shop && { connection, shop };
}

function orderOf(refund: Refund, reference: string, latestStart: Instant, limitMs: number): TellOrder | undefined {
  if (refund.is !== 'approved') return undefined;
  const { quote, currency } = refund;
  const shipping = quote.shippingMinor + quote.shippingTaxMinor;
  return {
    return: refund.return.id,
    lines: quote.lines.filter(({ quantity }) => quantity > 0).map(({ id, quantity }) => ({ id, quantity })),
    shippingMinor: shipping > 0n ? shipping : 0n,
    amountMinor: backMinor(refund),
    currency,
    reference,
    latestStart,
    limitMs,
  };
}

/** Nobody says: no fact, only a longer wait each time. */
const waitLonger = (needs: NotifyNeeds, { loaded, work }: Turn): Promise<'done'> =>
  putOff(needs, { stream: work.stream, end: loaded.end });
