/**
 * Stored JSON. Money is bigint here and a decimal string there: every property whose name ends in `Minor` is an amount in
 * minor units, written as a string and read back as a bigint. The name carries the unit, so the name can carry the type.
 */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}

/** The reverse of `encode`. Throws a SyntaxError on text that is not JSON or an amount that is not an integer. */
export function decode<T>(text: string): T {
  return JSON.parse(text, (key, part: unknown) =>
    key.endsWith('Minor') && typeof part === 'string' ? integer(part) : part,
  ) as T;
}

/** BigInt alone would read an empty text as zero and `0x10` as sixteen. */
function integer(text: string): bigint {
  if (!/^(?:0|-?[1-9]\d*)$/.test(text)) throw new SyntaxError('an amount in minor units is not an integer');
  return BigInt(text);
}
