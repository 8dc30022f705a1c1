import { hash } from 'node:crypto';
import type { SimRefund, SimRequest } from '../lib/adapters/kit/simulator.ts';
import type { LogLine } from '../lib/adapters/memory/log.ts';
import { seedOrder, seedRefund } from '../lib/adapters/sources/shopify/simulator-seeds.ts';
import { emptyShop, type ShopState } from '../lib/adapters/sources/shopify/simulator-state.ts';
import { beginning, type End } from '../lib/app/journal.ts';
import type { Item } from '../lib/app/ports/table.ts';
import { sealEntry } from '../lib/domain/chain.ts';
import type { Event } from '../lib/domain/events.ts';
import type { CorrelationId, WriterToken } from '../lib/domain/ids.ts';
import type { StreamName } from '../lib/domain/streams.ts';
import { instant, plus } from '../lib/domain/time.ts';
import type { Truth } from './any-errors.ts';
import { chances } from './chance.ts';
import { nobodyAtDoors } from './doors.ts';
import { knobsOf } from './drawn.ts';
import { watch } from './history.ts';
import { emptyLife, type Life } from './life.ts';
import { endOf, readFrom } from './made-ends.ts';
import { allPromises, type Promised } from './promises.ts';
import type { Read } from './reader.ts';

/**
 * Histories made by hand, step by step: what stands in the journal, what the gateway has, what a shop was told. The types of the facts
 * are the engine's, so that a history cannot speak of what the engine never writes.
 */
export type Step = (past: Past) => void;

export const knobs = knobsOf(chances('made by hand'), 'narrow-window');

export const begun = instant(Date.UTC(2026, 10, 21, 12));

class Past {
  now = begun;
  readonly #ends = new Map<string, End>();
  #journal: readonly Item[] = [];
  #point: readonly Item[] = [];
  /** Restore epoch of whoever writes. */
  deployment = 0;
  readonly #heads = new Map<string, Item>();
  readonly refunds = new Map<string, SimRefund>();
  readonly life: Life = emptyLife();
  readonly atDoors = nobodyAtDoors();
  readonly log: LogLine[] = [];
  readonly struck: string[] = [];
  /** What a shop's own pages say, where there is one that can be asked. */
  shop: ShopState | undefined;
  /** What people are shown, where it is not what there is. */
  read: Partial<Read> = {};
  #truth: Truth | undefined;
  readonly broken = new Set<string>();
  readonly watched;

  constructor(kept: readonly Promised[]) {
    this.watched = watch(knobs, kept, (promise) => this.broken.add(promise));
  }

  /** By how much the clock of whoever writes is ahead of the truth. */
  aheadMs = 0;

  /** Who writes. */
  actor = 'hand';

  /** One entry; `but` spoils what is stored. */
  write(stream: string, events: readonly Event[], but: (item: Item) => Item = (item) => item): void {
    const end = this.#ends.get(stream) ?? beginning;
    const entry = {
      v: 1 as const,
      stream: stream as StreamName,
      number: end.version + 1,
      at: plus(this.now, this.aheadMs),
      actor: this.actor,
      cause: 'hand',
      correlation: 'hand' as CorrelationId,
      writer: 'hand' as WriterToken,
      previous: end.digest,
      events,
    };
    const { number, body, digest } = sealEntry(entry, (text) => hash('sha256', text));
    const item = but({ pk: stream, sk: BigInt(number), body, digest });
    this.watched.written(item, this.deployment, this.now);
    this.#journal = [...this.#journal, item];
    this.#ends.set(stream, { version: number, digest: String(item.digest) });
  }

  /** The tables as they are now are what a restore goes back to. */
  point(): void {
    this.#point = this.#journal;
  }

