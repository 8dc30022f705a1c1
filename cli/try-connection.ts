import { join } from 'node:path';
import { fileConnections } from '../lib/adapters/file/connections.ts';
import { openGateways } from '../lib/adapters/gateways/open.ts';
import { readers } from '../lib/adapters/readers.ts';
import { openSources } from '../lib/adapters/sources/open.ts';
import { sources } from '../lib/adapters/sources/registry.ts';
import { systemClock } from '../lib/adapters/system/world.ts';
import type { Connection, Connections, Credentials } from '../lib/app/ports/connections.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import { parseConnection } from '../lib/domain/ids.ts';
import { settingsProblems, withSimulators } from '../local/dev-connections.ts';
import { type ReachedHere, Trouble } from './stack.ts';

/** One thing that was looked at. */
export interface Checked {
  readonly what: 'settings' | 'secrets' | 'credential' | 'asked';
  readonly ok: boolean;
  readonly says: string;
}

/**
 * Whether a connection could do its work now: its settings, its verify secrets, its credential, and what the other side says to it. Reads
 * the folder's file and asks by itself, since the operator API may not read credentials: one or two requests, past the gate of the account.
 */
export async function testConnection(stack: ReachedHere, name: string): Promise<readonly Checked[]> {
  const file = await fileConnections(join(stack.folder, 'connections.json'), systemClock);
  const connections = withSimulators(file, () => stack.url);
  const asConfigured = await known(file, name);
  const connection = await known(connections, name);
  const credential = await credentialOf(file, connection);
  return [
    await settingsOf(file, asConfigured),
    await secretsOf(file, connection),
    ...(credential === undefined ? [] : [credential]),
    ...(credential?.ok ? [await askedOf(connection, file)] : []),
  ];
}

async function known(connections: Connections, name: string): Promise<Connection> {
  const parsed = parseConnection(name);
  const found = parsed && (await connections.find(parsed));
  if (found === undefined) throw new Trouble(`There is no connection ${name}. See: npx redress connections list`);
  return found;
}

async function settingsOf(file: Connections, connection: Connection): Promise<Checked> {
  const reader = await readers(connection);
  if (reader === undefined) return { what: 'settings', ok: false, says: `${connection.platform} is no platform here` };
  const problems = settingsProblems(reader, connection, await file.of(connection.merchant));
  return { what: 'settings', ok: problems.length === 0, says: problems.join('; ') || 'as its platform knows them' };
}

async function secretsOf(file: Connections, { name }: Connection): Promise<Checked> {
  const live = await file.verifySecrets(name, systemClock.now());
  const says =
    live.length === 0
      ? 'none counts now: every webhook is refused'
      : `${live.length} count now, the newest is ${live[0]?.version}`;
  return { what: 'secrets', ok: live.length > 0, says };
}

/** Undefined of a source that is never asked anything. */
async function credentialOf(file: Credentials, connection: Connection): Promise<Checked | undefined> {
  if (connection.kind === 'source' && sources.get(connection.platform)?.client === undefined) return undefined;
  const there = await file.credential(connection.name).then(
    () => true,
    () => false,
  );
  const says = there ? 'there' : 'missing: nothing can be sent or asked';
  return { what: 'credential', ok: there, says };
}

const limitMs = 5000;

async function askedOf(connection: Connection, file: Credentials): Promise<Checked> {
  try {
    const said = connection.kind === 'gateway' ? await askGateway(connection, file) : await askShop(connection, file);
    return { what: 'asked', ...said };
  } catch (error) {
    // Its cause says which setting or credential is not usable, in words of our own.
    const cause = error instanceof Unavailable && error.cause instanceof Error ? error.cause.message : undefined;
    return { what: 'asked', ok: false, says: cause ?? 'it could not be opened' };
  }
}

type Said = Pick<Checked, 'ok' | 'says'>;

async function askGateway(connection: Connection, file: Credentials): Promise<Said> {
  const gateway = await openGateways(file, { clock: systemClock }).open(connection);
  if (gateway.identify === undefined) return { ok: true, says: 'its gateway has no way to say whose a credential is' };
  const said = await gateway.identify({ limitMs });
  if (said.is === 'cannot-tell') return { ok: false, says: `no usable answer (${said.why})` };
  const { accountId } = connection.settings;
  if (accountId === undefined) return { ok: true, says: `answers as ${said.id}; state it as the setting accountId` };
  return accountId === said.id
    ? { ok: true, says: `answers as ${said.id}, as the setting accountId says` }
    : { ok: false, says: `answers as ${said.id}, and the setting accountId says another` };
}

async function askShop(connection: Connection, file: Credentials): Promise<Said> {
  const { tending } = await openSources(file, { clock: systemClock }).open(connection);
  if (tending === undefined) return { ok: true, says: 'opened; nothing to ask it without a return' };
  const said = await tending.missing({ limitMs });
  if (said.is === 'cannot-tell') return { ok: false, says: `no usable answer (${said.why})` };
  const { topics } = said;
  return topics.length === 0
    ? { ok: true, says: 'answers, and every subscription is there' }
    : { ok: false, says: `answers, and has no subscription for ${topics.join(', ')}` };
}
