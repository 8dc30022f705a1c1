import type { Break } from '../domain/chain.ts';
import { kindOf, merchantOf } from '../domain/streams.ts';
import type { Books } from './ports/books.ts';

/** What of some books can be compared, though chains in them are broken. */
export interface Sound {
  /** Without the streams whose chains are broken, and without their heads. */
  readonly books: Books;
  /** Whether this stream, or a refund of its merchant, is not to be trusted: then nobody knows which refund has what of which payment. */
  readonly shaken: (stream: string) => boolean;
}

/**
 * Whoever breaks one chain must not hide with it what else was changed. What follows from a stream is compared unless that stream is
 * broken; what follows from all refunds of a merchant together, unless one of them is. Pure.
 */
export function soundIn(books: Books, breaks: readonly Pick<Break, 'stream'>[]): Sound {
  const broken = new Set(breaks.map(({ stream }) => stream));
  const merchants = new Set([...broken].filter((stream) => kindOf(stream) === 'refund').map(merchantOf));
  return {
    books: { ...books, streams: without(books.streams, broken), state: without(books.state, broken) },
    shaken: (stream) => broken.has(stream) || merchants.has(merchantOf(stream)),
  };
}

const without = <T>(all: ReadonlyMap<string, T>, names: ReadonlySet<string>): ReadonlyMap<string, T> =>
  names.size === 0 ? all : new Map([...all].filter(([name]) => !names.has(name)));
