import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attribute, Condition, Write } from '../../app/ports/table.ts';
import { toAttributeValue } from './attributes.ts';

/** One request's names and values. Every name goes through here: half of the words that suit an attribute are reserved. */
export interface Words {
  name(attribute: string): string;
  value(value: Attribute): string;
  /** What the request carries besides its expressions; empty maps are refused by DynamoDB and left out. */
  attributes(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  };
}

export function words(): Words {
  const known = new Map<string, string>();
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  let count = 0;
  return {
    name(attribute) {
      const before = known.get(attribute);
      if (before !== undefined) return before;
      const word = `#n${known.size}`;
      known.set(attribute, word);
      names[word] = attribute;
      return word;
    },
    value(value) {
      const word = `:v${count}`;
      count += 1;
      values[word] = toAttributeValue(value);
      return word;
    },
    attributes: () => ({
      ...(known.size > 0 && { ExpressionAttributeNames: names }),
      ...(count > 0 && { ExpressionAttributeValues: values }),
    }),
  };
}

/** All conditions of a write as one expression; undefined where there are none. */
export const conditionExpression = (only: readonly Condition[], using: Words): string | undefined =>
  only.length === 0 ? undefined : only.map((condition) => half(condition, using)).join(' AND ');

function half(condition: Condition, { name, value }: Words): string {
  switch (condition.is) {
    case 'absent':
      return `attribute_not_exists(${name('pk')})`;
    case 'present':
      return `attribute_exists(${name('pk')})`;
    case 'unset':
      return `attribute_not_exists(${name(condition.attribute)})`;
    case 'equal':
      return `${name(condition.attribute)} = ${value(condition.value)}`;
    case 'not-equal':
      // DynamoDB's <> holds where the attribute is missing; the port's does not.
      return `(attribute_exists(${name(condition.attribute)}) AND ${name(condition.attribute)} <> ${value(condition.value)})`;
    case 'at-least':
      return `${name(condition.attribute)} >= ${value(condition.value)}`;
    case 'unset-or-equal':
      return `(attribute_not_exists(${name(condition.attribute)}) OR ${name(condition.attribute)} = ${value(condition.value)})`;
  }
}

type Update = Extract<Write, { readonly update: unknown }>;

/** `SET … ADD … REMOVE …`. ADD counts a missing number from 0. */
export function updateExpression({ set = {}, add = {}, remove = [] }: Update, { name, value }: Words): string {
  const clauses = [
    ['SET', Object.entries(set).map(([attribute, to]) => `${name(attribute)} = ${value(to)}`)],
    ['ADD', Object.entries(add).map(([attribute, more]) => `${name(attribute)} ${value(more)}`)],
    ['REMOVE', remove.map(name)],
  ] as const;
  return clauses
    .filter(([, parts]) => parts.length > 0)
    .map(([verb, parts]) => `${verb} ${parts.join(', ')}`)
    .join(' ');
}
