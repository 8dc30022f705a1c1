import { readEntry } from '../domain/chain.ts';
import { kindOf } from '../domain/streams.ts';
import {
  marksAfter,
  marksOn,
  restoredAfter,
  restoredMark,
  restoredOn,
  restoringAfter,
  restoringMark,
  restoringOn,
  type Switched,
} from './control.ts';
import type { Books } from './ports/books.ts';

/** A kill switch that does not stand where its facts say: somebody let sending go on, or stopped it, past the record. */
export interface WrongSwitch {
  readonly stream: string;
  readonly mark: string;
  readonly stored: 'set' | 'unset';
}

/** Compares the marks that every right to send requires to be unset with the facts they follow from. Pure. */
export const wrongSwitches = (books: Books): WrongSwitch[] =>
  [...books.state].flatMap(([stream, item]) => {
    if (kindOf(stream) !== 'control') return [];
    const stored = marksOn(item);
    const facts = (books.streams.get(stream) ?? []).flatMap((one) => readEntry<Switched>(one).events);
    const computed = marksAfter(facts);
    const standing = (mark: string) => ({ stream, mark, stored: mark in item ? ('set' as const) : ('unset' as const) });
    return [
      ...[...stored].filter((mark) => !computed.has(mark)).map((mark) => ({ stream, mark, stored: 'set' as const })),
      ...[...computed].filter((mark) => !stored.has(mark)).map((mark) => ({ stream, mark, stored: 'unset' as const })),
      ...(restoredOn(item) === restoredAfter(facts) ? [] : [standing(restoredMark)]),
      ...(restoringOn(item) === restoringAfter(facts) ? [] : [standing(restoringMark)]),
    ];
  });
