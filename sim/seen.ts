import type { SimRefund, SimRequest } from '../lib/adapters/kit/simulator.ts';
import type { LogLine } from '../lib/adapters/memory/log.ts';
import type { ShopState } from '../lib/adapters/sources/shopify/simulator-state.ts';
import type { Item } from '../lib/app/ports/table.ts';
import type { Truth } from './any-errors.ts';
import { type Books, emptyBooks, takeEntry } from './books.ts';
import { demo, type Tenant } from './connections.ts';
import type { AtDoors } from './doors.ts';
import { type Forgotten, keepTruth, nothingForgottenYet } from './forgotten.ts';
import type { Knobs } from './knobs.ts';
import type { Life } from './life.ts';
import type { Read } from './reader.ts';

export type Fact = Readonly<Record<string, unknown>> & { readonly type: string };

/** A journal entry as it stands in its text: read without a line of the engine's. */
export interface SeenEntry {
  readonly stream: string;
  readonly number: number;
  readonly at: number;
  readonly actor: string;
  readonly previous: string;
  readonly body: string;
  readonly digest: string;
  readonly events: readonly Fact[];
  /** Restore epoch of the deployment that wrote it. */
  readonly deployment: number;
  /** When that really was, whatever the clock of whoever wrote it said. */
  readonly writtenAt: number;
}

/** What one leg did so far, in the order of its facts. */
export interface SeenLeg {
  readonly facts: { readonly at: number; readonly fact: Fact }[];
}

/** Everything that happened in a run, as an outsider sees it. */
export interface Seen {
  readonly knobs: Knobs;
  /** Whose life it is: another merchant of the installation is seen by themselves. */
  readonly tenant: Tenant;
  books: Books;
  readonly streams: Map<string, SeenEntry[]>;
  readonly legs: Map<string, SeenLeg>;
  /** Rights to send that were written, and requests that reached the gateway, by key. */
  readonly rights: Map<string, number>;
  readonly requests: Map<string, number>;
  readonly questions: Questions;
  stopped: boolean;
  refunds: readonly SimRefund[];
  /** What else is true at a gateway that can say it. */
  truth: Truth | undefined;
  /** Gateway accounts through which nothing may be sent. */
  readonly stoppedAccounts: Set<string>;
  /** What the store forgot where it was put back to an earlier instant. */
  readonly forgotten: Forgotten;
}

/** What a gateway was asked about its payments, by their names there. */
export interface Questions {
  count: number;
  /** The last question about each payment, and how many there were when a stream was last written. */
  readonly last: Map<string, number>;
  readonly before: Map<string, number>;
}

/** What there is when everything should have come to its end. */
export interface End {
  readonly state: ReadonlyMap<string, Item>;
  readonly log: readonly LogLine[];
  readonly life: Life;
  /** What people were shown. */
  readonly read: Read;
  /** A Shopify shop's own pages, where the returns are one's. */
  readonly shop: ShopState | undefined;
  /** What its senders were told at its doors. */
  readonly atDoors: AtDoors;
  readonly struck: readonly string[];
  readonly now: number;
}

export const emptySeen = (knobs: Knobs, tenant: Tenant = demo): Seen => ({
  knobs,
  tenant,
  books: emptyBooks(),
  streams: new Map(),
  legs: new Map(),
  rights: new Map(),
  requests: new Map(),
  questions: { count: 0, last: new Map(), before: new Map() },
  stopped: false,
  refunds: [],
  truth: undefined,
  stoppedAccounts: new Set(),
  forgotten: nothingForgottenYet(),
});

/** Whatever is known from entries of the journal is not known any more. */
export function startOver(seen: Seen): void {
  seen.books = emptyBooks();
  seen.streams.clear();
  seen.legs.clear();
  seen.stopped = false;
  seen.stoppedAccounts.clear();
}

export function readItem(item: Item, deployment = 0, writtenAt?: number): SeenEntry {
  const body = String(item.body);
  const entry = JSON.parse(body) as Omit<SeenEntry, 'body' | 'digest' | 'deployment' | 'writtenAt'>;
  const place = { stream: String(item.pk), number: Number(item.sk), body, digest: String(item.digest) };
  return { ...entry, ...place, deployment, writtenAt: writtenAt ?? entry.at };
}

/** After all promises looked at it. */
export function remember(seen: Seen, entry: SeenEntry): void {
  for (const fact of entry.events) if (fact.type === 'leg.sending') count(seen.rights, String(fact.key));
  seen.questions.before.set(entry.stream, seen.questions.count);
  take(seen, entry);
}

/** What is known from an entry as long as the store has it. */
export function take(seen: Seen, entry: SeenEntry): void {
  const before = seen.streams.get(entry.stream) ?? [];
  before.push(entry);
  seen.streams.set(entry.stream, before);
  takeEntry(seen.books, entry);
  keepTruth(seen.forgotten, entry);
  for (const fact of entry.events) {
    if (fact.type === 'control.sending-stopped') seen.stopped = true;
    if (fact.type === 'control.sending-resumed') seen.stopped = false;
    if (fact.type === 'control.account-stopped') seen.stoppedAccounts.add(String(fact.connection));
    if (fact.type === 'control.account-resumed') seen.stoppedAccounts.delete(String(fact.connection));
    if (typeof fact.leg === 'number') legOf(seen, entry.stream, fact.leg).facts.push({ at: entry.at, fact });
  }
}

export function rememberRequest(seen: Seen, request: SimRequest, refunds: readonly SimRefund[]): void {
  seen.refunds = refunds;
  const key = request.headers['idempotency-key'];
  if (request.method === 'POST' && key !== undefined) count(seen.requests, key);
  const about = request.method === 'GET' ? /pi_\w+/.exec(`${request.path}?${request.query}`)?.[0] : undefined;
  if (about === undefined) return;
  seen.questions.count += 1;
  seen.questions.last.set(about, seen.questions.count);
}

export function legOf(seen: Seen, stream: string, leg: number): SeenLeg {
  const name = `${stream.split('#').at(-1)}/${leg}`;
  const found = seen.legs.get(name) ?? { facts: [] };
  seen.legs.set(name, found);
  return found;
}

/** Refunds that exist at the gateway and did not fail. */
export const live = (refunds: readonly SimRefund[]): SimRefund[] =>
  refunds.filter(({ status }) => status === 'pending' || status === 'succeeded');

/** Made under a key of ours, and not because we asked: by the gateway's own error, or by somebody else. */
export const isUnasked = ({ truth }: Seen, id: string): boolean => truth?.unasked.has(id) === true;

/** `refund/leg` of one of our keys; undefined for anybody else's. */
export function legNameOf(key: string | null): string | undefined {
  if (key === null) return undefined;
  const known = names.get(key);
  if (known !== undefined) return known;
  const parts = /^(rf_[0-9a-f]{20})-(\d+)-\d+-[0-9a-f]{8}$/.exec(key);
  const name = parts === null ? undefined : `${parts[1]}/${parts[2]}`;
  // Asked for of every refund there is, after every request.
  if (names.size > 5000) names.clear();
  if (name !== undefined) names.set(key, name);
  return name;
}

const names = new Map<string, string>();

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
