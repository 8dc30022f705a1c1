import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrongConnections } from '../../app/check-connections.ts';
import { type WrongSetting, WrongSettings } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { parseConnection, parseMerchant } from '../../domain/ids.ts';
import { instant, minute } from '../../domain/time.ts';
import { connectionsContract, connectionsToHold } from '../contracts/connections.ts';
import { settableClock } from '../memory/world.ts';
import { readers } from '../readers.ts';
import { clientLimits } from './client-limits.ts';
import { type Checking, secretConnections, secretCredentials } from './connections.ts';

/** Secrets Manager's protocol over HTTP, as far as it is asked: there is no engine of it on one machine. */
const secrets = new Map<string, string>();
let down = false;
let asked = 0;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  asked += 1;
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  if (down) return answer(500, { __type: 'InternalServiceError' });
  const { SecretId } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { SecretId: string };
  const SecretString = secrets.get(SecretId);
  if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue' || SecretString === undefined)
    return answer(400, { __type: 'ResourceNotFoundException' });
  return answer(200, { Name: SecretId, SecretString });
});

let client: SecretsManagerClient;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new SecretsManagerClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    endpoint: `http://127.0.0.1:${port}`,
    ...clientLimits({ attempts: 1 }),
  });
});
afterAll(() => {
  client.destroy();
  server.close();
});

const { indexKey, connections } = connectionsToHold;
const content = () => ({
  indexKey,
  connections: Object.fromEntries(connections.map(({ name, credential: _, ...rest }) => [name, rest])),
});
const shop = connections[0]!.name;
const gateway = connections[1]!.name;

function put(value: unknown = content()): void {
  secrets.set('redress/test/connections', typeof value === 'string' ? value : JSON.stringify(value));
  for (const { name, credential } of connections)
    if (credential !== undefined) secrets.set(`redress/test/credential/${name}`, credential);
}

const clock = () => settableClock(instant(1_000_000));
const told: WrongSetting[] = [];
const made = (time = clock(), check: Checking['check'] = async () => []) =>
  secretConnections({
    client,
    clock: time,
    secret: 'redress/test/connections',
    check,
    tell: (wrong) => told.push(...wrong),
  });
const credentials = (time = clock()) => secretCredentials({ client, clock: time, prefix: 'redress/test/credential/' });

connectionsContract('The connections of Secrets Manager', async () => {
  put();
  return { ...made(), ...credentials() };
});

describe('connections in Secrets Manager', () => {
  it('are read once in five minutes, and say whose they are', async () => {
    put();
    const time = clock();
    const one = made(time);
    asked = 0;
    await Promise.all([one.find(shop), one.find(gateway), one.merchants()]);
    expect(await one.merchants()).toEqual([...new Set(connections.map(({ merchant }) => merchant))]);
    expect(asked).toBe(1);
    time.advance(5 * minute);
    await one.find(shop);
    expect(asked).toBe(2);
  });

  it('F21 that can’t be read count for a quarter of an hour, and then nothing is accepted', async () => {
    put();
    const time = clock();
    const one = made(time);
    await one.find(shop);
    down = true;
    time.advance(15 * minute - 1);
    expect(await one.verifySecrets(shop, time.now())).not.toEqual([]);
    time.advance(1);
    await expect(one.verifySecrets(shop, time.now())).rejects.toThrow(Unavailable);
    down = false;
    expect(await one.verifySecrets(shop, time.now())).not.toEqual([]);
  });

  it.each([
    ['a credential', { connections: { a: { credential: 'sk_live_canary' } } }, /a\.credential has a secret of its own/],
    [
      'the address of a simulator',
      { connections: { a: { settings: { baseUrl: 'http://127.0.0.1:1' } } } },
      /a\.settings/,
    ],
    [
      'a development connection',
      { connections: { a: { settings: { simulator: 'stripe' } } } },
      /a\.settings are those/,
    ],
    ['an unknown mode', { connections: { a: { mode: 'prod' } } }, /a\.mode must be "test" or "live"/],
  ])('are refused with %s in them, by a sentence without what stands there', async (_, wrong, sentence) => {
    const base = {
      kind: 'gateway',
      platform: 'stripe',
      merchant: 'demo',
      mode: 'live',
      settings: {},
      verifySecrets: [],
    };
    put({ indexKey, connections: { a: { ...base, ...wrong.connections.a } } });
    const failure = await made()
      .find(shop)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unavailable);
    expect(String((failure as Unavailable).cause)).toMatch(sentence);
    expect(String((failure as Unavailable).cause)).not.toContain('canary');
  });

  it('that are misspelt, missing or wrong shut their connection alone, and are told once with connection and field', async () => {
    const base = {
      kind: 'gateway',
      platform: 'stripe',
      merchant: 'demo',
      mode: 'live',
      verifySecrets: ['whsec_0123456789abcdef0123456789abcdef'],
    };
    const bad = { ...base, settings: { accuntId: 'acct_canary' } };
    const all = {
      good: { ...base, settings: {} },
      bad,
      shop: { ...base, kind: 'source', platform: 'no-such', settings: {} },
    };
    put({ indexKey, connections: all });
    const time = clock();
    told.length = 0;
    const one = made(time, (configured) => wrongConnections(readers, configured));
    const [good, wrong, strange] = ['good', 'bad', 'shop'].map((name) => parseConnection(name)!);
    expect(await one.find(good!)).toMatchObject({ name: 'good' });
    for (const name of [wrong!, strange!]) {
      await expect(one.find(name)).rejects.toThrow(Unavailable);
      await expect(one.verifySecrets(name, time.now())).rejects.toThrow(Unavailable);
    }
    const failure = (await one.find(wrong!).catch((error: unknown) => error)) as Unavailable;
    expect(failure.cause).toBeInstanceOf(WrongSettings);
    expect(String(failure.cause)).toMatch(/unknown setting 'accuntId' of connection bad: did you mean 'accountId'/);
    expect(JSON.stringify(told) + String(failure.cause)).not.toContain('canary');
    expect((await one.of(parseMerchant('demo')!)).map(({ name }) => name)).toEqual(['good', 'bad', 'shop']);
    time.advance(5 * minute);
    await one.find(good!);
    expect(told.map(({ connection, field }) => [connection, field])).toEqual([
      ['bad', 'settings.accuntId'],
      ['shop', 'platform'],
    ]);
    put({ indexKey, connections: { ...all, bad: { ...base, mode: 'prod', settings: {} } } });
    time.advance(20 * minute);
    await expect(one.find(good!)).rejects.toThrow(Unavailable);
    expect(told.at(-1)).toMatchObject({ connection: 'bad', field: 'mode' });
    put({ indexKey, connections: { good: all.good, bad: { ...base, settings: { accountId: 'acct_1' } } } });
    expect(await one.find(wrong!)).toMatchObject({ name: 'bad' });
  });

  it('take live keys, which the file of development does not', async () => {
    const live = {
      kind: 'gateway',
      platform: 'stripe',
      merchant: 'demo',
      mode: 'live',
      settings: {},
      verifySecrets: ['whsec_0123456789abcdef0123456789abcdef'],
    };
    put({ indexKey, connections: { a: live } });
    expect((await made().find('a' as typeof shop))?.mode).toBe('live');
  });
});
