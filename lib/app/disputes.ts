import { type Balance, learn, type PaymentEvent } from '../domain/balance.ts';
import type { PaymentId } from '../domain/ids.ts';
import type { Currency } from '../domain/money.ts';
import type { Dispute, DisputeStage, FraudWarning } from '../domain/notice.ts';
import { paymentStream, theirsItem } from '../domain/streams.ts';
import { alarmIfOverdrawn } from './adopt.ts';
import type { Also } from './journal.ts';
import { appendToPayment, getPayment, type PaymentNeeds } from './payments.ts';
import type { Connection } from './ports/connections.ts';
import type { Author } from './refunds.ts';
import { insist } from './retry.ts';

/**
 * How far a dispute has come. It only moves on, so that any order and any repetition of news comes to the same: an inquiry may be closed
 * and become formal later under the same id; what was lost stays lost, since that is the side on which nobody is paid twice.
 */
const standings = ['inquiry-open', 'inquiry-won', 'formal-open', 'formal-won', 'lost'] as const;
type Standing = (typeof standings)[number];

const standingOf = ({ stage, kind }: Dispute): Standing => (stage === 'lost' ? 'lost' : `${kind}-${stage}`);
const isOpen = (standing: string | undefined) => standing?.endsWith('-open') === true;
const goesOn = (from: string | undefined, to: Standing) => standings.indexOf(to) > standings.indexOf(from as Standing);

type DisputeEvent = Extract<
  PaymentEvent,
  { type: 'payment.dispute-opened' | 'payment.dispute-won' | 'payment.dispute-lost' }
>;

/** What a dispute's news comes to, after what was known of it. Every one is opened before it is closed, whatever was heard first. */
function eventsOf(
  theirs: string,
  dispute: Dispute,
  known: string | undefined,
  on: { readonly balance: Balance; readonly currency: Currency },
): DisputeEvent[] {
  const { kind, reason } = dispute;
  const opened: DisputeEvent = {
    type: 'payment.dispute-opened',
    v: 1,
    theirs,
    kind,
    ...(reason === undefined ? {} : { reason }),
  };
  const won: DisputeEvent = { type: 'payment.dispute-won', v: 1, theirs };
  switch (dispute.stage) {
    case 'open':
      // An inquiry that became formal: the one ends as the other begins.
      return isOpen(known) ? [won, opened] : [opened];
    case 'won':
      return isOpen(known) ? [won] : [opened, won];
    case 'lost': {
      const lost: DisputeEvent = { type: 'payment.dispute-lost', v: 1, theirs, amountMinor: goneWith(dispute, on) };
      return isOpen(known) ? [lost] : [opened, lost];
    }
  }
}

/** In money that can't be compared with the payment's, a lost dispute takes all that was captured: then nobody is paid twice. */
function goneWith(dispute: Dispute, { balance, currency }: { balance: Balance; currency: Currency }): bigint {
  if (comparable(dispute, currency)) return dispute.amountMinor ?? 0n;
  const left = balance.capturedMinor - balance.chargedBackMinor;
  return left > 0n ? left : 0n;
}

const comparable = (dispute: Dispute, currency: Currency) =>
  dispute.amountMinor !== undefined && dispute.currency === currency;

/** Disputes of a payment that nobody knew, as part of its first entry: there is no moment at which it is known and not frozen. */
export async function firstDisputes(
  needs: PaymentNeeds,
  connection: Connection,
  disputes: readonly Dispute[],
  on: { readonly balance: Balance; readonly currency: Currency },
): Promise<{ events: DisputeEvent[]; also: Also[] }> {
  let { balance } = on;
  const events: DisputeEvent[] = [];
  const also: Also[] = [];
  for (const dispute of disputes) {
    const mac = await needs.blind(connection.merchant, connection.name, dispute.theirs);
    const more = eventsOf(mac, dispute, undefined, { balance, currency: on.currency });
    balance = more.reduce(learn, balance);
    events.push(...more);
    also.push(remember(connection, mac, undefined, standingOf(dispute)));
  }
  return { events, also };
}

interface Target {
  readonly connection: Connection;
  readonly payment: PaymentId;
  readonly author: Author;
}

