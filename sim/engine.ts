import { gatewayClients } from '../lib/adapters/gateways/clients.ts';
import { openGateways } from '../lib/adapters/gateways/open.ts';
import { gatewayReaders } from '../lib/adapters/gateways/readers.ts';
import type { Exchange } from '../lib/adapters/kit/exchange.ts';
import { hmacSha256, macKey, sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { readers } from '../lib/adapters/readers.ts';
import { sourceClients } from '../lib/adapters/sources/clients.ts';
import { openSources } from '../lib/adapters/sources/open.ts';
import { isAsked } from '../lib/adapters/sources/open-tended.ts';
import { sourceReaders } from '../lib/adapters/sources/readers.ts';
import { accountGate } from '../lib/app/account-gate.ts';
import { blindIndex } from '../lib/app/blind.ts';
import { openDoor } from '../lib/app/door.ts';
import type { Connections, Credentials } from '../lib/app/ports/connections.ts';
import type { Gateway, Gateways, Reader, Readers } from '../lib/app/ports/gateway.ts';
import type { Log } from '../lib/app/ports/log.ts';
import type { Queues } from '../lib/app/ports/queues.ts';
import type { Table } from '../lib/app/ports/table.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import type { Vault } from '../lib/app/ports/vault.ts';
import type { Clock } from '../lib/app/ports/world.ts';
import { mostRecent, recentNotices } from '../lib/app/recent.ts';
import { type VelocityLimits, velocity } from '../lib/app/velocity.ts';
import { embeddedFlood, type FloodLimits } from '../lib/domain/flood.ts';
import type { ConnectionName } from '../lib/domain/ids.ts';
import type { Tempo } from '../lib/domain/tempo.ts';
import type { Account } from './account.ts';
import { fraction } from './chance.ts';
import { gateway } from './connections.ts';
import type { CredentialInLife } from './credentials.ts';
import { type Process, skewed } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { Settings } from './settings.ts';

export const installation = 'simulated';

/** What all processes of one run share. */
export interface Outside {
  readonly seed: string;
  readonly time: Scheduler;
  readonly table: (process: Process) => Table;
  readonly queues: (process: Process) => Queues;
  /** The gateways, over a wire or as ports. */
  readonly account: () => Pick<Account, 'exchangeOf' | 'ports'>;
  /** The shop, where there is one that can be asked. */
  readonly shopExchangeOf: (process: Process) => Exchange | undefined;
  readonly vault: Vault;
  readonly log: Log;
  readonly tempo: Tempo;
  readonly gateway: { readonly keyWindowMs: number; readonly lateArrivalMs: number };
  readonly settings: Settings;
  /** How much may come in at once, where it is not as much as usual. */
  readonly flood: FloodLimits | undefined;
  /** How much is approved in an hour without a person. */
  readonly velocity: VelocityLimits;
  /** The restore epoch that the deployment of this process states. */
  readonly epochOf: (process: Process) => number;
  /** Where a life's credential may be refused or exchanged. */
  readonly credential: CredentialInLife | undefined;
  /** How far the clock of this process is off just now, beyond what the promise allows. */
  readonly wrongBy: (process: Process) => number;
}

/**
 * The engine as one process has it: the app code as it is, over ports that belong to this process, with a memory and a clock of its
 * own. Everything that a real environment keeps between two invocations is kept here.
 */
export function engineOf(outside: Outside, process: Process, skewMs: () => number) {
  const { seed, time, tempo, log, settings } = outside;
  const clock = skewed(time, skewMs);
  const connections = troubled(process, settings.connectionsOf(clock), { credential: outside.credential, clock });
  let drawn = 0;
  const ids = { random: () => sha256Hex(`${seed} ${process.name} ${++drawn}`).slice(0, 32) };
  const table = outside.table(process);
  const pause = (ms: number) => process.pause(ms);
  const { exchangeOf, ports } = outside.account();
  const exchange = exchangeOf?.(process);
  const world = { clock, ...(exchange !== undefined && { exchange }) };
  const shopExchange = outside.shopExchangeOf(process);
  return {
    table,
    queues: outside.queues(process),
    log,
    clock,
    ids,
    hash: sha256Hex,
    hashBytes: sha256Hex,
    door: openDoor(outside.flood ?? embeddedFlood),
    recent: recentNotices(mostRecent),
    pause,
    tempo,
    installation,
    restored: outside.epochOf(process),
    connections,
    readers: ports === undefined ? readers : readersWith(ports.reader),
    vault: troubledVault(process, outside.vault),
    blind: blindIndex(connections, mac),
    gateways:
      ports?.gatewaysOf(process, { clock, credentials: connections }) ??
      withRules(openGateways(connections, world), outside.gateway),
    confirmed: new WeakSet<Gateway>(),
    isAsked,
    sources: openSources(connections, { clock, ...(shopExchange !== undefined && { exchange: shopExchange }) }),
    policy: settings.policy(),
    merchants: settings.tenants.map(({ merchant }) => merchant),
    remainingMs: () => process.remainingMs(),
    velocity: velocity({ table, clock, ids, pause }, outside.velocity),
    gate: accountGate({ table, clock, ids, pause, log, tempo }),
  };
}

export type Engine = ReturnType<typeof engineOf>;

const macKeys = new Map<string, ReturnType<typeof macKey>>();
const macs = new Map<string, string>();

/** Every life has the same few payments and refunds: their blind names are made once. */
function mac(key: string, text: string): string {
  const name = JSON.stringify([key, text]);
  const known = macs.get(name);
  if (known !== undefined) return known;
  const made = macKeys.get(key) ?? macKey(key);
  macKeys.set(key, made);
  const blind = hmacSha256(made, text).toString('hex');
  if (macs.size > 5000) macs.clear();
  macs.set(name, blind);
  return blind;
}

// Loaded before the first life: what Node reads from a disk takes a time of its own, which no seed decides.
const folders = [gatewayReaders, gatewayClients, sourceReaders, sourceClients];
await Promise.all(folders.flatMap((loads) => [...loads.values()].map((load): Promise<unknown> => load())));

/** The same, but for gateways. */
const readersWith =
  (reader: Reader): Readers =>
  async (connection) =>
    connection.kind === 'gateway' ? reader : readers(connection);

function troubled(
  process: Process,
  known: Connections & Credentials,
  { credential, clock }: { readonly credential: CredentialInLife | undefined; readonly clock: Clock },
): Connections & Credentials {
  const ask = <T>(site: string, run: () => Promise<T>) =>
    process.call(`secrets ${site}`, ['secrets-down'], (fault) => {
      if (fault !== undefined) throw new Unavailable('connections');
      return run();
    });
  const read = (name: ConnectionName) => ask('credential', () => known.credential(name));
  const kept = credential?.readBy(() => read(gateway), clock);
  return {
    find: known.find,
    of: known.of,
    verifySecrets: (name, now) => ask('verify', () => known.verifySecrets(name, now)),
    indexKey: known.indexKey,
    credential: (name) => (name === gateway && kept !== undefined ? kept() : read(name)),
  };
}

function troubledVault(process: Process, vault: Vault): Vault {
  const ask = <T>(site: string, run: () => Promise<T>) =>
    process.call(`vault ${site}`, ['vault-down'], (fault) => {
      if (fault !== undefined) throw new Unavailable('vault');
      return run();
    });
  return {
    seal: (...of) => ask('seal', () => vault.seal(...of)),
    open: (...of) => ask('open', () => vault.open(...of)),
  };
}

/** What is opened again is opened as before: the cipher is real, and counts once for each text. */
export function remembering(vault: Vault): Vault {
  const opened = new Map<string, ReturnType<Vault['open']>>();
  return {
    seal: vault.seal,
    open(merchant, item, sealed) {
      const name = JSON.stringify([merchant, item, sealed]);
      const known = opened.get(name) ?? vault.open(merchant, item, sealed).then((content) => Object.freeze(content));
      opened.set(name, known);
      return known;
    },
  };
}

/** The same gateways with the key window and lateness of this run: with a day's window the decisive bugs stay invisible. */
function withRules(gateways: Gateways, rules: Outside['gateway']): Gateways {
  const made = new WeakMap<Gateway, Gateway>();
  return {
    async open(connection) {
      const plain = await gateways.open(connection);
      const known = made.get(plain) ?? { ...plain, capabilities: { ...plain.capabilities, ...rules } };
      made.set(plain, known);
      return known;
    },
  };
}

/** Two clocks are apart by at most what the promise allows. */
export const skewOf = (seed: string, name: string, most: number): number =>
  Math.round((fraction(`${seed}|skew|${name}`) - 0.5) * most);
