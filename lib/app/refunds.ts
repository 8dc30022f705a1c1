import type { Entry } from '../domain/chain.ts';
import type { ConnectionName, CorrelationId, MerchantId, RefundId } from '../domain/ids.ts';
import { encode } from '../domain/json.ts';
import { effectsOf, holder } from '../domain/payment.ts';
import type { Decision } from '../domain/refund/decision.ts';
import type { RefundEvent } from '../domain/refund/event.ts';
import { evolve, legOf, type Refund, replay } from '../domain/refund/state.ts';
import { reasonsOf, statusOf } from '../domain/refund/status.ts';
import { refundStream, theirsItem } from '../domain/streams.ts';
import type { Tempo } from '../domain/tempo.ts';
import type { Instant } from '../domain/time.ts';
import { effectWrite } from './balances.ts';
import { type BlindIndex, blindOrder } from './blind.ts';
import { endedLine } from './ended.ts';
import { due, sortable } from './heads.ts';
import { type Also, type Appended, append, beginning, type End, type HeadChange, load } from './journal.ts';
import type { Needs } from './needs.ts';
import { bindings } from './order-source.ts';
import { dueAtOf, followOf, heldUntil } from './refund-due.ts';
import { insist } from './retry.ts';
import { urgencyOf } from './urgency.ts';

/** A refund as it is now: its state, and where its stream ends. */
export interface Loaded {
  readonly merchant: MerchantId;
  readonly id: RefundId;
  readonly refund: Refund;
  readonly end: End;
  readonly entries: readonly Entry<RefundEvent>[];
}

export async function loadRefund(needs: Pick<Needs, 'table'>, merchant: MerchantId, id: RefundId): Promise<Loaded> {
  const { entries, end } = await load<RefundEvent>(needs, refundStream(merchant, id));
  return { merchant, id, refund: replay(entries), end, entries };
}

/** Who appends, because of what. */
export interface Author {
  readonly actor: string;
  readonly cause: string;
  readonly correlation: CorrelationId;
}

export type Changed =
  | { readonly is: 'changed'; readonly loaded: Loaded; readonly events: readonly RefundEvent[] }
  | { readonly is: 'unchanged'; readonly loaded: Loaded }
  | { readonly is: 'refused'; readonly fault: Extract<Decision, { is: 'refused' }>['fault']; readonly loaded: Loaded }
  | {
      readonly is: 'blocked';
      readonly by: string;
      readonly old: Extract<Appended, { is: 'blocked' }>['old'];
      readonly loaded: Loaded;
    }
  | { readonly is: 'busy' };

/**
 * Load, decide, append; again when somebody was first. `decide` is pure and may run several times; `also` adds writes that must
 * happen with these events. Blocked and refused are answers, not errors.
 */
export async function changeRefund(
  needs: Needs & { readonly blind: BlindIndex },
  of: {
    readonly merchant: MerchantId;
    readonly id: RefundId;
    readonly author: Author;
    readonly also?: readonly Also[];
    /** What must be durable before these events are; where it is not, they are not appended. May run several times. */
    readonly before?: (events: readonly RefundEvent[]) => Promise<boolean>;
  },
  decide: (refund: Refund, now: Instant) => Decision,
): Promise<Changed> {
  const changed = await insist<Changed>(needs, async () => {
    const loaded = await loadRefund(needs, of.merchant, of.id);
    const now = needs.clock.now();
    const decision = decide(loaded.refund, now);
    if (decision.is === 'nothing') return { is: 'unchanged', loaded };
    if (decision.is === 'refused') return { is: 'refused', fault: decision.fault, loaded };
    if (of.before !== undefined && !(await of.before(decision.events))) return undefined;
    const appended = await appendToRefund(needs, loaded, { ...of, at: now, events: decision.events });
    return outcomeOf(appended, loaded, decision.events, now);
  });
  return changed ?? { is: 'busy' };
}

function outcomeOf(
  appended: Appended,
  loaded: Loaded,
  events: readonly RefundEvent[],
  at: Instant,
): Changed | undefined {
  switch (appended.is) {
    case 'appended': {
      const refund = events.reduce((state, event) => evolve(state, event, at), loaded.refund);
      return { is: 'changed', loaded: { ...loaded, refund, end: appended.end }, events };
    }
    case 'blocked':
      return { is: 'blocked', by: appended.by, old: appended.old, loaded };
    default:
      return undefined; // stale, seen, busy: read again
  }
}

/** Whatever led here, a gateway's webhook or a person, all that happens to a refund carries the correlation id it began with. */
export const underOne = ({ entries }: Pick<Loaded, 'entries'>, author: Author): Author => ({
  ...author,
  correlation: entries[0]?.correlation ?? author.correlation,
});

