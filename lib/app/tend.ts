import { correlationId } from '../domain/ids.ts';
import { later, plus } from '../domain/time.ts';
import { attempt } from './gateway-call.ts';
import { shardOf } from './heads.ts';
import { ifAvailable } from './if-available.ts';
import { importGap } from './import-gap.ts';
import type { Connection } from './ports/connections.ts';
import { restoreOf } from './restore.ts';
import { openShop } from './shop-call.ts';
import { readStanding, type Standing } from './standing.ts';
import { aboutTurn, type Stand, said, save, type TendNeeds, type Turn } from './tend-turn.ts';

/**
 * Looks after the subscriptions of every shop that can take them away (F33): finds what is missing, subscribes again, and asks for what
 * was missed. After a restore the time that the tables forgot is asked for in the same way, though nothing is missing (F117). Answers how many shops were tended. A shop that does not answer, or a store that does not, costs the others nothing.
 */
export async function tend(needs: TendNeeds): Promise<number> {
  const shops: Connection[] = [];
  for (const merchant of needs.merchants) {
    const connections = (await ifAvailable(() => needs.connections.of(merchant))) ?? [];
    shops.push(...connections.filter(({ kind }) => kind === 'source'));
  }
  // Another one first each time: those that take all the time there is must not keep the same others waiting for ever.
  const first = shardOf(String(needs.clock.now()), Math.max(1, shops.length));
  let tended = 0;
  for (const connection of [...shops.slice(first), ...shops.slice(0, first)])
    if (await ifAvailable(() => tendOne(needs, connection))) tended += 1;
  return tended;
}

/**
 * The order is what makes a death harmless. That something is missing, and since when, is durable before anything is subscribed again:
 * a subscription that is back must not look as if nothing had been missed. A page's notices are durable before the place after it is.
 * Only when all pages were read does the shop count as looked at. Whoever comes next goes on at the first step that is not durable.
 */
async function tendOne(needs: TendNeeds, connection: Connection): Promise<boolean> {
  const shop = await openShop(needs, connection);
  if (shop !== undefined && shop.tending === undefined) return false;
  const { version, standing } = await readStanding(needs.table, connection);
  const first = standing ?? (await firstStanding(needs, connection));
  if (first === undefined) return false;
  const before = { connection, correlation: correlationId(needs.ids.random()), version, standing: first };
  if (shop?.tending === undefined) {
    // Its credential can't be had: that of a shop that was tended before.
    if (standing !== undefined) await remind(needs, before);
    return false;
  }
  const begun = { ...before, tending: shop.tending };
  const turn = standing === undefined ? await save(needs, begun, {}) : begun;
  const looked =
    turn &&
    (turn.standing.gap === undefined ? await look(needs, turn, standing === undefined) : await resume(needs, turn));
  if (looked !== undefined) await remind(needs, looked);
  return true;
}

/**
 * Of a shop that restored tables know nothing of: it may have been connected in the time that they forgot, which is asked for, too.
 * Undefined until a person has said when that began.
 */
async function firstStanding(needs: TendNeeds, { merchant }: Connection): Promise<Standing | undefined> {
  const now = needs.clock.now();
  const none = { lost: [], refused: [] };
  if (needs.restored === 0) return { startedAt: now, ...none };
  const { since, deployment, journal } = await restoreOf(needs, merchant);
  if (journal !== deployment) return since === null ? undefined : { startedAt: since, ...none };
  return { startedAt: now, ...none, restored: deployment };
}

const findMissing = (needs: TendNeeds, turn: Turn) =>
  attempt(needs, 'missing', aboutTurn(turn), () => turn.tending.missing({ limitMs: needs.tempo.gatewayLimitMs }));

