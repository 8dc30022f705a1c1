import { hash } from 'node:crypto';
import type { SimRefund, SimRequest } from '../lib/adapters/kit/simulator.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { canaries } from './connections.ts';
import { capturedMinor } from './life.ts';
import { atEnd, ofAnyCode } from './promises-at-end.ts';
import { ofHeads } from './promises-of-heads.ts';
import { ofKeys } from './promises-of-keys.ts';
import { ofOnCall } from './promises-of-on-call.ts';
import { ofPayments } from './promises-of-payments.ts';
import { ofProcessors } from './promises-of-processors.ts';
import { ofRestores } from './promises-of-restores.ts';
import { ofSecondThoughts } from './promises-of-second-thoughts.ts';
import { ofShops } from './promises-of-shops.ts';
import { ofTenants } from './promises-of-tenants.ts';
import { type End, type Fact, isUnasked, legNameOf, legOf, live, type Seen, type SeenEntry } from './seen.ts';
import { limitsIn } from './settings.ts';

/**
 * One promise, checked by code that shares nothing with the engine but the texts it wrote and the truth of the gateway. Each method
 * answers what is wrong, or undefined.
 */
export interface Promised {
  readonly name: string;
  /** The promise in a sentence. */
  readonly says: string;
  /** Before an entry is remembered. */
  written?(seen: Seen, entry: SeenEntry): string | undefined;
  stored?(seen: Seen, item: Item): string | undefined;
  /** After a request reached the gateway. */
  asked?(seen: Seen, request: SimRequest, refunds: readonly SimRefund[]): string | undefined;
  /** After our own code threw, in a function or a queue's worker. */
  threw?(where: string, error: unknown): string | undefined;
  /** After our own code could not get past something, for the how-many-eth time. */
  tried?(stream: string, times: number): string | undefined;
  /** While the world goes on: so many of its events are over. */
  lived?(events: number): string | undefined;
  atEnd?(seen: Seen, end: End): string | undefined;
}

const oneRefundPerLeg: Promised = {
  name: 'one-refund-per-leg',
  says: 'At most one refund lives at the gateway for each leg, whatever its key was.',
  asked: (seen, _, refunds) => {
    const once = new Set<string>();
    for (const { id, key } of live(refunds)) {
      const name = legNameOf(key);
      if (name === undefined || isUnasked(seen, id)) continue;
      if (once.has(name)) return `${name} was refunded twice`;
      once.add(name);
    }
    return undefined;
  },
};

const neverMoreThanCaptured: Promised = {
  name: 'never-more-than-captured',
  says: 'What we refund on a payment, and what we promise to, is never more than was captured and is left.',
  asked: (seen, _, refunds) => {
    const sums = new Map<string, number>();
    for (const { id, payment, key, amountMinor } of live(refunds)) {
      if (legNameOf(key) !== undefined && !isUnasked(seen, id))
        sums.set(payment, (sums.get(payment) ?? 0) + amountMinor);
    }
    const over = [...sums].find(([payment, sum]) => sum > (seen.truth?.captured.get(payment) ?? capturedMinor));
    return over && `${over[1]} went out of ${over[0]}`;
  },
  written: (seen, entry) => {
    for (const fact of entry.events.filter(({ type }) => type === 'refund.approved')) {
      const refund = entry.stream.split('#').at(-1);
      for (const planned of fact.legs as Fact[]) {
        const book = seen.books.payments.get(String(planned.payment));
        const others = seen.books.legs.filter(
          (leg) => leg.payment === planned.payment && leg.reserved && leg.refund !== refund,
        );
        const promised = others.reduce((all, { amount }) => all + amount, 0n) + BigInt(String(planned.amountMinor));
        const left = book && book.captured - book.others - book.surplus - book.chargedBack;
        if (left === undefined || promised > left) return `${refund} promises ${promised} of ${left}`;
      }
    }
    return undefined;
  },
};

const askedAsApproved: Promised = {
  name: 'asked-as-approved',
  says: 'Each refund of ours at the gateway has the amount that was approved for its leg.',
  asked: (seen, _, refunds) => {
    for (const { key, amountMinor, id } of refunds) {
      const name = legNameOf(key);
      if (name === undefined || isUnasked(seen, id)) continue;
      const [refund = '', number] = name.split('/');
      const leg = seen.books.legsOf.get(refund)?.find((one) => one.leg === Number(number));
      const once = seen.forgotten.amounts.get(name);
      if (leg?.amount !== BigInt(amountMinor) && once?.has(BigInt(amountMinor)) !== true)
        return `${id} is ${amountMinor}, approved was ${leg?.amount}`;
    }
    return undefined;
  },
};

const onlyWithTheRight: Promised = {
  name: 'only-with-the-right',
  says: 'A request reaches the gateway at most as often as the right to send it was written before.',
  asked: (seen, request) => {
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined) return undefined;
    const rights = seen.rights.get(key) ?? 0;
    const requests = (seen.requests.get(key) ?? 0) + 1;
    return requests > rights ? `${key} was sent ${requests} times with ${rights} rights` : undefined;
  },
};

/** Facts of a leg after which nobody may send for it, until one of the others. */
const closedBy = new Set(['leg.accepted', 'leg.refused', 'leg.failed', 'leg.held', 'leg.closed', 'leg.lost']);
const says = new Set([
  ...closedBy,
  'leg.sending',
  'leg.unknown',
  'leg.deferred',
  'leg.absent',
  'leg.renewed',
  'leg.released',
]);

