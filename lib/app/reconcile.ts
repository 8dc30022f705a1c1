import { type PaymentId, parseRefundId, type RefundId } from '../domain/ids.ts';
import type { CaptureNews, DisputeNews, FraudNews, RefundEvidence, RefundNews } from '../domain/notice.ts';
import type { Source } from '../domain/refund/event.ts';
import { type Leg, liveEvidence } from '../domain/refund/leg.ts';
import { legIn } from '../domain/refund/state.ts';
import type { Work } from '../domain/refund/work.ts';
import { kindOf, theirsItem } from '../domain/streams.ts';
import { minute, plus } from '../domain/time.ts';
import { adopt } from './adopt.ts';
import { markRefunded } from './disputed-legs.ts';
import { learnDispute, learnWarning } from './disputes.ts';
import { takeEvidence } from './evidence.ts';
import { type CallNeeds, look, openIfPossible } from './gateway-call.ts';
import { connectionOf } from './if-available.ts';
import { countable, learnPayment, type Word } from './learn-payment.ts';
import { lookAgain } from './look-again.ts';
import { noticeToDo, openNews, type StoredNotice } from './notices.ts';
import { isOurs, oursOf, type PaymentNeeds, paymentNamed } from './payments.ts';
import { pollRefund } from './poll.ts';
import type { Connection } from './ports/connections.ts';
import { later, opened, putOff, quarantine } from './put-off.ts';
import { type Author, type Loaded, loadRefund, underOne } from './refunds.ts';
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
}

async function reconcileNotice(needs: ReconcileNeeds, work: Work): Promise<'done' | 'busy'> {
  const found = await noticeToDo(needs, work, 'reconcile');
  if (found === undefined) return 'done';
  const { notice, author } = found;
  const connection = await connectionOf(needs, notice.merchant, notice.connection);
  // Taken out of the settings, perhaps for a moment, another merchant's by now, or not usable: what the gateway said is not lost by that.
  if (connection === undefined) return later(needs, notice, author);
  const content = notice.recorded.kind === 'gateway' ? await opened(needs, notice, author, openNews) : 'foreign';
  if (content === 'done' || content === 'busy') return content;
  if (content === 'foreign') return quarantine(needs, notice, author, 'unusable');
  const news = { notice, connection, author };
  switch (content.about) {
    case 'capture':
      return captured(needs, news, content);
    case 'refund':
      return refunded(needs, news, content);
    default:
      return disputed(needs, news, content);
  }
}

async function captured(needs: ReconcileNeeds, news: News, capture: CaptureNews): Promise<'done' | 'busy'> {
  const { notice, connection, author } = news;
  const word = await wordOf(needs, news, capture);
  if (word === 'later') return later(needs, notice, author);
  await learnPayment(needs, connection, word, author);
  return settleNotice(needs, notice, author, 'evidence-taken');
}

/** A capture that we hear of this long after it happened may have been refunded in part by somebody else meanwhile. */
const oldCaptureMs = 10 * minute;

/**
 * What the gateway says of a payment nobody knew: for an old capture all of it, so that the first balance is not too high. Where it does
 * not say, or more than one transaction counts, `later`: the capture alone would promise what may be gone (F44).
 */
async function wordOf(needs: ReconcileNeeds, { connection, author }: News, news: CaptureNews): Promise<Word | 'later'> {
  const order = news.order === undefined ? {} : { order: news.order };
  const word = { names: news.payment, captures: [news.capture], refunds: [], ...order };
  const reference = news.payment[0];
  if (needs.clock.now() < plus(news.capture.at, oldCaptureMs) || reference === undefined) return word;
  const known = await paymentNamed(needs, { merchant: connection.merchant, connection: connection.name }, reference);
  if (known !== undefined) return word;
  const gateway = await openIfPossible(needs, connection);
  if (gateway === undefined) return 'later';
  const looked = await look(needs, gateway, { correlation: author.correlation, connection }, reference);
  if (looked.is === 'cannot-tell' || (looked.is === 'payment' && !countable(looked))) return 'later';
  return looked.is === 'payment' && looked.captures.length > 0 ? { ...order, ...looked } : word;
}

