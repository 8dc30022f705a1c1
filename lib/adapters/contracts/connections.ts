import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Connections, Credentials } from '../../app/ports/connections.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { type ConnectionName, type MerchantId, parseConnection, parseMerchant } from '../../domain/ids.ts';
import { hour, type Instant, instant, plus } from '../../domain/time.ts';
import type { PlainConnections } from '../kit/plain-connections.ts';

function name(text: string): ConnectionName {
  const parsed = parseConnection(text);
  if (parsed === undefined) throw new Error('not a connection');
  return parsed;
}

function merchant(text: string): MerchantId {
  const parsed = parseMerchant(text);
  if (parsed === undefined) throw new Error('not a merchant');
  return parsed;
}

const demo = merchant('demo');

const now = instant(Date.UTC(2026, 10, 21, 12));
const rotation = { begins: '2026-11-21T13:00:00Z', ends: '2026-11-21T15:00:00+01:00' };

/** What an implementation under test is to hold. */
export const connectionsToHold: PlainConnections = {
  indexKey: { version: 'k1', key: Buffer.alloc(32, 7).toString('base64') },
  connections: [
    {
      name: name('shop'),
      merchant: demo,
      kind: 'source',
      platform: 'generic',
      mode: 'test',
      settings: { shop: 'demo.example' },
      verifySecrets: ['secret-new', 'secret-old'],
    },
    {
      name: name('gateway'),
      merchant: demo,
      kind: 'gateway',
      platform: 'example',
      mode: 'test',
      settings: {},
      verifySecrets: ['secret-gateway'],
      credential: 'credential-gateway',
    },
    {
      name: name('rotating'),
      merchant: demo,
      kind: 'source',
      platform: 'generic',
      mode: 'test',
      settings: {},
      verifySecrets: [
        'secret-without-dates',
        { secret: 'secret-before', version: '2025', until: rotation.ends },
        { secret: 'secret-after', version: '2026', from: rotation.begins },
      ],
    },
  ],
};

/** What the ports `Connections` and `Credentials` promise, for any implementation that holds `connectionsToHold`. */
export function connectionsContract(title: string, make: () => Promise<Connections & Credentials>): void {
  describe(`${title} keep the promises of the ports Connections and Credentials`, () => {
    let made: Connections & Credentials;
    beforeAll(async () => {
      made = await make();
    });

    test('A connection is found by its name, with its settings and without a secret.', async () => {
      const { verifySecrets: _, ...shop } = connectionsToHold.connections[0] ?? {};
      expect(await made.find(name('shop'))).toEqual(shop);
      expect(inspect(await made.find(name('gateway')))).not.toMatch(/secret|credential-/);
      expect(await made.find(name('nobody'))).toBeUndefined();
    });

    test('All connections of a merchant are found, in the order of the settings and without a secret.', async () => {
      const all = await made.of(demo);
      expect(all.map((one) => one.name)).toEqual(['shop', 'gateway', 'rotating']);
      expect(inspect(all)).not.toMatch(/secret-|credential-/);
      expect(await made.of(merchant('nobody'))).toEqual([]);
    });

    test('F20 Verify secrets come newest first.', async () => {
      const secrets = await made.verifySecrets(name('shop'), now);
      expect(secrets.map((secret) => secret.reveal())).toEqual(['secret-new', 'secret-old']);
      expect(secrets.map(({ version }) => version)).toEqual(['place-1', 'place-2']);
      expect(await made.verifySecrets(name('nobody'), now)).toEqual([]);
    });

    test.each<readonly [string, Instant, readonly string[]]>([
      ['before the new one begins', plus(now, hour - 1), ['place-1', '2025']],
      ['when it begins', plus(now, hour), ['2026', 'place-1', '2025']],
      ['just before the old one ends', plus(now, 2 * hour - 1), ['2026', 'place-1', '2025']],
      ['when it ends', plus(now, 2 * hour), ['2026', 'place-1']],
    ])('F20 Only secrets that are live are given: %s', async (_when, at, versions) => {
      const secrets = await made.verifySecrets(name('rotating'), at);
      expect(secrets.map(({ version }) => version)).toEqual(versions);
    });

    test('The blind-index key is the same each time.', async () => {
      const { version, key } = await made.indexKey(demo);
      expect([version, key.reveal()]).toEqual(['k1', connectionsToHold.indexKey.key]);
      expect((await made.indexKey(demo)).key.reveal()).toBe(key.reveal());
    });

    test('A credential is for the connection that has one.', async () => {
      expect((await made.credential(name('gateway'))).reveal()).toBe('credential-gateway');
      await expect(made.credential(name('shop'))).rejects.toThrow(Unavailable);
      await expect(made.credential(name('nobody'))).rejects.toThrow(Unavailable);
    });

    test('F134 No secret prints itself.', async () => {
      const all = [
        await made.verifySecrets(name('shop'), now),
        await made.indexKey(demo),
        await made.credential(name('gateway')),
      ];
      const printed = `${inspect(all, { depth: 5 })} ${JSON.stringify(all)} ${String(all[2])}`;
      expect(printed).not.toMatch(/secret-|credential-|BwcHBw/);
    });
  });
}
