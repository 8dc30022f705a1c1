import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readConnections } from '../lib/adapters/kit/connections-shape.ts';
import { configured, datedSecrets, liveSecrets, type PlainSecret } from '../lib/adapters/kit/plain-connections.ts';
import { readers } from '../lib/adapters/readers.ts';
import { wrongConnections } from '../lib/app/check-connections.ts';
import { ordersOf } from '../lib/app/order-shop.ts';
import type { Connection, Connections } from '../lib/app/ports/connections.ts';
import type { Setting } from '../lib/app/ports/gateway.ts';
import { instant } from '../lib/domain/time.ts';
import type { DataFolder } from './data-folder.ts';
import { writeSecretFile } from './secret-file.ts';

/** The tenant of every development connection. */
export const devMerchant = 'demo';

/** One connection as the file has it; `shop` and the like are in its settings. */
export interface FileConnection {
  readonly kind: 'source' | 'gateway';
  readonly platform: string;
  readonly merchant: string;
  readonly mode: 'test';
  readonly settings: Readonly<Record<string, string>>;
  readonly verifySecrets: readonly PlainSecret[];
  readonly credential?: string;
}

/** What the counterpart would sign with now: the newest secret that counts. */
export const signingSecret = (connection: FileConnection | undefined, nowMs: number): string | undefined =>
  liveSecrets(datedSecrets(connection?.verifySecrets ?? []), instant(nowMs))[0]?.reveal();

export interface FileConnections {
  readonly indexKey: { readonly version: string; readonly key: string };
  readonly connections: Readonly<Record<string, FileConnection>>;
}

/** Marks a connection whose counterpart is the simulator of this stack; its address is known only when the stack runs. */
export const simulatorSetting = 'simulator';

/**
 * The file of this stack's connections: development ones, with secrets made at the first start and kept in the data folder, and those
 * of `REDRESS_CONNECTIONS` beside them. Answers its path and what is in it.
 */
export async function writeConnections(
  folder: Pick<DataFolder, 'file'>,
  own: string | undefined,
): Promise<{ path: string; content: FileConnections }> {
  const made = folder.file('dev-connections.json');
  if (!existsSync(made)) writeSecretFile(made, JSON.stringify(fresh(), null, 2));
  const dev = completed(JSON.parse(readFileSync(made, 'utf8')) as FileConnections);
  writeSecretFile(made, JSON.stringify(dev, null, 2));
  const connections = ownConnections(own);
  const content = { ...dev, connections: { ...dev.connections, ...connections } };
  if (own !== undefined && own !== '') await checked(own, { ...dev, connections }, content);
  const path = folder.file('connections.json');
  writeSecretFile(path, JSON.stringify(content, null, 2));
  return { path, content };
}

/** A user's own: merchant and mode may be left out, since there is one of each here. What else is wrong the reader of the file says. */
function ownConnections(path: string | undefined): Record<string, FileConnection> {
  if (path === undefined || path === '') return {};
  if (!existsSync(path)) throw new Error(`REDRESS_CONNECTIONS names ${path}, and there is no such file.`);
  const text = readFileSync(path, 'utf8');
  const parsed = parse(path, text) as { connections?: Record<string, Partial<FileConnection>> } | null;
  const connections = parsed?.connections;
  if (typeof connections !== 'object' || connections === null) {
    throw new Error(`${path} needs {"connections": {name: {"kind", "platform", "verifySecrets", "credential"}}}.`);
  }
  const oneShop = Object.values(connections).filter(({ kind }) => kind === 'source').length < 2;
  return Object.fromEntries(
    Object.entries(connections).map(([name, one]) => [
      name,
      {
        merchant: devMerchant,
        mode: 'test',
        verifySecrets: [],
        ...one,
        settings: { ...(oneShop && one.kind === 'gateway' && anyOrder), ...one.settings },
      } as FileConnection,
    ]),
  );
}

/** The shops of development are no shops: beside one real one they make no order's number doubtful. */
const anyOrder = { [ordersOf]: '*' };

/** Wrong settings stop the start, with the user's own file named: a webhook that can never verify would look like an attack. */
async function checked(path: string, own: FileConnections, content: FileConnections): Promise<void> {
  const reading = readConnections(JSON.stringify(own));
  if (reading.is === 'wrong') throw new Error(`${path} can't be used: ${reading.problems.join('; ')}.`);
  const all = readConnections(JSON.stringify(content));
  const wrong = await wrongConnections(readers, configured(reading.plain), {
    all: all.is === 'wrong' ? [] : all.plain.connections,
    more: simulated,
  });
  if (wrong.length > 0) throw new Error(wrong.map(({ says }) => `${path}: ${says}.`).join('\n'));
}

/** A connection of one's own may lead to the simulator of this stack too. */
const simulated = ({ platform }: { readonly platform: string }): readonly Setting[] =>
  ['stripe', 'shopify']
    .filter((simulator) => simulator === platform)
    .map((simulator) => ({
      name: simulatorSetting,
      value: { is: 'text', must: `be ${simulator}`, fits: (text) => text === simulator },
    }));

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON.`);
  }
}

function fresh(): FileConnections {
  const common = { merchant: devMerchant, mode: 'test' } as const;
  return {
    indexKey: { version: 'k1', key: randomBytes(32).toString('base64') },
    connections: {
      'generic-demo': {
        ...common,
        kind: 'source',
        platform: 'generic',
        settings: {},
        verifySecrets: [`whsec_${randomBytes(32).toString('base64')}`],
      },
      'shopify-demo': {
        ...common,
        kind: 'source',
        platform: 'shopify',
        settings: {
          [simulatorSetting]: 'shopify',
          shop: 'demo.myshopify.com',
          'gateway.stripe': 'stripe-demo',
          payOn: 'return-processed',
          // A name only: the simulator delivers to this stack, whose port may be another at each start.
          webhookAddress: 'https://redress.example/webhooks/returns/shopify-demo',
        },
        verifySecrets: [randomBytes(24).toString('hex')],
        credential: `shpat_${randomBytes(16).toString('hex')}`,
      },
      'stripe-demo': {
        ...common,
        kind: 'gateway',
        platform: 'stripe',
        settings: { [simulatorSetting]: 'stripe', accountId: 'acct_sim', ...anyOrder },
        verifySecrets: [`whsec_${randomBytes(24).toString('hex')}`],
        credential: `sk_test_${randomBytes(24).toString('hex')}`,
      },
    },
  };
}

/** A data folder that an earlier version made gets the connections and settings that have come since; what it has stays as it is. */
function completed(dev: FileConnections): FileConnections {
  const connections: Record<string, FileConnection> = { ...dev.connections };
  for (const [name, made] of Object.entries(fresh().connections)) {
    const had = connections[name];
    connections[name] = had === undefined ? made : { ...had, settings: { ...made.settings, ...had.settings } };
  }
  return { ...dev, connections };
}

/** Connections to a simulator get its address on this stack. */
export const withSimulators = (connections: Connections, url: () => string): Connections => ({
  ...connections,
  find: async (name) => {
    const found = await connections.find(name);
    return found && addressed(found, url());
  },
  of: async (merchant) => (await connections.of(merchant)).map((one) => addressed(one, url())),
});

function addressed(connection: Connection, url: string): Connection {
  const { [simulatorSetting]: simulator, ...settings } = connection.settings;
  return simulator === undefined
    ? connection
    : { ...connection, settings: { ...settings, baseUrl: `${url}/sim/${simulator}` } };
}
