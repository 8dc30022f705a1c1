import type { Attribute, Condition, Item } from '../../app/ports/table.ts';

/** Whether `condition` holds for the item found, as DynamoDB judges it; a value of another type is unequal and never at least. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  if (condition.is === 'absent') return item === undefined;
  if (condition.is === 'present') return item !== undefined;
  const value = item?.[condition.attribute];
  switch (condition.is) {
    case 'unset':
      return value === undefined;
    case 'equal':
      return value === condition.value;
    case 'not-equal':
      return value !== undefined && value !== condition.value;
    case 'at-least':
      return atLeast(value, condition.value);
    case 'unset-or-equal':
      return value === undefined || value === condition.value;
  }
}

function atLeast(value: Attribute | undefined, bound: Attribute): boolean {
  if (typeof value === 'bigint' && typeof bound === 'bigint') return value >= bound;
  return typeof value === 'string' && typeof bound === 'string' && compareText(value, bound) >= 0;
}

/** Order of the texts' UTF-8 bytes, which is DynamoDB's; JavaScript's own puts surrogates before the end of the first plane. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
