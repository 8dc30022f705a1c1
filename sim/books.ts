/**
 * The balances once more, from the journal's texts alone and in other words than the engine's: what was promised and not given back, what
 * succeeded, who may be asking the gateway now. Shares no code with `lib/domain/payment.ts`.
 */
export interface Book {
  captured: bigint;
  /** What others took out, less what came back. */
  others: bigint;
  /** Refunds the gateway made twice. */
  surplus: bigint;
  /** What lost disputes took, and how many are open. */
  chargedBack: bigint;
  disputes: bigint;
}

export interface LegBook {
  readonly refund: string;
  readonly leg: number;
  readonly payment: string;
  readonly connection: string;
  readonly amount: bigint;
  /** What the gateway says each of its refunds for it is. */
  readonly said: Map<string, bigint>;
  reserved: boolean;
  succeeded: boolean;
  /** A request is under way or unanswered. */
  asking: boolean;
  /** An earlier one may have done something. */
  doubt: boolean;
  state: string;
  /** It was put in front of a person, who compares it with a refund that a restored journal forgot. */
  compared: boolean;
  /** Why it was last put in front of a person. */
  heldFor: readonly string[];
  readonly theirs: Map<string, 'pending' | 'succeeded' | 'failed' | 'surplus' | 'lost'>;
}

export interface Entry {
  readonly stream: string;
  readonly events: readonly Record<string, unknown>[];
}

export interface Books {
  readonly payments: Map<string, Book>;
  readonly legs: LegBook[];
  readonly legsOf: Map<string, LegBook[]>;
  /** Refunds of others that are counted, by their blind names. */
  readonly adopted: Set<string>;
}

export const emptyBooks = (): Books => ({ payments: new Map(), legs: [], legsOf: new Map(), adopted: new Set() });

/** A person has yet to decide about a request that may have made a refund: until then nobody knows whose one is. */
export const anyHeldInDoubt = ({ legs }: Books): boolean =>
  legs.some((leg) => leg.state === 'leg.held' && (leg.asking || leg.doubt));

/** What the gateway says that its refund for this leg is, which is there and has not failed. */
function saidBy({ theirs, said, amount }: LegBook): bigint {
  const live = [...theirs].find(([, state]) => state === 'pending' || state === 'succeeded');
  return (live && said.get(live[0])) ?? amount;
}

/** What a leg has out of its payment: never less than was asked for, and more where its gateway says that more has moved. */
export function takenBy(leg: LegBook): bigint {
  const said = saidBy(leg);
  if (!leg.reserved) return 0n;
  return said > leg.amount ? said : leg.amount;
}

export const givenBy = (leg: LegBook): bigint => (leg.succeeded ? saidBy(leg) : 0n);

/** Takes one more entry into the books. */
export function takeEntry(books: Books, { stream, events }: Entry): void {
  const { payments, adopted } = books;
  const [, kind = '', name = ''] = stream.split('#');
  for (const event of events) {
    if (kind === 'payment') ofPayment(book(payments, name), adopted, event);
    if (kind === 'refund') ofRefund(books, name, event);
  }
}

export function keepBooks(entries: readonly Entry[]): Books {
  const books = emptyBooks();
  for (const entry of entries) takeEntry(books, entry);
  return books;
}

function book(payments: Map<string, Book>, name: string): Book {
  const known = payments.get(name) ?? { captured: 0n, others: 0n, surplus: 0n, chargedBack: 0n, disputes: 0n };
  payments.set(name, known);
  return known;
}

const amountOf = (event: Record<string, unknown>): bigint => BigInt(String(event.amountMinor));

function ofPayment(payment: Book, adopted: Set<string>, event: Record<string, unknown>): void {
  const theirs = String(event.theirs);
  if (event.type === 'payment.captured') payment.captured += amountOf(event);
  if (event.type === 'payment.refund-adopted') {
    payment.others += amountOf(event);
    adopted.add(theirs);
  }
  if (event.type === 'payment.dispute-opened') payment.disputes += 1n;
  if (event.type === 'payment.dispute-won' || event.type === 'payment.dispute-lost') payment.disputes -= 1n;
  if (event.type === 'payment.dispute-lost') payment.chargedBack += amountOf(event);
  if (event.type === 'payment.adoption-reversed') {
    payment.others -= amountOf(event);
    adopted.delete(theirs);
  }
}

