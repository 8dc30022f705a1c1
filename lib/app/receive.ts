import { type Fault, refusal } from '../domain/fault.ts';
import { type CorrelationId, parseConnection } from '../domain/ids.ts';
import type { Notice } from '../domain/notice.ts';
import type { Door } from './door.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { RawRequest, Reader, Readers } from './ports/gateway.ts';
import { type Recorded, type RecordNeeds, recordNotice } from './record-notice.ts';
import { type VerifyNeeds, verifyWebhook } from './verify-webhook.ts';

/** `receive` can seal and not open, and knows no API credential. */
export interface ReceiveNeeds extends RecordNeeds, VerifyNeeds {
  readonly connections: Connections;
  readonly readers: Readers;
  /** What this environment remembers between two webhooks. */
  readonly door: Door;
  /** Hex SHA-256 of bytes, for what can't be read. */
  readonly hashBytes: (bytes: Uint8Array) => string;
}

export interface Incoming {
  readonly kind: 'source' | 'gateway';
  readonly connection: string;
  readonly raw: RawRequest;
  readonly correlation: CorrelationId;
}

/** `recorded`: at least one notice is new and durable. `seen`: all are known. Anything else was not recorded as new. */
export type Received =
  | { readonly is: 'recorded'; readonly ids: readonly string[] }
  | { readonly is: 'seen'; readonly ids: readonly string[] }
  /** A platform's message that we can't act on; it is kept, and answered with success. */
  | { readonly is: 'quarantined' }
  | { readonly is: 'fault'; readonly fault: Fault };

/** 1 MiB: larger than any notice of any platform, smaller than what hurts (F13). */
export const largestBody = 1024 * 1024;

/**
 * One webhook: verify the bytes, read them, record what they say. **Recorded once, or not answered with success**: the answer is
 * given after the transaction, never before it (F30). Before the signature holds nothing is asked of the store or the key service.
 */
export async function receive(needs: ReceiveNeeds, incoming: Incoming): Promise<Received> {
  const { raw } = incoming;
  if (raw.body.byteLength > largestBody) return refusal('too-large', 'Send at most 1 MiB.');
  const connection = await connectionOf(needs, incoming);
  const reader = connection && (await needs.readers(connection));
  if (connection === undefined || reader === undefined) {
    return refusal('no-such-connection', 'Check the last part of the URL: no connection has this name.');
  }
  if (!isJson(raw.headers['content-type'])) return refusal('wrong-media-type', 'Send application/json in UTF-8.');
  const { correlation } = incoming;
  const verified = await verifyWebhook(needs, { connection, reader, raw, correlation });
  if (verified.is === 'fault') return verified;
  const sender: Sender = { connection, reader, correlation, secretVersion: verified.secretVersion };
  const reading = reader.read(raw, connection);
  if (reading.is === 'notices') return recordAll(needs, sender, reading.notices);
  if (reader.answers === 'own') {
    return refusal(reading.is === 'unreadable' ? 'unreadable' : 'invalid', reading.problem);
  }
  const id = needs.hashBytes(raw.body);
  const unknown: Notice = { kind: 'unknown', id, sameness: id, type: reading.is };
  return recordAll(needs, sender, [unknown]);
}

/** `application/json`, with no charset but UTF-8; no guessing (F14). */
const isJson = (type: string | undefined): boolean =>
  /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type ?? '');

async function connectionOf(needs: ReceiveNeeds, { connection, kind }: Incoming): Promise<Connection | undefined> {
  const name = parseConnection(connection);
  const found = name && (await needs.connections.find(name));
  return found?.kind === kind ? found : undefined;
}

interface Sender {
  readonly connection: Connection;
  readonly reader: Reader;
  readonly correlation: CorrelationId;
  readonly secretVersion: string;
}

/** All notices of a request are durable, or the sender hears that they are not and sends again. */
async function recordAll(needs: ReceiveNeeds, sender: Sender, notices: readonly Notice[]): Promise<Received> {
  const results: Recorded[] = [];
  for (const notice of notices) results.push(await recordNotice(needs, { ...sender, actor: 'receive' }, notice));
  const ids = notices.map((notice) => notice.id);
  if (results.includes('conflict') && sender.reader.answers === 'own') {
    return refusal(
      'conflict',
      'This webhook-id was delivered before with other content. The first is kept; use a new id.',
    );
  }
  if (notices.some((notice) => notice.kind === 'unknown')) return { is: 'quarantined' };
  return results.includes('recorded') ? { is: 'recorded', ids } : { is: 'seen', ids };
}