  goBack(deployment: number): void {
    this.deployment = deployment;
    this.#journal = this.#point;
    this.#ends.clear();
    for (const { pk, sk, digest } of this.#journal)
      this.#ends.set(String(pk), { version: Number(sk), digest: String(digest) });
    this.watched.restored(this.#journal, deployment);
  }

  setHead(stream: string, item: Item): void {
    this.#heads.set(stream, { ...this.#heads.get(stream), ...item });
  }

  asked(request: SimRequest, refunds: readonly SimRefund[]): void {
    for (const refund of refunds) this.refunds.set(refund.id, refund);
    this.watched.asked(request, [...this.refunds.values()], this.#truth);
  }

  /** What is true at the gateway beside its refunds, from now on. */
  truly(truth: Truth): void {
    this.#truth = truth;
    this.asked({ method: '', path: '', query: '', headers: {}, body: '' }, []);
  }

  end(): void {
    const state = new Map<string, Item>();
    for (const [stream, { version, digest }] of this.#ends) {
      const head = { pk: stream, version: BigInt(version), digest, ...endOf(this.watched.seen, stream, begun) };
      state.set(stream, { ...head, ...this.#heads.get(stream) });
    }
    const { life, log, struck, now, shop, atDoors } = this;
    const read = { ...readFrom(this.watched.seen, state), ...this.read };
    this.watched.ended({ state, log, life, read, shop, atDoors, struck, now });
  }
}

/** Shows a history to promises, and answers which of them it breaks. */
export function brokenBy(steps: readonly Step[], kept: readonly Promised[] = allPromises): string[] {
  const past = new Past(kept);
  for (const step of steps) step(past);
  past.end();
  return [...past.broken];
}

export const payment = 'demo#payment#pay_1';
export const refund = (n = 1): string => `rf_${String(n).padStart(20, '0')}`;
export const stream = (n = 1): string => `demo#refund#${refund(n)}`;
export const key = (epoch = 0, n = 1, leg = 1): string => `${refund(n)}-${leg}-${epoch}-abcdef01`;

export const later =
  (ms: number): Step =>
  (past) => {
    past.now = plus(past.now, ms);
  };

export const wrote =
  (name: string, ...events: Event[]): Step =>
  (past) =>
    past.write(name, events);

/** A person writes it. */
export const byPerson =
  (...steps: Step[]): Step =>
  (past) => {
    past.actor = 'person:ann';
    for (const step of steps) step(past);
    past.actor = 'hand';
  };

/** The same, but something else is stored. */
export const spoiled =
  (but: (item: Item) => Item, name: string, ...events: Event[]): Step =>
  (past) =>
    past.write(name, events, but);

export const head =
  (name: string, item: Item): Step =>
  (past) =>
    past.setHead(name, item);

export const stored =
  (item: Item): Step =>
  (past) =>
    past.watched.stored(item);

/** A request under this key reaches the gateway, which has these refunds besides those it had. */
export const request =
  (under: string, ...refunds: SimRefund[]): Step =>
  (past) =>
    past.asked({ method: 'POST', path: '', query: '', headers: { 'idempotency-key': under }, body: '' }, refunds);

/** The gateway is asked about this payment. */
export const asksAbout =
  (name: string): Step =>
  (past) =>
    past.asked({ method: 'GET', path: '/v1/refunds', query: `payment_intent=${name}`, headers: {}, body: '' }, []);

/** The gateway moves on by itself, and has these refunds as they are now. */
export const moves =
  (...refunds: SimRefund[]): Step =>
  (past) =>
    past.asked({ method: '', path: '', query: '', headers: {}, body: '' }, refunds);

export const logged =
  (line: LogLine): Step =>
  ({ log }) =>
    void log.push(line);

export const struck =
  (fault: string): Step =>
  (past) =>
    void past.struck.push(fault);

export const told =
  (tell: (life: Life) => void): Step =>
  ({ life }) =>
    tell(life);

/** A shop with the order 1001, and refund records with these notes. */
export const shopSays =
  (...notes: string[]): Step =>
  (past) => {
    const shop = emptyShop('https://redress.example');
    seedOrder(shop, { id: 1001, currency: 'EUR', lines: [{ id: 1, quantity: 9, price: '90.00' }] }, past.now);
    for (const note of notes) seedRefund(shop, { order: 1001, note, lines: [{ id: 1, quantity: 1 }] }, past.now);
    past.shop = shop;
  };

/** People are shown something else than what there is. */
export const shows =
  (read: Partial<Read>): Step =>
  (past) => {
    past.read = read;
  };

/** The instant that the tables are put back to. */
export const point: Step = (past) => past.point();

/** They are put back, under a deployment of restore epoch 1. */
export const goneBack: Step = (past) => past.goBack(1);

/** Whoever writes from now on states this restore epoch. */
export const stating =
  (deployment: number): Step =>
  (past) => {
    past.deployment = deployment;
  };

export const threw =
  (error: unknown): Step =>
  ({ watched }) =>
    watched.threw('a place', error);

export const lived =
  (events: number): Step =>
  ({ watched }) =>
    watched.lived(events);

/** A refund as the gateway has it. */
export const theirs = (
  id: string,
  status: SimRefund['status'] = 'succeeded',
  under: string | null = key(),
  amountMinor = 4000,
): SimRefund => ({ id, payment: 'pi_1', amountMinor, currency: 'EUR', status, reference: null, key: under });