async function refunded(
  needs: ReconcileNeeds,
  news: News,
  { evidence, payment }: RefundNews,
): Promise<'done' | 'busy'> {
  const ours = (await legOfClaim(needs, news, evidence)) ?? (await legOfKey(needs, news, evidence, payment));
  if (ours === undefined) return external(needs, news, evidence, payment);
  const { connection } = news;
  const author = underOne(ours.loaded, news.author);
  const newest = await newestOf(needs, { ...ours, connection, author }, evidence);
  if (newest === 'later') return later(needs, news.notice, news.author);
  if (newest === 'busy') return 'busy';
  const taken = await takeEvidence(needs, { ...ours, connection, author, ...newest });
  // The notice keeps the correlation id of its own delivery: this line joins the two.
  const about = { merchant: connection.merchant, connection: connection.name, leg: ours.leg.leg };
  needs.log.note('news-taken', { correlation: author.correlation, stream: news.notice.stream, ...about });
  return taken === 'busy' ? 'busy' : settleNotice(needs, news.notice, news.author, 'evidence-taken');
}

/**
 * A second refund for a leg. A restored journal may have forgotten that one of the two failed (F117): the first, in whose place this one was
 * made; or this one, of which late news speaks that was true once. The gateway is asked before anybody takes them for two.
 */
async function newestOf(
  needs: ReconcileNeeds,
  of: OurLeg & { readonly connection: Connection; readonly author: Author },
  evidence: RefundEvidence,
): Promise<{ readonly evidence: RefundEvidence; readonly source: Source } | 'busy' | 'later'> {
  const asTold = { evidence, source: 'webhook' } as const;
  const { loaded, leg, author } = of;
  const live = liveEvidence(leg);
  if (needs.restored === 0 || live === undefined || live === evidence.theirs || evidence.state === 'failed')
    return asTold;
  const looked = await lookAgain(needs, { merchant: loaded.merchant, payment: leg.payment, author });
  if (looked === undefined) return 'later';
  const failed = (theirs: string) => looked.refunds.find((one) => one.theirs === theirs && one.state === 'failed');
  const second = failed(evidence.theirs);
  if (second !== undefined) return { evidence: second, source: 'lookup' };
  const first = failed(live);
  if (first === undefined) return asTold;
  const taken = await takeEvidence(needs, { ...of, evidence: first, source: 'lookup' });
  return taken === 'busy' ? 'busy' : asTold;
}

interface OurLeg {
  readonly loaded: Loaded;
  readonly leg: Leg;
}

/** The leg that this refund of the gateway's is known to be, whatever its metadata says by now: that can be edited at the gateway. */
async function legOfClaim(
  needs: ReconcileNeeds,
  { connection }: News,
  { theirs }: RefundEvidence,
): Promise<OurLeg | undefined> {
  const mac = await needs.blind(connection.merchant, connection.name, theirs);
  const item = await needs.table.get({ table: 'state', pk: theirsItem(connection.merchant, connection.name, mac) });
  const [refund, leg] = String(item?.owner ?? '').split('/');
  const id = parseRefundId(refund ?? '');
  return id && legOfRefund(needs, connection, id, Number(leg));
}

/** The leg that a key names, if this installation made the key and that leg is on that payment at this gateway account. */
async function legOfKey(
  needs: ReconcileNeeds,
  { connection, author }: News,
  evidence: RefundEvidence,
  names: readonly string[],
): Promise<OurLeg | undefined> {
  const parts = oursOf(needs, evidence);
  const ours = parts && (await legOfRefund(needs, connection, parts.refund, parts.leg));
  if (ours === undefined) return undefined;
  const payments = await Promise.all(
    names.map((name) => paymentNamed(needs, { merchant: connection.merchant, connection: connection.name }, name)),
  );
  const others = payments.filter((payment) => payment !== undefined && payment !== ours.leg.payment);
  if (others.length === 0 && payments.includes(ours.leg.payment)) return ours;
  // Our key on a refund of another payment, known or not: somebody copied it. It pays nobody this leg owes.
  needs.log.alarm('echo-mismatch', {
    stream: ours.loaded.id,
    leg: ours.leg.leg,
    correlation: author.correlation,
    code: 'other-payment',
  });
  return undefined;
}

