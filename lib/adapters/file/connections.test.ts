import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { instant, minute } from '../../domain/time.ts';
import { connectionsContract, connectionsToHold } from '../contracts/connections.ts';
import { readConnections } from '../kit/connections-shape.ts';
import { settableClock } from '../memory/world.ts';
import { fileConnections } from './connections.ts';

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

const put = (path: string, value: unknown) => writeFile(path, JSON.stringify(value), { mode: 0o600 });

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
  const newest = async () => (await made.verifySecrets(shop, time.now()))[0]?.reveal();
  time.advance(5 * minute - 1);
  expect(await newest()).toBe('secret-new');
  time.advance(1);
  expect(await newest()).toBe('secret-newest');
});

test.each([
  ['that others can read now', (path: string) => chmod(path, 0o644), (path: string) => chmod(path, 0o600)],
  ['that is gone', (path: string) => rm(path), (path: string) => put(path, content)],
  ['that says something wrong', (path: string) => put(path, {}), (path: string) => put(path, content)],
])(
  'F21 A file %s counts for a quarter of an hour since it was read, then it is Unavailable.',
  async (_, spoil, mend) => {
    const path = await write(content);
    const time = clock();
    const made = await fileConnections(path, time);
    const secrets = () => made.verifySecrets(shop, time.now());
    await spoil(path);
    expect(await secrets()).toHaveLength(2);
    time.advance(5 * minute);
    expect(await secrets()).toHaveLength(2);
    time.advance(10 * minute - 1);
    expect(await secrets()).toHaveLength(2);
    time.advance(1);
    await expect(secrets()).rejects.toThrow(Unavailable);
    await expect(made.find(shop)).rejects.toThrow(Unavailable);
    await expect(made.credential(shop)).rejects.toThrow(Unavailable);
    await mend(path);
    expect(await secrets()).toHaveLength(2);
  },
);

test('F20 F21 A secret ends at its instant also while the file can not be read.', async () => {
  const time = clock();
  const changed = structuredClone(content);
  changed.connections[shop]!.verifySecrets = [
    'new',
    { secret: 'old', until: new Date(time.now() + minute).toISOString() },
  ];
  const path = await write(changed);
  const made = await fileConnections(path, time);
  await rm(path);
  expect(await made.verifySecrets(shop, time.now())).toHaveLength(2);
  time.advance(6 * minute);
  expect(await made.verifySecrets(shop, time.now())).toHaveLength(1);
});

test('F21 A file that can be read again is used again, with what has changed in it.', async () => {
  const path = await write(content);
  const time = clock();
  const made = await fileConnections(path, time);
  await rm(path);
  time.advance(6 * minute);
  expect(await made.find(shop)).toBeDefined();
  await put(path, { indexKey, connections: {} });
  expect(await made.find(shop)).toBeUndefined();
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
  [[], 'the file is not of type object'],
  [{ connections: {} }, 'indexKey is missing'],
  [{ ...content, extra: 1 }, 'the file has unknown fields: extra'],
  [{ ...content, indexKey: { version: 'k1', key: 'c2hvcnQ=' } }, 'indexKey.key must be the base64 of 32 bytes'],
  [withShop({ kind: 'shop' }), 'connections.shop.kind must be "source" or "gateway"'],
  [withShop({ verifySecret: 'x' }), 'connections.shop has unknown fields: verifySecret'],
  [withShop({ merchant: 'De mo' }), 'connections.shop.merchant must be lower-case'],
  [withShop({ platform: '../x' }), 'connections.shop.platform must be lower-case'],
  [withShop({ settings: { port: 1 } }), 'connections.shop.settings.port is not of type string'],
  [withShop({ verifySecrets: [] }), 'connections.shop.verifySecrets must hold at least one secret'],
  [withShop({ verifySecrets: ['a', ''] }), 'connections.shop.verifySecrets.1.secret must not be empty'],
  [withShop({ verifySecrets: [{ version: 'a' }] }), 'connections.shop.verifySecrets.0.secret is missing'],
  [withShop({ verifySecrets: [{ secret: 'a', from: 'soon' }] }), 'verifySecrets.0.from must be an instant'],
  [
    withShop({ verifySecrets: [{ secret: 'a', from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' }] }),
    'verifySecrets.0.until must be after "from"',
  ],
  [withShop({ verifySecrets: [{ secret: 'a', version: 'v 1' }] }), 'verifySecrets.0.version must be 1 to 32 letters'],
  [
    withShop({ verifySecrets: [{ secret: 'whsec_12345678', version: '12345678' }] }),
    'verifySecrets.0.version must not be part of the secret',
  ],
  [withShop({ verifySecrets: [7] }), 'connections.shop.verifySecrets.0 is not of type object'],
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
  [{ verifySecrets: ['sk_live_abc123'] }, 'connections.shop.verifySecrets.0.secret is a live key'],
])('F25 %j is refused: the embedded run is for development.', (change, problem) => {
  const reading = readConnections(JSON.stringify(withShop(change)));
  expect(reading).toMatchObject({ is: 'wrong', problems: [expect.stringContaining(problem)] });
});

test('F17 A connection that is named twice is refused, and not taken for the later one.', () => {
  const one = JSON.stringify(content.connections.shop);
  const text = JSON.stringify(content).replace('"connections":{', `"connections":{"shop":${one},`);
  const problems = [expect.stringContaining('it has the same key twice')];
  expect(readConnections(text)).toMatchObject({ is: 'wrong', problems, wrong: [{ field: 'all' }] });
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
