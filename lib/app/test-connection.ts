import { type CorrelationId, type MerchantId, parseConnection } from '../domain/ids.ts';
import { attempt } from './gateway-call.ts';
import type { Needs } from './needs.ts';
import { type Connection, type Connections, type Credentials, WrongSettings } from './ports/connections.ts';
import type { Gateways, Identified, Readers } from './ports/gateway.ts';
import type { Tended } from './ports/source.ts';
import { Unavailable } from './ports/unavailable.ts';
import { problemsWithSettings } from './settings.ts';

/** One thing that was looked at. Of secrets and credentials only whether they are there. */
export interface Checked {
  readonly what: 'settings' | 'secrets' | 'credential' | 'asked';
  readonly ok: boolean;
  readonly says: string;
}

export interface TestConnectionNeeds extends Pick<Needs, 'clock' | 'log'> {
  readonly connections: Connections;
  readonly credentials: Credentials;
  readonly readers: Readers;
  readonly gateways: Gateways;
  readonly sources: Tended;
  /** False of a source that is never asked anything, and so needs no credential. */
  readonly isAsked: (connection: Connection) => boolean;
}

/**
 * Whether a connection could do its work now: its settings, its verify secrets, its credential, and what the other side says to it. One or
 * two reads at the other side, past the gate of the account: no money moves, and nothing is recorded. Undefined: the merchant has no
 * connection of that name.
 */
export async function testConnection(
  needs: TestConnectionNeeds,
  of: { readonly merchant: MerchantId; readonly name: string; readonly correlation: CorrelationId },
): Promise<readonly Checked[] | undefined> {
  const name = parseConnection(of.name);
  if (name === undefined) return undefined;
  const all = await unlessWrong(name, () => needs.connections.of(of.merchant));
  if (isWrong(all)) return [all];
  // Not by its name: one whose settings can't be used is to be told of, and is not given out.
  const connection = all.find((one) => one.name === name);
  if (connection === undefined) return undefined;
  const shut = await unlessWrong(name, () => needs.connections.find(name));
  if (shut !== undefined && isWrong(shut)) return [shut];
  const credential = needs.isAsked(connection) ? await credentialOf(needs, connection) : undefined;
  return [
    await settingsOf(needs, connection),
    await secretsOf(needs, connection),
    ...(credential === undefined ? [] : [credential]),
    ...(credential?.ok ? [await askedOf(needs, connection, of.correlation)] : []),
  ];
}

const isWrong = (one: object): one is Checked => 'what' in one;

/** What is wrong with the settings of this connection, or of all. Of another one, which may be another merchant's, only that it is. */
async function unlessWrong<T>(name: string, get: () => Promise<T>): Promise<T | Checked> {
  try {
    return await get();
  } catch (error) {
    if (!(error instanceof Unavailable && error.cause instanceof WrongSettings)) throw error;
    const its = error.cause.wrong.filter(({ connection }) => connection === undefined || connection === name);
    const says = its.map((one) => one.says).join('; ') || 'the settings of another connection shut all of them';
    return { what: 'settings', ok: false, says };
  }
}

async function settingsOf(needs: TestConnectionNeeds, connection: Connection): Promise<Checked> {
  const reader = await needs.readers(connection);
  if (reader === undefined) return { what: 'settings', ok: false, says: `${connection.platform} is no platform here` };
  const all = await needs.connections.of(connection.merchant);
  const problems = problemsWithSettings(connection, reader.settings, all);
  return { what: 'settings', ok: problems.length === 0, says: problems.join('; ') || 'as its platform knows them' };
}

async function secretsOf({ connections, clock }: TestConnectionNeeds, { name }: Connection): Promise<Checked> {
  const live = await connections.verifySecrets(name, clock.now());
  const says =
    live.length === 0
      ? 'none counts now: every webhook is refused'
      : `${live.length} count now, the newest is ${live[0]?.version}`;
  return { what: 'secrets', ok: live.length > 0, says };
}

async function credentialOf({ credentials }: TestConnectionNeeds, { name }: Connection): Promise<Checked> {
  const there = await credentials.credential(name).then(
    () => true,
    () => false,
  );
  const says = there ? 'there' : 'missing: nothing can be sent or asked';
  return { what: 'credential', ok: there, says };
}

const limitMs = 5000;

async function askedOf(
  needs: TestConnectionNeeds,
  connection: Connection,
  correlation: CorrelationId,
): Promise<Checked> {
  try {
    const said = await (connection.kind === 'gateway'
      ? askGateway(needs, connection, correlation)
      : askShop(needs, connection));
    return { what: 'asked', ...said };
  } catch (error) {
    // Its cause says which setting or credential is not usable, in words of our own.
    const cause = error instanceof Unavailable && error.cause instanceof Error ? error.cause.message : undefined;
    return { what: 'asked', ok: false, says: cause ?? 'it could not be opened' };
  }
}

type Said = Pick<Checked, 'ok' | 'says'>;

async function askGateway(
  needs: TestConnectionNeeds,
  connection: Connection,
  correlation: CorrelationId,
): Promise<Said> {
  const gateway = await needs.gateways.open(connection);
  const { identify } = gateway;
  if (identify === undefined) return { ok: true, says: 'its gateway has no way to say whose a credential is' };
  const said = await attempt<Identified>(needs, 'identify', { correlation, connection }, () => identify({ limitMs }));
  if (said.is === 'cannot-tell')
    return {
      ok: false,
      says:
        said.weather === 'account'
          ? `it refuses the credential (${said.why}): put a new one into its secret`
          : `no usable answer (${said.why})`,
    };
  const { accountId } = connection.settings;
  if (accountId === undefined) return { ok: true, says: `answers as ${said.id}; state it as the setting accountId` };
  return accountId === said.id
    ? { ok: true, says: `answers as ${said.id}, as the setting accountId says` }
    : { ok: false, says: `answers as ${said.id}, and the setting accountId says another` };
}

async function askShop(needs: TestConnectionNeeds, connection: Connection): Promise<Said> {
  const { tending } = await needs.sources.open(connection);
  if (tending === undefined) return { ok: true, says: 'opened; nothing to ask it without a return' };
  const said = await tending.missing({ limitMs });
  if (said.is === 'cannot-tell') return { ok: false, says: `no usable answer (${said.why})` };
  const { topics } = said;
  return topics.length === 0
    ? { ok: true, says: 'answers, and every subscription is there' }
    : { ok: false, says: `answers, and has no subscription for ${topics.join(', ')}` };
}
