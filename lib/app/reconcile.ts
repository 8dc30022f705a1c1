import { type PaymentId, parseRefundId } from '../domain/ids.ts';
import type { CaptureNews, RefundEvidence, RefundNews } from '../domain/notice.ts';
import { hold } from '../domain/refund/decide.ts';
import { type KeyParts, readKey } from '../domain/refund/key.ts';
import type { Leg } from '../domain/refund/leg.ts';
import { nextPoll, nextStep } from '../domain/refund/step.ts';
import type { Work } from '../domain/refund/work.ts';
import { kindOf, partsOf } from '../domain/streams.ts';
import { backoff } from '../domain/tempo.ts';
import { plus } from '../domain/time.ts';
import { adopt } from './adopt.ts';
import { change, takeEvidence } from './evidence.ts';
import { type CallNeeds, find, look } from './gateway-call.ts';
import { postpone, triesOf } from './heads.ts';
import { learnPayment } from './learn-payment.ts';
import { loadNotice, openNews, type StoredNotice } from './notices.ts';
import { getPayment, openPayment, type PaymentNeeds, paymentNamed } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import { type Author, type Loaded, loadRefund } from './refunds.ts';
import { settleNotice } from './settle.ts';

export type ReconcileNeeds = CallNeeds & PaymentNeeds;

/**
 * What gateways say, against what we know: their notices, and polls of what they have not finished. Evidence only; nothing here ever
 * sends money. Order and repetition do not matter, since each piece is kept under the gateway's own id.
 */
export async function reconcileWork(needs: ReconcileNeeds, work: Work): Promise<'done' | 'busy'> {
  switch (kindOf(work.stream)) {
    case 'notice':
      return reconcileNotice(needs, work);
    case 'refund':
      return pollRefund(needs, work);
    default:
      return 'done';
  }
}

interface News {
  readonly notice: StoredNotice;
  readonly connection: Connection;
  readonly author: Author;
  readonly work: Work;
}

async function reconcileNotice(needs: ReconcileNeeds, work: Work): Promise<'done' | 'busy'> {
  const notice = await loadNotice(needs, work.merchant, work.stream);
  const head = await needs.table.get({ table: 'state', pk: work.stream });
  if (notice === undefined || head === undefined || head.status === 'done') return 'done';
  const connection = await needs.connections.find(notice.connection);
  const author: Author = {
    actor: 'reconcile',
    cause: work.stream,
    correlation: notice.entries[0]?.correlation ?? work.correlation,
  };
  const content = notice.recorded.kind === 'gateway' && connection ? await openNews(needs.vault, notice) : 'foreign';
  if (content === 'foreign' || connection === undefined) {
    needs.log.alarm('notice-quarantined', { stream: work.stream, correlation: author.correlation, code: 'unusable' });
    return settleNotice(needs, notice, author, 'quarantined');
  }
  const news = { notice, connection, author, work };
  return content.about === 'capture' ? captured(needs, news, content) : refunded(needs, news, content);
}

async function captured(
  needs: ReconcileNeeds,
  { notice, connection, author }: News,
  news: CaptureNews,
): Promise<'done' | 'busy'> {
  const order = news.order === undefined ? {} : { order: news.order };
  await learnPayment(
    needs,
    connection,
    { names: news.payment, captures: [news.capture], refunds: [], ...order },
    author,
  );
  return settleNotice(needs, notice, author, 'evidence-taken');
}

async function refunded(
  needs: ReconcileNeeds,
  news: News,
  { evidence, payment }: RefundNews,
): Promise<'done' | 'busy'> {
  const ours = await legOfKey(needs, news, evidence);
  if (ours === undefined) return external(needs, news, evidence, payment);
  const { author, connection } = news;
  const taken = await takeEvidence(needs, { ...ours, connection, author, evidence, source: 'webhook' });
  return taken === 'busy' ? 'busy' : settleNotice(needs, news.notice, author, 'evidence-taken');
}

/** The leg that a key names, if this installation made the key and that leg is at this gateway account. */
async function legOfKey(
  needs: ReconcileNeeds,
  { connection }: News,
  evidence: RefundEvidence,
): Promise<{ loaded: Loaded; leg: Leg } | undefined> {
  const parts: KeyParts | undefined =
    evidence.key === undefined ? undefined : readKey(evidence.key, needs.installation, needs.hash);
  if (parts === undefined) return undefined;
  const loaded = await loadRefund(needs, connection.merchant, parts.refund);
  const leg = loaded.refund.is === 'approved' ? loaded.refund.legs.find((one) => one.leg === parts.leg) : undefined;
  return leg?.connection === connection.name ? { loaded, leg } : undefined;
}

