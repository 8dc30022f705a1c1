import {
  type Attribute,
  type Condition,
  type IndexName,
  type IndexQuery,
  type Item,
  indexes,
  type Key,
  type Write,
} from '../../app/ports/table.ts';

/** DynamoDB's limit for one transaction. */
const mostWrites = 100;
/** DynamoDB's numbers hold 38 digits and round what has more. */
const largestNumber = 10n ** 38n - 1n;

const keyNames: ReadonlySet<string> = new Set(['pk', 'sk']);
const indexNames: ReadonlySet<string> = new Set(Object.values(indexes).flatMap(({ pk, sk }) => [pk, sk]));

/**
 * Throws a RangeError for writes that are a bug in the caller, whatever the store holds: none or more than 100, an item named
 * twice, a key of the other table's shape, a journal entry that is not put under `absent`, an empty or contradictory update, an
 * index attribute that is no text, a number beyond 38 digits. Both twins call it, so that a bug shows in memory too.
 */
export function checkWrites(writes: readonly Write[]): void {
  if (writes.length === 0 || writes.length > mostWrites)
    throw new RangeError(`${writes.length} writes in one transaction`);
  const seen = new Set<string>();
  for (const write of writes) {
    const key = keyOf(write);
    checkKey(key);
    const name = `${key.table} ${key.pk} ${key.sk ?? ''}`;
    if (seen.has(name)) throw new RangeError(`one write names ${name} twice`);
    seen.add(name);
    if (key.table === 'journal') checkJournal(write, name);
    checkContent(write, name);
    write.only.forEach(checkCondition);
  }
}

/** The key a write is about. */
export const keyOf = (write: Write): Key =>
  'put' in write ? write.key : 'update' in write ? write.update : write.check;

/** Throws a RangeError for a key that its table does not have. */
export function checkKey(key: Key): void {
  if (key.pk === '') throw new RangeError('an empty pk');
  if (key.table === 'journal' && !(Number.isSafeInteger(key.sk) && Number(key.sk) >= 1)) {
    throw new RangeError(`journal entries count from 1, not ${key.sk}`);
  }
  if (key.table === 'state' && key.sk !== undefined) throw new RangeError('the state table has no sk');
}

/** Throws a RangeError for a page of no size or more items than one answer of the store can hold. */
export function checkQuery({ pk, limit }: IndexQuery): void {
  if (pk === '') throw new RangeError('an empty pk');
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new RangeError(`a page of ${limit} items`);
}

/** No role may change or remove an entry, and a put without the condition would do just that. */
function checkJournal(write: Write, name: string): void {
  if ('check' in write) return;
  if ('put' in write && write.only.some((condition) => condition.is === 'absent')) return;
  throw new RangeError(`${name} is appended only, by a put under "absent"`);
}

function checkContent(write: Write, name: string): void {
  if ('put' in write) {
    checkAttributes(write.put);
    return;
  }
  if ('check' in write) {
    if (write.only.length === 0) throw new RangeError(`a check of ${name} without a condition`);
    return;
  }
  const named = [...Object.keys(write.set ?? {}), ...Object.keys(write.add ?? {}), ...(write.remove ?? [])];
  if (named.length === 0) throw new RangeError(`an update of ${name} that changes nothing`);
  if (new Set(named).size < named.length) throw new RangeError(`an update of ${name} that names an attribute twice`);
  if (named.some((attribute) => keyNames.has(attribute))) throw new RangeError(`an update of the key of ${name}`);
  checkAttributes(write.set ?? {});
  checkAttributes(write.add ?? {});
}

function checkAttributes(attributes: Item): void {
  for (const name in attributes) {
    const value = attributes[name];
    if (keyNames.has(name)) throw new RangeError(`${name} comes from the key`);
    if (indexNames.has(name) && (typeof value !== 'string' || value === ''))
      throw new RangeError(`${name} is not a text`);
    checkNumber(value);
  }
}

function checkCondition(condition: Condition): void {
  if (!('value' in condition)) return;
  if (condition.is === 'at-least' && typeof condition.value === 'boolean') {
    throw new RangeError('"at-least" compares numbers or texts');
  }
  checkNumber(condition.value);
}

function checkNumber(value: Attribute | undefined): void {
  if (typeof value === 'bigint' && (value > largestNumber || value < -largestNumber)) {
    throw new RangeError('a number of more than 38 digits');
  }
}

/** Where a page ended: sort key and pk of its last item. */
export interface Position {
  readonly sort: string;
  readonly pk: string;
}

export const positionOf = (index: IndexName, item: Item): Position => ({
  sort: String(item[indexes[index].sk]),
  pk: String(item.pk),
});

export const writeCursor = ({ sort, pk }: Position): string =>
  Buffer.from(JSON.stringify([sort, pk])).toString('base64url');

/** Throws a RangeError for text that `writeCursor` did not make: cursors come back from outside. */
export function readCursor(cursor: string): Position {
  const [sort, pk] = parsed(cursor);
  if (typeof sort !== 'string' || typeof pk !== 'string' || sort === '' || pk === '')
    throw new RangeError('not a cursor');
  return { sort, pk };
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) && value.length === 2 ? value : [];
  } catch {
    return [];
  }
}