function ofRefund({ payments, legs, legsOf }: Books, refund: string, event: Record<string, unknown>): void {
  const own = legsOf.get(refund) ?? [];
  if (event.type === 'refund.approved') {
    const planned = (event.legs as Record<string, unknown>[]).map((leg) => opened(refund, leg));
    legs.push(...planned);
    legsOf.set(refund, [...own, ...planned]);
  }
  if (event.type === 'refund.cancelled') for (const leg of own) leg.reserved = false;
  const leg = own.find((one) => one.leg === event.leg);
  if (leg !== undefined) ofLeg(leg, book(payments, leg.payment), event);
}

const opened = (refund: string, planned: Record<string, unknown>): LegBook => ({
  refund,
  leg: Number(planned.leg),
  payment: String(planned.payment),
  connection: String(planned.connection),
  amount: amountOf(planned),
  said: new Map(),
  reserved: true,
  succeeded: false,
  asking: false,
  doubt: false,
  state: 'approved',
  compared: false,
  heldFor: [],
  theirs: new Map(),
});

/** A dispute, news of an earlier try or of a second refund, and what the shop says meanwhile. */
const leavesItThere = new Set(['leg.disputed', 'leg.noted', 'leg.restated', 'leg.surplus', 'leg.surplus-failed']);

/** What becomes of one of two refunds leaves both in front of whoever compares them. */
const isCompared = ({ state, heldFor }: LegBook): boolean => state === 'leg.held' && heldFor.includes('two-refunds');
const isNews = new Set(['leg.accepted', 'leg.failed']);

function ofLeg(leg: LegBook, payment: Book, event: Record<string, unknown>): void {
  ofSurplus(leg, payment, event);
  const answered = () => {
    leg.asking = false;
    leg.doubt = false;
  };
  if (!leavesItThere.has(String(event.type)) && !(isCompared(leg) && isNews.has(String(event.type))))
    leg.state = String(event.type);
  if (event.type === 'leg.held') leg.heldFor = event.reasons as string[];
  leg.compared ||= leg.heldFor.includes('forgotten-refund');
  switch (event.type) {
    case 'leg.sending':
      leg.asking = true;
      return;
    case 'leg.unknown':
      leg.doubt ||= event.why !== 'ambiguous-refusal';
      return;
    case 'leg.deferred':
      leg.asking = leg.doubt;
      return;
    case 'leg.accepted':
      answered();
      leg.reserved = true;
      leg.succeeded = event.state === 'succeeded';
      leg.said.set(String(event.theirs), event.amountMinor === undefined ? leg.amount : amountOf(event));
      leg.theirs.set(String(event.theirs), event.state === 'succeeded' ? 'succeeded' : 'pending');
      return;
    case 'leg.lost':
      leg.succeeded = false;
      leg.doubt = true;
      leg.theirs.set(String(event.theirs), 'lost');
      return;
    case 'leg.renewed':
      answered();
      return;
    case 'leg.refused':
      answered();
      leg.reserved = false;
      return;
    case 'leg.failed':
      answered();
      leg.reserved = false;
      leg.succeeded = false;
      leg.theirs.set(String(event.theirs), 'failed');
      return;
    case 'leg.released':
      leg.reserved = true;
      return;
    case 'leg.closed': {
      const moved = [...leg.theirs.values()].some((state) => state === 'pending' || state === 'succeeded');
      leg.reserved &&= leg.asking || leg.doubt || moved;
      leg.asking = false;
      return;
    }
  }
}

function ofSurplus(leg: LegBook, payment: Book, event: Record<string, unknown>): void {
  switch (event.type) {
    case 'leg.surplus':
      payment.surplus += amountOf(event);
      leg.theirs.set(String(event.theirs), 'surplus');
      return;
    case 'leg.noted':
      leg.theirs.set(String(event.theirs), 'failed');
      return;
    case 'leg.surplus-failed':
      payment.surplus -= amountOf(event);
      leg.theirs.set(String(event.theirs), 'failed');
      return;
  }
}
