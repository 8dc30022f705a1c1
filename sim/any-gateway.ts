import { noFaults, type SimRefund, type SimRequest, type SimWebhook } from '../lib/adapters/kit/simulator.ts';
import type { Secret } from '../lib/app/ports/connections.ts';
import type { News } from '../lib/domain/notice.ts';
import type { Account } from './account.ts';
import {
  type Ask,
  Bank,
  type BankDispute,
  type BankRefund,
  capturedOf,
  type Fate,
  isThere,
  type Said,
  stateAt,
} from './any-bank.ts';
import { partsAt, seedingAt } from './any-captures.ts';
import { type ErrorDesk, errorsAt, truthAt } from './any-errors.ts';
import { portsOf } from './any-ports.ts';
import { disputeOf, evidenceOf, signed, written } from './any-words.ts';
import type { Row } from './capabilities.ts';
import type { Chances } from './chance.ts';
import type { Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';
import { emitter } from './webhooks.ts';

export interface Ground {
  readonly time: Scheduler;
  readonly chance: Chances;
  readonly faults: Faults;
}

/** The bank's side as roads reach it. */
export interface Desk extends Ground {
  readonly bank: Bank;
  readonly row: Row;
  down: boolean;
  deaf: boolean;
  /** The account's connection points to the other host. */
  elsewhere: boolean;
  /** A request is there: what is said to it. `breaks`: it breaks down before or after what it was asked for. */
  ask(ask: Ask, breaks?: Fate['breaks']): Said;
  /** Its key is looked at now, and what it asks for happens later. */
  askSlowly(ask: Ask, ms: number): void;
  readonly errors: ErrorDesk;
}

/** A gateway of any kind: its row of the capability table decides what it does, and what its adapter says of it. */
export function anyGateway(
  ground: Ground,
  options: Pendings & { readonly row: Row; readonly webhookSecret: Secret },
  hears: {
    readonly answered: (request: SimRequest) => void;
    readonly webhook: (webhook: SimWebhook, attempt: number) => void;
  },
): Account {
  const { row, webhookSecret } = options;
  const bank = new Bank(row);
  const emit = emitter(ground, hears.webhook);
  let told = 0;
  const tell = (type: string, news: News | undefined): void => {
    told += 1;
    const id = `ae_${told}`;
    if (news !== undefined) emit([{ id, body: written(id, type, news), delayMs: 0 }]);
  };
  const tellRefund = (refund: BankRefund): void => {
    const evidence = evidenceOf(row, refund);
    tell('refund', evidence && { about: 'refund', evidence, payment: [refund.payment] });
  };
  const desk = deskOf({ ...ground, ...options, bank }, hears.answered, tellRefund);
  return {
    simulator: {
      refunds: () => bank.refunds.filter((one) => isThere(one)).map(truthOf),
      sign: ({ body }) => signed(webhookSecret, body),
      setFaults({ down, failLater }) {
        desk.down = down;
        desk.failLater = failLater;
      },
      seedPayment: seedingAt(bank, tell),
      ...disputesAt(bank, tell),
    },
    parts: partsAt(ground, bank, tell, () => hears.answered(requestOf(null))),
    errors: desk.errors,
    truth: () => truthAt(bank),
    emit,
    arrive({ body }) {
      const asked = new URLSearchParams(body);
      const [payment, amountMinor] = [asked.get('payment_intent') ?? '', Number(asked.get('amount'))];
      return desk.ask({ payment, amountMinor, key: null, elsewhere: false });
    },
    deafen: (to) => {
      desk.deaf = to;
    },
    repoint: (to) => {
      desk.elsewhere = to === 'elsewhere';
    },
    heal() {
      desk.deaf = false;
      this.simulator.setFaults(noFaults);
    },
    ports: portsOf(desk),
  };
}

/** Banks of customers dispute payments, and disputes end. */
function disputesAt(
  { payments, disputes }: Bank,
  tell: (type: string, news: News) => void,
): Pick<Account['simulator'], 'openDispute' | 'closeDispute'> {
  const say = (dispute: BankDispute) =>
    tell('dispute', { about: 'dispute', dispute: disputeOf(dispute), payment: [dispute.payment] });
  return {
    openDispute({ payment }) {
      const of = payments.get(payment);
      const amountMinor = of === undefined ? 0 : capturedOf(of);
      if (of === undefined || amountMinor === 0) return { is: 'refused', problem: 'there is no such payment' };
      const opened: BankDispute = { ...of, amountMinor, id: `ad_${disputes.length + 1}`, payment, stage: 'open' };
      disputes.push(opened);
      say(opened);
      return { is: 'opened', id: opened.id, webhooks: [] };
    },
    closeDispute({ id, status }) {
      const known = disputes.find((one) => one.id === id);
      if (known?.stage !== 'open') return { is: 'refused', problem: 'there is no such dispute' };
      known.stage = status;
      say(known);
      return { is: 'told', webhooks: [] };
    },
  };
}

/** What moves on by itself does so when it is due. */
function movingOn(bank: Bank, time: Scheduler, tell: (refund: BankRefund) => void, moved: () => void): () => void {
  let nextLook = Number.POSITIVE_INFINITY;
  return function lookLater(): void {
    const at = bank.nextAt();
    if (at === undefined || at >= nextLook) return;
    nextLook = at;
    time.after(at - time.now(), 'bank', () => {
      nextLook = Number.POSITIVE_INFINITY;
      for (const refund of bank.advance(time.now())) tell(refund);
      moved();
      lookLater();
    });
  };
}

/** What errors reach of a desk. */
const erring = (
  time: Scheduler,
  tell: (refund: BankRefund) => void,
  strange: (asked: Ask) => void,
  moved: () => void,
): Parameters<typeof errorsAt>[1] => ({
  now: () => time.now(),
  after: (ms, what, run) => time.after(ms, what, run),
  strange(asked) {
    strange(asked);
    moved();
  },
  told(refund) {
    if (refund !== undefined) tell(refund);
    moved();
  },
});

/** How often something is pending, and for how long at most where that is not a minute. */
interface Pendings {
  readonly pendingRate: number;
  readonly pendingMs?: number;
}

function deskOf(
  of: Ground & Pendings & { readonly bank: Bank; readonly row: Row },
  answered: (request: SimRequest) => void,
  tell: (refund: BankRefund) => void,
) {
  const { bank, time, chance, pendingRate, pendingMs } = of;
  const lookLater = movingOn(bank, time, tell, () => answered(requestOf(null)));
  const desk: Desk & { failLater: number } = {
    ...of,
    down: false,
    deaf: false,
    elsewhere: false,
    failLater: 0,
    ask,
    askSlowly,
    errors: errorsAt(
      bank,
      erring(time, tell, strange, () => answered(requestOf(null))),
    ),
  };
  return desk;

  function strange(asked: Ask): void {
    if (bank.begin(asked, time.now()).is === 'running') finish(asked, undefined, { pending: false, failsLater: false });
  }
  function fate(ask: Ask): Fate {
    const failsLater = desk.failLater > 0;
    if (failsLater) desk.failLater -= 1;
    const pending = chance.draw(`pending ${ask.key}`) < pendingRate;
    const luck = pendingMs === undefined ? 0 : chance.draw(`pending for ${ask.key}`);
    return { pending, failsLater, ...(pendingMs !== undefined && { pendingMs: Math.ceil(pendingMs * luck ** 2) }) };
  }
  function finish(ask: Ask, breaks: Fate['breaks'], drawn = fate(ask)): Said {
    const before = bank.refunds.length;
    const said = bank.complete(ask, { ...drawn, ...(breaks !== undefined && { breaks }) }, time.now());
    const [made] = bank.refunds.slice(before);
    if (made !== undefined && made.unasked === undefined && ask.key !== null && desk.errors.isTwin())
      bank.makeAgain(made, fate(ask), time.now());
    for (const made of bank.refunds.slice(before)) tell(made);
    lookLater();
    return said;
  }
  function ask(asked: Ask, breaks?: Fate['breaks']): Said {
    desk.errors.before(asked);
    const begun = bank.begin(asked, time.now());
    const said = begun.is === 'told' ? begun.said : finish(asked, breaks);
    answered(requestOf(asked.key));
    return said;
  }
  function askSlowly(asked: Ask, ms: number): void {
    desk.errors.before(asked);
    const begun = bank.begin(asked, time.now());
    answered(requestOf(asked.key));
    if (begun.is === 'told') return;
    time.after(ms, `slow ${asked.key}`, () => {
      finish(asked, undefined);
      answered(requestOf(null));
    });
  }
}

/** How whoever keeps the promises hears of a request: by its key, and of none where something only moved on. */
const requestOf = (key: string | null): SimRequest => ({
  method: key === null ? '' : 'POST',
  path: '',
  query: '',
  headers: key === null ? {} : { 'idempotency-key': key },
  body: '',
});

const truthOf = (refund: BankRefund): SimRefund => ({
  id: refund.id,
  payment: refund.payment,
  amountMinor: refund.amountMinor,
  currency: refund.currency,
  status: stateAt(refund)?.state ?? 'pending',
  reference: null,
  key: refund.key,
});