/** A refund we did not make. While one of ours has no answer on that payment it waits: it may be that one (F93). */
async function external(
  needs: ReconcileNeeds,
  news: News,
  evidence: RefundEvidence,
  names: readonly string[],
): Promise<'done' | 'busy'> {
  const { connection, author, notice } = news;
  const payment = await findPayment(needs, news, names);
  if (payment === 'later') return later(needs, news);
  if (payment === 'nowhere') {
    needs.log.alarm('notice-quarantined', {
      stream: notice.stream,
      correlation: author.correlation,
      code: 'payment-unknown',
    });
    return settleNotice(needs, notice, author, 'quarantined');
  }
  const adopted = await adopt(needs, { connection, payment, author }, evidence);
  if (adopted === 'in-flight') return later(needs, news);
  return adopted === 'busy' ? 'busy' : settleNotice(needs, notice, author, 'evidence-taken');
}

async function findPayment(
  needs: ReconcileNeeds,
  { connection, author }: News,
  names: readonly string[],
): Promise<PaymentId | 'later' | 'nowhere'> {
  for (const name of names) {
    const known = await paymentNamed(needs, { merchant: connection.merchant, connection: connection.name }, name);
    if (known !== undefined) return known;
  }
  const reference = names[0];
  if (reference === undefined) return 'nowhere';
  const gateway = await needs.gateways.open(connection);
  const looked = await look(needs, gateway, { correlation: author.correlation, connection }, reference);
  if (looked.is === 'cannot-tell') return 'later';
  if (looked.is === 'absent' || looked.captures.length === 0) return 'nowhere';
  return learnPayment(needs, connection, looked, author);
}

/** No fact yet: only the due time moves, and the sweep brings it back. */
async function later(needs: ReconcileNeeds, { notice }: News): Promise<'done'> {
  const head = await needs.table.get({ table: 'state', pk: notice.stream });
  const tries = triesOf(head) + 1;
  const until = plus(needs.clock.now(), backoff(needs.tempo.askAgainMs, tries - 1));
  await postpone(needs.table, notice.stream, { version: notice.end.version, until, tries });
  return 'done';
}

/** Asks about refunds that the gateway has not finished, since a webhook may never come (F91). */
async function pollRefund(needs: ReconcileNeeds, work: Work): Promise<'done' | 'busy'> {
  const id = parseRefundId(partsOf(work.stream)[0] ?? '');
  if (id === undefined) return 'done';
  const loaded = await loadRefund(needs, work.merchant, id);
  if (loaded.refund.is !== 'approved') return 'done';
  for (const leg of loaded.refund.legs.filter((one) => one.now.is === 'pending')) {
    const polled = await pollLeg(needs, work, loaded, leg);
    if (polled === 'busy') return 'busy';
  }
  return 'done';
}

async function pollLeg(needs: ReconcileNeeds, work: Work, loaded: Loaded, leg: Leg): Promise<'done' | 'busy'> {
  const connection = await needs.connections.find(leg.connection);
  const stored = await getPayment(needs, loaded.merchant, leg.payment);
  const secrets = stored && (await openPayment(needs, loaded.merchant, leg.payment, stored));
  if (connection === undefined || secrets === undefined || secrets === 'foreign') return 'done';
  const gateway = await needs.gateways.open(connection);
  const correlation = loaded.entries[0]?.correlation ?? work.correlation;
  const author: Author = { actor: 'reconcile', cause: work.stream, correlation };
  const of = { loaded, leg, connection, author };
  const step = nextStep(leg, needs.clock.now(), gateway.capabilities, needs.tempo);
  if (step.do === 'hold') {
    needs.log.alarm('refund-held', { stream: loaded.id, leg: leg.leg, correlation, code: step.reasons[0] ?? '' });
    return change(needs, of, (refund, now) => hold(refund, leg.leg, step.reasons, { now, tempo: needs.tempo }));
  }
  const about = { correlation, connection, refund: loaded.id, leg: leg.leg, epoch: leg.epoch };
  const found = await find(needs, gateway, about, { reference: secrets.reference, keys: leg.keys });
  for (const evidence of found.is === 'found' ? found.matches : []) {
    const taken = await takeEvidence(needs, { ...of, evidence, source: 'lookup' });
    if (taken === 'busy') return 'busy';
  }
  if (leg.now.is === 'pending') {
    const until = nextPoll(leg.now.since, needs.clock.now(), needs.tempo);
    await postpone(needs.table, work.stream, { version: loaded.end.version, until, tries: 0 });
  }
  return 'done';
}
