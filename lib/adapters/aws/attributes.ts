import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attribute, Item } from '../../app/ports/table.ts';

export function toAttributeValue(value: Attribute): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'bigint':
      return { N: value.toString() };
    case 'boolean':
      return { BOOL: value };
  }
}

export const toAttributeValues = (item: Item): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toAttributeValue(value)]));

/** Throws a TypeError for what no writer of ours stores: a fraction, a list, bytes. */
export const fromAttributeValues = (stored: Readonly<Record<string, AttributeValue>>): Item =>
  Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, fromAttributeValue(name, value)]));

function fromAttributeValue(name: string, value: AttributeValue): Attribute {
  if (value.S !== undefined) return value.S;
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.N !== undefined && /^-?\d+$/.test(value.N)) return BigInt(value.N);
  throw new TypeError(`attribute ${name} is neither text, integer nor boolean`);
}