/** One entry on a refund's stream, with all that it does to payments and to the index of the gateway's ids. */
export async function appendToRefund(
  needs: Needs & { readonly blind: BlindIndex },
  loaded: Pick<Loaded, 'merchant' | 'id' | 'refund' | 'end' | 'entries'>,
  input: {
    readonly author: Author;
    readonly at: Instant;
    readonly events: readonly RefundEvent[];
    readonly also?: readonly Also[];
  },
): Promise<Appended> {
  const { merchant, id, refund } = loaded;
  const { at, events } = input;
  const author = underOne(loaded, input.author);
  const after = events.reduce((state, event) => evolve(state, event, at), refund);
  const order = await orderToBind(needs, merchant, refund, after, events);
  const effects = effectsOf(id, refund, events, at).map((effect) => effectWrite(loaded, effect, order));
  const bound = await bindings(needs, merchant, { before: refund, after, events, order });
  const claims = await claimsOf(needs, loaded, after, events);
  const appended = await append(needs, {
    stream: refundStream(merchant, id),
    after: loaded.end,
    at,
    ...author,
    events,
    head: headOf(loaded, after, at, needs.tempo),
    also: [...effects, ...bound, ...claims, ...(input.also ?? [])],
  });
  if (appended.is === 'appended') {
    const tookMs = at - (loaded.entries[0]?.at ?? at);
    const line = endedLine({ merchant, id, correlation: author.correlation, tookMs }, refund, after);
    if (line !== undefined) needs.log.ended(line);
  }
  return appended;
}

/**
 * The first order that is refunded on a payment binds it, whoever approved: undefined where nothing is approved, or where a person
 * saw that the payment belongs to another order and said yes to that.
 */
async function orderToBind(
  needs: { readonly blind: BlindIndex },
  merchant: MerchantId,
  before: Refund,
  after: Refund,
  events: readonly RefundEvent[],
): Promise<string | undefined> {
  if (after.is !== 'approved' || !events.some((event) => event.type === 'refund.approved')) return undefined;
  const knowingly =
    after.cleared.includes('other-order') || (before.is === 'held' && before.reasons.includes('other-order'));
  return knowingly ? undefined : blindOrder(needs.blind, merchant, after.order);
}

export const newRefund = (merchant: MerchantId, id: RefundId): Loaded => ({
  merchant,
  id,
  refund: { is: 'none' },
  end: beginning,
  entries: [],
});

export const claimName = 'theirs';

/** Each of the gateway's refund ids belongs to one leg and is counted once (F79). */
async function claimsOf(
  needs: { readonly blind: BlindIndex },
  { merchant, id }: Pick<Loaded, 'merchant' | 'id'>,
  after: Refund,
  events: readonly RefundEvent[],
): Promise<Also[]> {
  const ids = new Map<string, { leg: number; connection: ConnectionName }>();
  for (const event of events) {
    if (event.type !== 'leg.accepted' && event.type !== 'leg.failed' && event.type !== 'leg.surplus') continue;
    ids.set(event.theirs, { leg: event.leg, connection: legOf(after, event.leg).connection });
  }
  return Promise.all(
    [...ids].map(async ([theirs, { leg, connection }]) => {
      const owner = holder(id, leg);
      const pk = theirsItem(merchant, connection, await needs.blind(merchant, connection, theirs));
      const write = {
        update: { table: 'state', pk } as const,
        set: { owner },
        only: [{ attribute: 'owner', is: 'unset-or-equal', value: owner } as const],
      };
      return { name: claimName, write };
    }),
  );
}

/** What lists and the sweep know of a refund; follows from the same state as everything else. */
function headOf(
  loaded: Pick<Loaded, 'merchant' | 'id' | 'entries'>,
  after: Refund,
  at: Instant,
  tempo: Tempo,
): HeadChange {
  if (after.is === 'none') throw new Error('a head without a refund');
  const { merchant, id } = loaded;
  const createdAt = loaded.entries[0]?.at ?? at;
  const status = statusOf(after);
  const summary = encode({
    return: after.return.id,
    source: after.return.connection,
    order: after.order,
    amountMinor: after.quote.amountMinor,
    currency: after.currency,
    reasons: reasonsOf(after),
    createdAt,
  });
  const dueAt = dueAtOf(after, at, tempo);
  const held = heldUntil(after);
  const urgency = urgencyOf(after, at, tempo);
  const stop = due(refundStream(merchant, id), dueAt);
  const sort = `${sortable(createdAt)}#${id}`;
  return {
    set: {
      ...stop.set,
      status,
      summary,
      follow: followOf(after).join(' '),
      ...held,
      ...urgency.set,
      tries: 0n,
      dayKey: dayKey(merchant, id),
      daySort: sort,
      orderKey: orderKey(merchant, after.order),
      orderSort: sort,
    },
    remove: [...stop.remove, ...urgency.remove, ...('heldUntil' in held ? [] : ['heldUntil'])],
  };
}

export const dayShards = 4;
export const dayShardKey = (merchant: MerchantId, shard: number): string => `${merchant}#refunds#${shard}`;
const dayKey = (merchant: MerchantId, id: RefundId) =>
  dayShardKey(merchant, Number.parseInt(id.slice(-1), 16) % dayShards);
export const orderKey = (merchant: MerchantId, order: string): string => `${merchant}#order#${order}`;
