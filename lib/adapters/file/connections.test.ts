import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { instant, minute } from '../../domain/time.ts';
import { connectionsContract, connectionsToHold } from '../contracts/connections.ts';
import { settableClock } from '../memory/world.ts';
import { fileConnections } from './connections.ts';
import { readConnections } from './connections-shape.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redress-connections-'));
});
afterAll(() => rm(folder, { recursive: true }));

const { indexKey, connections } = connectionsToHold;
const content = { indexKey, connections: Object.fromEntries(connections.map(({ name, ...rest }) => [name, rest])) };
const shop = connections[0]!.name;

let files = 0;
async function write(value: unknown, mode = 0o600): Promise<string> {
  const path = join(folder, `connections-${++files}.json`);
  await writeFile(path, typeof value === 'string' ? value : JSON.stringify(value), { mode });
  // The mode of `writeFile` is subject to the umask.
  await chmod(path, mode);
  return path;
}

const clock = () => settableClock(instant(1_000_000));

connectionsContract('The connections of a file', async () => fileConnections(await write(content), clock()));

test.each([0o644, 0o640, 0o604, 0o660])(
  'A file of mode %o holds secrets that others can read, and is refused.',
  async (mode) => {
    const path = await write(content, mode);
    await expect(fileConnections(path, clock())).rejects.toThrow(`${path} holds secrets and can be read by others`);
  },
);

test('A file that is not there is said so at once.', async () => {
  await expect(fileConnections(join(folder, 'none.json'), clock())).rejects.toThrow('ENOENT');
});

test('F20 A change is seen after five minutes at the latest, and not before.', async () => {
  const path = await write(content);
  const time = clock();
  const made = await fileConnections(path, time);
  const changed = structuredClone(content);
  changed.connections[shop]!.verifySecrets = ['secret-newest', 'secret-new'];
  await writeFile(path, JSON.stringify(changed));
  const newest = async () => (await made.verifySecrets(shop))[0]?.reveal();
  time.advance(5 * minute - 1);
  expect(await newest()).toBe('secret-new');
  time.advance(1);
  expect(await newest()).toBe('secret-newest');
});

test('F21 A file that can no longer be used is Unavailable, until it can again.', async () => {
  const path = await write(content);
  const time = clock();
  const made = await fileConnections(path, time);
  await chmod(path, 0o644);
  expect(await made.verifySecrets(shop)).toHaveLength(2);
  time.advance(5 * minute);
  await expect(made.verifySecrets(shop)).rejects.toThrow(Unavailable);
  await expect(made.find(shop)).rejects.toThrow(Unavailable);
  await chmod(path, 0o600);
  expect(await made.verifySecrets(shop)).toHaveLength(2);
});

const withShop = (change: object) => ({
  ...content,
  connections: { shop: { ...content.connections.shop, ...change } },
});
const without = (field: string) => {
  const { [field]: _, ...rest } = { ...content.connections.shop } as Record<string, unknown>;
  return { ...content, connections: { shop: rest } };
};

test.each<readonly [unknown, string]>([
  ['{', 'it is not JSON'],
  [[], 'the file '],
  [{ connections: {} }, 'indexKey is missing'],
  [{ ...content, extra: 1 }, 'the file has unknown fields: extra'],
  [{ ...content, indexKey: { version: 'k1', key: 'c2hvcnQ=' } }, 'indexKey.key must be the base64 of 32 bytes'],
  [withShop({ kind: 'shop' }), 'connections.shop.kind must be "source" or "gateway"'],
  [withShop({ verifySecret: 'x' }), 'connections.shop has unknown fields: verifySecret'],
  [withShop({ merchant: 'De mo' }), 'connections.shop.merchant must be lower-case'],
  [withShop({ platform: '../x' }), 'connections.shop.platform must be lower-case'],
  [withShop({ settings: { port: 1 } }), 'connections.shop.settings.port '],
  [withShop({ verifySecrets: [] }), 'connections.shop.verifySecrets must hold at least one secret'],
  [withShop({ verifySecrets: ['a', ''] }), 'connections.shop.verifySecrets.1 must not be empty'],
  [without('platform'), 'connections.shop.platform is missing'],
  [without('verifySecrets'), 'connections.shop.verifySecrets is missing'],
  [
    { ...content, connections: { 'My Shop': content.connections.shop } },
    'connections.My Shop must be named by lower-case',
  ],
])('%j is refused with the name of the field.', (value, problem) => {
  const reading = readConnections(typeof value === 'string' ? value : JSON.stringify(value));
  expect(reading).toMatchObject({ is: 'wrong', problems: [expect.stringContaining(problem)] });
});

test.each<readonly [object, string]>([
  [{ mode: 'live' }, 'connections.shop.mode must be "test"'],
  [{ credential: 'sk_live_abc123' }, 'connections.shop.credential is a live key'],
  [{ credential: 'rk_live_abc123' }, 'connections.shop.credential is a live key'],
  [{ verifySecrets: ['sk_live_abc123'] }, 'connections.shop.verifySecrets.0 is a live key'],
])('F25 %j is refused: the embedded run is for development.', (change, problem) => {
  const reading = readConnections(JSON.stringify(withShop(change)));
  expect(reading).toMatchObject({ is: 'wrong', problems: [expect.stringContaining(problem)] });
});

test('F134 No problem quotes what stands in the file.', () => {
  const wrong = [
    withShop({ credential: 'sk_live_abc123' }),
    withShop({ kind: 'hush', mode: 'hush', merchant: 'Hush!', settings: 'hush' }),
  ];
  for (const text of [...wrong.map((one) => JSON.stringify(one)), '{"key": hush}']) {
    expect(JSON.stringify(readConnections(text))).not.toMatch(/hush|abc123/i);
  }
});
