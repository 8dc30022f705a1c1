import type { Context } from 'hono';
import type { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { type Fault, type FaultCode, fault, faults } from '../../lib/domain/fault.ts';
import { encode } from '../../lib/domain/json.ts';
import { unanswered } from '../unanswered.ts';

/**
 * Answers of the operator API. Amounts are JSON integers here, by contract: they are bigint inside and strings in the journal, and
 * the largest amount we accept is far below 2^53.
 */
export const body = (c: Context, value: unknown): Response =>
  c.body(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)),
    200,
    { 'content-type': 'application/json' },
  );

/** An expected failure, as RFC 9457 says it. */
export function problem(c: Context, code: FaultCode, detail: string): Response {
  const { status, title } = faults[code];
  const of: Fault = fault(code, detail);
  const text = encode({ type: `urn:redress:fault:${code}`, title, status, ...of });
  return c.body(text, status as 400, { 'content-type': 'application/problem+json' });
}

/** What did not answer is told of, since whoever asked is not told what it was. */
export function notNow(c: Context, error: Unavailable, tell: (code: string) => void): Response {
  tell(unanswered(error));
  return problem(c, 'unavailable', 'Try again in a moment.');
}

/** Whether a text from outside can be, with a merchant's name before it, the key of anything: the store throws for a longer one. */
export const fitsKey = (text: string): boolean => Buffer.byteLength(text) <= mostBytes;

/** The same of an id that is looked for as a part of a name, where what separates parts is written as three characters (`lib/domain/streams.ts`). */
export const fitsName = (text: string): boolean =>
  fitsKey(text) && Buffer.byteLength(text.replace(/[%#]/g, '%23')) <= mostNameBytes;

/** DynamoDB's limit for a sort key is 1024 bytes. */
const mostBytes = 900;
/** Of a partition key it is 2048; merchant, kind and connection are in it too. */
const mostNameBytes = 1850;
