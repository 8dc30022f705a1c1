import { holder, holdsPlace } from '../domain/payment.ts';
import type { Refund } from '../domain/refund/state.ts';
import { final, statusOf } from '../domain/refund/status.ts';
import { owesTelling } from '../domain/refund/tell.ts';
import { kindOf, partsOf, paymentStream } from '../domain/streams.ts';
import type { Books } from './ports/books.ts';
import type { Item } from './ports/table.ts';

/**
 * A head that does not follow from its facts in what decides whether anybody comes back to it: a refund that lists show as something else,
 * or that no sweep will find; a payment's one place for requests, kept from its legs or taken from who has it.
 */
export interface WrongHead {
  readonly stream: string;
  readonly field: 'status' | 'dueAt' | 'inFlight';
  /** As it is stored; null where it is not. */
  readonly stored: string | null;
  /** What the facts say; for a due time that there must be one. */
  readonly computed: string | null;
}

/** Compares heads of refunds, notices and payments with what the sweep and the next right to send need of them. Pure; `refunds` are the books' own. */
export function wrongHeads(books: Books, refunds: ReadonlyMap<string, Refund>): WrongHead[] {
  const places = new Map<string, string>();
  const wrong: WrongHead[] = [];
  for (const stream of books.streams.keys())
    if (kindOf(stream) === 'notice') wrong.push(...ofNotice(stream, books.state.get(stream)));
  for (const [stream, refund] of refunds) {
    wrong.push(...ofRefund(stream, refund, books.state.get(stream)));
    for (const [payment, place] of placesOf(stream, refund)) places.set(payment, place);
  }
  for (const [stream, head] of books.state) {
    const [inFlight, place] = [text(head, 'inFlight'), places.get(stream) ?? null];
    if (kindOf(stream) === 'payment' && inFlight !== place)
      wrong.push({ stream, field: 'inFlight', stored: inFlight, computed: place });
  }
  return wrong;
}

const text = (head: Item | undefined, name: string): string | null =>
  head?.[name] === undefined ? null : String(head[name]);

/** What is not done with is due. That it is done with follows from other streams, too, and is not looked at. */
function ofNotice(stream: string, head: Item | undefined): WrongHead[] {
  const lost = text(head, 'status') !== 'done' && text(head, 'dueAt') === null;
  return lost ? [{ stream, field: 'dueAt', stored: null, computed: 'due' }] : [];
}

function ofRefund(stream: string, refund: Refund, head: Item | undefined): WrongHead[] {
  const status = statusOf(refund);
  const stored = text(head, 'status');
  const wrong: WrongHead[] = stored === status ? [] : [{ stream, field: 'status', stored, computed: status }];
  const open = !final.has(status) || owesTelling(refund);
  if (open && text(head, 'dueAt') === null) wrong.push({ stream, field: 'dueAt', stored: null, computed: 'due' });
  return wrong;
}

/** Which payments' places the legs of this refund have. */
function placesOf(stream: string, refund: Refund): [string, string][] {
  if (refund.is !== 'approved') return [];
  const merchant = stream.slice(0, stream.indexOf('#'));
  const id = partsOf(stream as Parameters<typeof partsOf>[0])[0] ?? '';
  return refund.legs
    .filter(holdsPlace)
    .map((leg) => [paymentStream(merchant as Parameters<typeof paymentStream>[0], leg.payment), holder(id, leg.leg)]);
}
