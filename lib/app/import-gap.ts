import { encode } from '../domain/json.ts';
import type { Notice } from '../domain/notice.ts';
import { isStated } from '../domain/return.ts';
import { returnItem } from '../domain/streams.ts';
import { plus } from '../domain/time.ts';
import { attempt } from './gateway-call.ts';
import type { Change } from './ports/source.ts';
import { recordNotice } from './record-notice.ts';
import { readReturn } from './returns.ts';
import type { Gap } from './standing.ts';
import { aboutTurn, said, save, type TendNeeds, type Turn } from './tend-turn.ts';

/** So many pages of one shop in one run; the place is kept, and the next run goes on. */
const mostPages = 20;

/**
 * Asks for what was missed, page by page, and records each as a hint like any webhook's: the shop is asked how it stands before anything
 * is paid. Twice, since what the shop searches may lag behind what it has: the pass that closes the gap began a while (`absenceMs`)
 * after the subscriptions were back, when whatever it could not show yet came by webhook.
 */
export async function importGap(needs: TendNeeds, turn: Turn): Promise<Turn | undefined> {
  let now: Turn | undefined = await begun(needs, turn);
  for (let page = 0; page < mostPages; page += 1) {
    const gap = now?.standing.gap;
    if (now === undefined || gap?.passAt === undefined) return now;
    // A page, and time to record it: what is not begun is not lost.
    if (needs.remainingMs() < 2 * needs.tempo.gatewayLimitMs) return now;
    const next = await onePage(needs, now, { ...gap, passAt: gap.passAt });
    if (next === now) return now;
    now = next;
  }
  return now;
}

const settledAt = (needs: TendNeeds, { madeAt }: Gap) => plus(madeAt ?? needs.clock.now(), needs.tempo.absenceMs);

/** The pass under way, or a new one where it is time for one. When it began is durable: it is in the name of what it records. */
async function begun(needs: TendNeeds, turn: Turn): Promise<Turn | undefined> {
  const { gap } = turn.standing;
  const now = needs.clock.now();
  if (gap === undefined || gap.passAt !== undefined) return turn;
  if (gap.passed && now < settledAt(needs, gap)) return turn;
  return save(needs, turn, { gap: { ...gap, passAt: now } });
}

type Pass = Gap & Required<Pick<Gap, 'passAt'>>;

/** The same turn where the shop does not answer; undefined where somebody else goes on. */
async function onePage(needs: TendNeeds, turn: Turn, gap: Pass): Promise<Turn | undefined> {
  const { cursor, passAt, ...rest } = gap;
  const limitMs = needs.tempo.gatewayLimitMs;
  const query = { since: gap.since, limitMs, ...(cursor !== undefined && { cursor }) };
  const answer = await attempt(needs, 'changes', aboutTurn(turn), () => turn.tending.changes(query));
  if (answer.is === 'cannot-tell') return turn;
  if (answer.is === 'start-over') return save(needs, turn, { gap: { ...rest, passAt } });
  const notices: Notice[] = answer.unread.map((id) => forAPerson(needs, gap, id));
  for (const change of answer.changes) notices.push(await noticeOf(needs, turn, gap, change));
  let count = 0;
  for (const notice of notices) {
    const origin = { connection: turn.connection, correlation: turn.correlation, actor: 'tend' };
    if ((await recordNotice(needs, origin, notice)) === 'recorded') count += 1;
  }
  if (count > 0) needs.log.note('missed-recorded', { ...said(turn), count });
  if (answer.next !== undefined) return save(needs, turn, { gap: { ...rest, passAt, cursor: answer.next } });
  return passEnded(needs, turn, gap);
}

async function passEnded(needs: TendNeeds, turn: Turn, gap: Pass): Promise<Turn | undefined> {
  const { cursor: _, passAt, ...rest } = gap;
  if (passAt < settledAt(needs, gap)) return save(needs, turn, { gap: { ...rest, passed: true } });
  const { gap: __, ...standing } = turn.standing;
  // All was there when it was made again. What was lost since then the next look finds.
  const checkedAt = gap.madeAt ?? gap.since;
  const closed = await save(needs, { ...turn, standing }, { checkedAt });
  if (closed !== undefined) needs.log.note('gap-closed', said(turn));
  return closed;
}

const named = (needs: TendNeeds, ...parts: readonly unknown[]) => {
  const id = needs.hash(encode(['missed', ...parts]));
  return { id, sameness: id };
};

/**
 * Under a name of this gap and this pass: the same return that is missed again in a later gap is another hint, and a page that is read
 * again after a death is the same one.
 */
async function noticeOf(needs: TendNeeds, turn: Turn, gap: Pass, change: Change): Promise<Notice> {
  const { subject, createdAt, changedAt } = change;
  if (createdAt < turn.standing.startedAt && !(await isKnown(needs, turn, change)))
    return forAPerson(needs, gap, subject.id);
  const { since, passAt } = gap;
  return { kind: 'hint', ...named(needs, since, passAt, subject.id, changedAt), type: `missed ${subject.is}`, subject };
}

/** Something was promised for it here. What is older than our looking and is not known may have been paid in another way. */
async function isKnown({ table }: TendNeeds, { connection }: Turn, { subject }: Change): Promise<boolean> {
  const pk = returnItem(connection.merchant, connection.name, subject.return);
  const head = readReturn(await table.get({ table: 'state', pk }));
  return head !== undefined && isStated(head);
}

/** Quarantined, with an alarm that names it; once a gap. */
const forAPerson = (needs: TendNeeds, { since }: Gap, id: string): Notice => ({
  kind: 'unknown',
  ...named(needs, since, id),
  type: `missed ${id}`.slice(0, 100),
});