const peopleDecide: Promised = {
  name: 'people-decide',
  says: 'What is above the limit is approved by a person, who has seen it held.',
  written: (seen, entry) => {
    for (const fact of entry.events.filter(({ type }) => type === 'refund.approved')) {
      const sum = (fact.legs as Fact[]).reduce((all, { amountMinor }) => all + BigInt(String(amountMinor)), 0n);
      const limit = limitOf(seen, String(fact.policy));
      if (sum <= limit) continue;
      const before = (seen.streams.get(entry.stream) ?? []).flatMap(({ events }) => events);
      const held = before.some(({ type, reasons }) => type === 'refund.held' && String(reasons).includes('over-limit'));
      if (!held) return `${entry.stream} approves ${sum} with nobody asked`;
    }
    return undefined;
  },
};

/** Of the policy that a decision names. What a person decided was held under any of them. */
function limitOf({ knobs }: Seen, policy: string): bigint {
  const limits = limitsIn(knobs);
  const all = [...limits.values()].map((limit) => BigInt(limit.replace('.', '')));
  const own = limits.get(policy);
  return own === undefined ? all.reduce((most, one) => (one > most ? one : most)) : BigInt(own.replace('.', ''));
}

/** Facts of a refund that change nothing about whether it may be sent. */
const decidesNothing = new Set(['refund.cancel-refused', 'refund.telling', 'refund.told', 'refund.tell-given-up']);

const rightWhenAllowed: Promised = {
  name: 'right-when-allowed',
  says: 'The right to send is given only while sending is on, to one sender at a time, for a leg that is approved, open and in nobody’s hands.',
  written: (seen, entry) => {
    for (const fact of entry.events.filter(({ type }) => type === 'leg.sending')) {
      if (seen.stopped) return `${entry.stream} sends while sending is stopped`;
      const leg = seen.books.legsOf.get(entry.stream.split('#').at(-1) ?? '')?.find((one) => one.leg === fact.leg);
      if (seen.stoppedAccounts.has(String(leg?.connection)))
        return `${entry.stream} sends while its account is stopped`;
      const { facts } = legOf(seen, entry.stream, Number(fact.leg));
      const last = facts.findLast(({ fact: { type } }) => says.has(type));
      if (last?.fact.type === 'leg.sending') return `${entry.stream} sends while another one has the right`;
      if (last !== undefined && closedBy.has(last.fact.type)) return `${entry.stream} sends after ${last.fact.type}`;
      const before = (seen.streams.get(entry.stream) ?? []).flatMap(({ events }) => events);
      const decided = before.findLast(({ type }) => type.startsWith('refund.') && !decidesNothing.has(type))?.type;
      if (decided !== 'refund.approved') return `${entry.stream} sends after ${decided}`;
    }
    return undefined;
  },
};

const chainUnbroken: Promised = {
  name: 'chain-unbroken',
  says: 'Each entry names the digest of the one before it, and its own digest is of its own text.',
  written: (seen, entry) => {
    const before = seen.streams.get(entry.stream) ?? [];
    if (entry.number !== before.length + 1) return `${entry.stream} goes from ${before.length} to ${entry.number}`;
    if (entry.previous !== (before.at(-1)?.digest ?? '')) return `${entry.stream} ${entry.number} does not follow`;
    const digest = hash('sha256', entry.body);
    return digest === entry.digest ? undefined : `${entry.stream} ${entry.number} has another digest`;
  },
};

const nothingInClear: Promised = {
  name: 'nothing-in-clear',
  says: 'No secret and no name of a payment stands in the store or in a log.',
  written: (_, { body, stream }) => leak(body) && `${stream} holds ${leak(body)}`,
  stored: (_, item) => {
    for (const name in item) {
      const value = item[name];
      // Numbers and flags have no room for a secret.
      const found = typeof value === 'string' ? leakOnce(value) : undefined;
      if (found !== undefined) return `${String(item.pk)} holds ${found}`;
    }
    return undefined;
  },
  atEnd: (_, { log }) => {
    const found = leak(JSON.stringify(log, (__, value) => (typeof value === 'bigint' ? String(value) : value)));
    return found && `the log holds ${found}`;
  },
};

const leak = (text: string): string | undefined => ['pi_canary', ...canaries].find((canary) => text.includes(canary));

const clean = new Set<string>();

/** Most of an item is what it was before its last change: a text that was searched is not searched again. */
function leakOnce(text: string): string | undefined {
  if (clean.has(text)) return undefined;
  const found = leak(text);
  if (clean.size > 5000) clean.clear();
  if (found === undefined) clean.add(text);
  return found;
}

export const promises: readonly Promised[] = [
  oneRefundPerLeg,
  neverMoreThanCaptured,
  askedAsApproved,
  onlyWithTheRight,
  rightWhenAllowed,
  peopleDecide,
  ...ofKeys,
  chainUnbroken,
  nothingInClear,
  ...ofPayments,
  ...ofProcessors,
  ...ofRestores,
  ...atEnd,
  ...ofHeads,
  ...ofShops,
  ...ofSecondThoughts,
  ...ofOnCall,
  ...ofTenants,
];

/** Everything that a life is judged by. */
export const allPromises: readonly Promised[] = [...promises, ...ofAnyCode];