/** `first`: nobody looked before, so that there is no time from which something could have been missed. */
async function look(needs: TendNeeds, turn: Turn, first: boolean): Promise<Turn | undefined> {
  const lookedAt = needs.clock.now();
  const found = await findMissing(needs, turn);
  if (found.is === 'cannot-tell') return turn;
  const { topics } = found;
  const { checkedAt, startedAt, lost, refused } = turn.standing;
  // Tables that were put back forgot what came after; the last look that they know of was before that.
  const forgot = needs.restored !== (turn.standing.restored ?? 0);
  const known = first || checkedAt !== undefined;
  if (topics.length === 0 && known && !forgot) {
    // Who subscribed before us may have had lost what came before the first look; what is asked for of that a person gets to see.
    const announced = first ? { announcedSince: plus(startedAt, -turn.tending.reachBackMs) } : {};
    return save(needs, turn, { checkedAt: lookedAt, lost: [], refused: [], ...announced });
  }
  if (first && !forgot) {
    const made = await subscribe(needs, turn, topics);
    const { left, unsure } = made;
    return save(needs, turn, { lost: left, refused: made.refused, ...(unsure ? {} : { checkedAt: lookedAt }) });
  }
  // Who could not look or subscribe until now misses none of them yet, and asks for all since the beginning: in between they may have been lost.
  const news = checkedAt === undefined ? [] : topics.filter((topic) => !lost.includes(topic));
  // Before it is durable, so that a death says it twice and never not at all.
  if (news.length > 0) needs.log.alarm('subscription-missing', { ...said(turn), code: news.join(' ') });
  const { announcedSince = startedAt } = turn.standing;
  const since = later(announcedSince, plus(checkedAt ?? startedAt, -turn.tending.reachBackMs));
  const opened = await save(needs, turn, {
    ...(forgot && { restored: needs.restored }),
    lost: topics,
    refused: refused.filter((topic) => topics.includes(topic)),
    gap: { since, passed: false },
  });
  return opened && makeAgain(needs, opened, topics);
}

async function resume(needs: TendNeeds, turn: Turn): Promise<Turn | undefined> {
  if (turn.standing.gap?.madeAt !== undefined) return importGap(needs, turn);
  // Some may have been made by whoever was here before.
  const found = await findMissing(needs, turn);
  return found.is === 'cannot-tell' ? turn : makeAgain(needs, turn, found.topics);
}

/** What the shop refuses leaves a person something to do, and is no reason not to ask for what was missed. */
async function makeAgain(needs: TendNeeds, turn: Turn, topics: readonly string[]): Promise<Turn | undefined> {
  const { gap } = turn.standing;
  if (gap === undefined) return turn;
  const { left, refused } = await subscribe(needs, turn, topics);
  const made = await save(needs, turn, { lost: left, refused, gap: { ...gap, madeAt: needs.clock.now() } });
  return made && importGap(needs, made);
}

interface Made {
  /** What is still missing; of it, what the shop refused. */
  readonly left: readonly string[];
  readonly refused: readonly string[];
  /** The shop did not say of some whether it is there. */
  readonly unsure: boolean;
}

async function subscribe(needs: TendNeeds, turn: Turn, topics: readonly string[]): Promise<Made> {
  const not = new Map<string, 'refused' | 'unknown'>();
  const limitMs = needs.tempo.gatewayLimitMs;
  for (const topic of topics) {
    const made = await attempt(needs, 'subscribe', aboutTurn(turn), () => turn.tending.subscribe({ topic, limitMs }));
    if (made.is === 'subscribed') needs.log.note('subscription-made', { ...said(turn), code: topic });
    else not.set(topic, made.is);
  }
  if (not.size === 0) return { left: [], refused: [], unsure: false };
  // A refusal may be about a subscription that is there, and what was not answered may be there too.
  const found = await findMissing(needs, turn);
  const left = [...not.keys()].filter((topic) => found.is === 'cannot-tell' || found.topics.includes(topic));
  const refused = left.filter((topic) => not.get(topic) === 'refused');
  const news = refused.filter((topic) => !turn.standing.refused.includes(topic));
  if (news.length > 0) needs.log.alarm('subscription-refused', { ...said(turn), code: news.join(' ') });
  return { left, refused, unsure: left.some((topic) => not.get(topic) === 'unknown') };
}

/** Aloud once a period, where nobody could look or ask to the end for so long. */
async function remind(needs: TendNeeds, turn: Stand): Promise<void> {
  const { checkedAt, startedAt, remindedAt = startedAt } = turn.standing;
  const now = needs.clock.now();
  const late = (since: typeof now) => now >= plus(since, needs.tempo.holdLimitMs);
  if (!late(checkedAt ?? startedAt) || !late(remindedAt)) return;
  needs.log.alarm('tending-overdue', said(turn));
  await save(needs, turn, { remindedAt: now });
}
