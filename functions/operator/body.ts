import type { Context } from 'hono';

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