/** Records a dispute's news on a known payment: opened, it freezes every leg that is not sent yet, from this write on (F46). */
export async function learnDispute(needs: PaymentNeeds, target: Target, dispute: Dispute): Promise<'done' | 'busy'> {
  const { connection, payment: id, author } = target;
  const { merchant } = connection;
  const mac = await needs.blind(merchant, connection.name, dispute.theirs);
  const learned = await insist<'done' | DisputeEvent[]>(needs, async () => {
    const stored = await getPayment(needs, merchant, id);
    if (stored === undefined) return undefined;
    const known = await knownStage(needs, connection, mac);
    const standing = standingOf(dispute);
    if (!goesOn(known, standing)) return 'done';
    const events = eventsOf(mac, dispute, known, stored);
    const also = [remember(connection, mac, known, standing)];
    const appended = await appendToPayment(needs, { merchant, id, stored }, author, events, also);
    if (appended !== 'appended') return undefined;
    if (dispute.stage === 'lost' && !comparable(dispute, stored.currency))
      tell(needs, target, 'dispute-lost', 'amount');
    return events;
  });
  if (learned === undefined) return 'busy';
  if (learned === 'done') return 'done';
  for (const event of learned) {
    if (event.type === 'payment.dispute-opened') tell(needs, target, 'dispute-opened', event.kind);
    if (event.type === 'payment.dispute-lost') tell(needs, target, 'dispute-lost', 'charged-back');
  }
  await alarmIfOverdrawn(needs, target);
  return 'done';
}

/** A warning changes no balance; each is recorded once, and once more when nothing can be done about it any more. */
export async function learnWarning(
  needs: PaymentNeeds,
  target: Target,
  warning: FraudWarning,
): Promise<'done' | 'busy'> {
  const { connection, payment: id, author } = target;
  const { merchant } = connection;
  const { actionable, reason } = warning;
  const mac = await needs.blind(merchant, connection.name, warning.theirs);
  const learned = await insist<'done'>(needs, async () => {
    const stored = await getPayment(needs, merchant, id);
    if (stored === undefined) return undefined;
    const known = await knownStage(needs, connection, mac);
    if (known === 'over' || (known !== undefined && actionable)) return 'done';
    const event: PaymentEvent = {
      type: 'payment.fraud-warned',
      v: 1,
      theirs: mac,
      actionable,
      ...(reason === undefined ? {} : { reason }),
    };
    const also = [remember(connection, mac, known, actionable ? 'actionable' : 'over')];
    const appended = await appendToPayment(needs, { merchant, id, stored }, author, [event], also);
    if (appended !== 'appended') return undefined;
    if (actionable) tell(needs, target, 'fraud-warning', reason ?? '');
    return 'done';
  });
  return learned ?? 'busy';
}

/** What a leg that was refunded on this payment is marked with. */
export const stageOf = ({ disputes, chargedBackMinor }: Balance): DisputeStage =>
  disputes > 0 ? 'open' : chargedBackMinor > 0n ? 'lost' : 'won';

async function knownStage(needs: PaymentNeeds, connection: Connection, mac: string): Promise<string | undefined> {
  const item = await needs.table.get({ table: 'state', pk: theirsItem(connection.merchant, connection.name, mac) });
  return typeof item?.stage === 'string' ? item.stage : undefined;
}

/** Each of their ids is counted once for each stage (F79): whoever was first is found here. */
function remember(connection: Connection, mac: string, known: string | undefined, stage: string): Also {
  const pk = theirsItem(connection.merchant, connection.name, mac);
  const key = { table: 'state', pk } as const;
  const write =
    known === undefined
      ? ({ put: { owner: 'dispute', stage }, key, only: [{ is: 'absent' }] } as const)
      : ({ update: key, set: { stage }, only: [{ attribute: 'stage', is: 'equal', value: known }] } as const);
  return { name: 'theirs', write };
}

function tell(
  needs: PaymentNeeds,
  { connection, payment, author }: Target,
  alarm: 'dispute-opened' | 'dispute-lost' | 'fraud-warning',
  code: string,
): void {
  const { merchant, name } = connection;
  const stream = paymentStream(merchant, payment);
  needs.log.alarm(alarm, { merchant, connection: name, stream, correlation: author.correlation, code });
}