async function legOfRefund(
  needs: ReconcileNeeds,
  connection: Connection,
  id: RefundId,
  number: number,
): Promise<OurLeg | undefined> {
  const loaded = await loadRefund(needs, connection.merchant, id);
  const leg = legIn(loaded.refund, number);
  return leg?.connection === connection.name ? { loaded, leg } : undefined;
}

/** A refund we did not make. One under a key of ours waits while a leg of that payment has no answer: it may be that leg's (F93). */
async function external(
  needs: ReconcileNeeds,
  news: News,
  evidence: RefundEvidence,
  names: readonly string[],
): Promise<'done' | 'busy'> {
  const { connection, author, notice } = news;
  const payment = await findPayment(needs, news, names);
  if (payment === 'later') return later(needs, notice, author);
  // An authorisation that was given up is told as a refund of it, too. No money was taken, so that none of ours can have gone back.
  if (payment === 'voided' && !isOurs(needs, evidence)) return settleNotice(needs, notice, author, 'recorded-only');
  if (payment === 'nowhere' || payment === 'voided') return quarantine(needs, notice, author, 'payment-unknown');
  const adopted = await adopt(needs, { connection, payment, author }, evidence);
  // Not dropped, however long it takes: that leg is in front of a person by then, and the money is gone from the payment.
  if (adopted === 'in-flight') return putOff(needs, notice);
  if (adopted === 'other-currency') return quarantine(needs, notice, author, adopted);
  return adopted === 'busy' ? 'busy' : settleNotice(needs, notice, author, 'evidence-taken');
}

/**
 * The freeze is recorded first. Then the gateway is asked about the payment, for what else there is and for refunds of ours on it, which are
 * marked; where it does not say, the notice comes again, and recording what is recorded changes nothing.
 */
async function disputed(needs: ReconcileNeeds, news: News, content: DisputeNews | FraudNews): Promise<'done' | 'busy'> {
  const { connection, author, notice } = news;
  const payment = await findPayment(needs, news, content.payment);
  if (payment === 'later') return later(needs, notice, author);
  if (payment === 'nowhere' || payment === 'voided') return quarantine(needs, notice, author, 'payment-unknown');
  const target = { connection, payment, author };
  if (content.about === 'fraud-warning') {
    const warned = await learnWarning(needs, target, content.warning);
    return warned === 'busy' ? 'busy' : settleNotice(needs, notice, author, 'evidence-taken');
  }
  if ((await learnDispute(needs, target, content.dispute)) === 'busy') return 'busy';
  const looked = await lookAgain(needs, { merchant: connection.merchant, payment, author });
  if (looked === undefined) return later(needs, notice, author);
  if ((await markRefunded(needs, target, looked.refunds)) === 'busy') return 'busy';
  return settleNotice(needs, notice, author, 'evidence-taken');
}

/** `voided`: by the gateway's word nothing was captured on it, and nothing will be (F43). */
async function findPayment(
  needs: ReconcileNeeds,
  { connection, author }: News,
  names: readonly string[],
): Promise<PaymentId | 'later' | 'nowhere' | 'voided'> {
  for (const name of names) {
    const known = await paymentNamed(needs, { merchant: connection.merchant, connection: connection.name }, name);
    if (known !== undefined) return known;
  }
  const reference = names[0];
  if (reference === undefined) return 'nowhere';
  const gateway = await openIfPossible(needs, connection);
  if (gateway === undefined) return 'later';
  const looked = await look(needs, gateway, { correlation: author.correlation, connection }, reference);
  if (looked.is === 'cannot-tell' || (looked.is === 'payment' && !countable(looked))) return 'later';
  if (looked.is === 'absent') return 'nowhere';
  if (looked.captures.length === 0) return looked.state === 'voided' ? 'voided' : 'nowhere';
  return learnPayment(needs, connection, looked, author);
}
