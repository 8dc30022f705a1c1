/**
 * Stored JSON. Money is bigint here and a decimal string there: every property whose name ends in `Minor` is an amount in
 * minor units, written as a string and read back as a bigint. The name carries the unit, so the name can carry the type.
 */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

/** The reverse of `encode`. Throws a SyntaxError on text that is not JSON or an amount that is not an integer. */
export function decode<T>(text: string): T {
  const value: unknown = JSON.parse(text);
  // Most texts have none, and to look for the name is much cheaper than to visit every part.
  // Stryker disable next-line ConditionalExpression,StringLiteral: it only saves time
  if (text.includes('Minor"')) readAmounts(value);
  return value as T;
}

/** In place: what was just parsed is nobody else's, and a reviver, called for every part, takes four times as long. */
function readAmounts(value: unknown): void {
  // A text or a number has no part of such a name, and null no part at all.
  const parts = (value ?? {}) as Record<string, unknown>;
  for (const key of Object.keys(parts)) {
    const part = parts[key];
    if (typeof part === 'object') readAmounts(part);
    else if (key.endsWith('Minor')) parts[key] = integer(part);
  }
}

/** BigInt alone would read an empty text as zero and `0x10` as sixteen. A number is none either: it may have been rounded. */
function integer(text: unknown): bigint {
  if (typeof text !== 'string' || !/^(?:0|-?[1-9]\d*)$/.test(text))
    throw new SyntaxError('an amount in minor units is not an integer');
  return BigInt(text);
}
