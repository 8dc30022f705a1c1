import { readEntry } from '../domain/chain.ts';
import type { Event, NoticeContent } from '../domain/events.ts';
import { type Fault, fault } from '../domain/fault.ts';
import { type CorrelationId, parseConnection } from '../domain/ids.ts';
import type { Notice } from '../domain/notice.ts';
import { noticeStream, type StreamName } from '../domain/streams.ts';
import { plus } from '../domain/time.ts';
import type { Door } from './door.ts';
import { append, beginning, type End, load, storedEntry } from './journal.ts';
import type { Needs } from './needs.ts';
import { noticeHead, samenessOf, split, storedKind } from './notices.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { RawRequest, Reader, Readers } from './ports/gateway.ts';
import { Unavailable } from './ports/unavailable.ts';
import type { Sealer } from './ports/vault.ts';
import type { RecentNotices } from './recent.ts';
import { insist } from './retry.ts';
import { type VerifyNeeds, verifyWebhook } from './verify-webhook.ts';

/** `receive` can seal and not open, and knows no API credential. */
export interface ReceiveNeeds extends Needs, VerifyNeeds {
  readonly connections: Connections;
  readonly readers: Readers;
  readonly vault: Sealer;
  /** What this environment remembers between two webhooks. */
  readonly door: Door;
  readonly recent: RecentNotices;
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
  if (raw.body.byteLength > largestBody) return refuse('too-large', 'Send at most 1 MiB.');
  const connection = await connectionOf(needs, incoming);
  const reader = connection && (await needs.readers(connection));
  if (connection === undefined || reader === undefined) {
    return refuse('no-such-connection', 'Check the last part of the URL: no connection has this name.');
  }
  if (!isJson(raw.headers['content-type'])) return refuse('wrong-media-type', 'Send application/json in UTF-8.');
  const { correlation } = incoming;
  const verified = await verifyWebhook(needs, { connection, reader, raw, correlation });
  if (verified.is === 'fault') return verified;
  const sender: Sender = { connection, reader, correlation, secretVersion: verified.secretVersion };
  const reading = reader.read(raw, connection);
  if (reading.is === 'notices') return recordAll(needs, sender, reading.notices);
  if (reader.answers === 'own') {
    return refuse(reading.is === 'unreadable' ? 'unreadable' : 'invalid', reading.problem);
  }
  const id = needs.hashBytes(raw.body);
  const unknown: Notice = { kind: 'unknown', id, sameness: id, type: reading.is };
  return recordAll(needs, sender, [unknown]);
}

const refuse = (...of: Parameters<typeof fault>): Received => ({ is: 'fault', fault: fault(...of) });

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
  for (const notice of notices) results.push(await record(needs, sender, notice));
  const ids = notices.map((notice) => notice.id);
  if (results.includes('conflict') && sender.reader.answers === 'own') {
    return refuse(
      'conflict',
      'This webhook-id was delivered before with other content. The first is kept; use a new id.',
    );
  }
  if (notices.some((notice) => notice.kind === 'unknown')) return { is: 'quarantined' };
  return results.includes('recorded') ? { is: 'recorded', ids } : { is: 'seen', ids };
}

type Recorded = 'recorded' | 'seen' | 'conflict';

async function record(needs: ReceiveNeeds, sender: Sender, notice: Notice): Promise<Recorded> {
  const { connection, correlation } = sender;
  const stream = noticeStream(connection.merchant, connection.name, notice.id);
  if (needs.recent.knows(stream) && (await isRecorded(needs, stream, notice)))
    return noted(needs, sender, stream, notice, 'seen');
  const { content, secrets } = split(notice);
  const sealed =
    Object.keys(secrets).length === 0 ? {} : { sealed: await needs.vault.seal(connection.merchant, stream, secrets) };
  const recorded = await insist(needs, async (): Promise<Recorded | undefined> => {
    const at = needs.clock.now();
    const appended = await append(needs, {
      stream,
      after: beginning,
      at,
      actor: 'receive',
      cause: connection.name,
      correlation,
      events: [
        {
          type: 'notice.recorded',
          v: 1,
          kind: storedKind(notice),
          word: notice.type,
          sameness: notice.sameness,
          content,
          ...sealed,
        },
      ],
      head: noticeHead(
        stream,
        notice.kind === 'unknown' ? 'done' : 'new',
        storedKind(notice),
        notice.kind === 'unknown' ? undefined : plus(at, needs.tempo.graceMs),
      ),
      also: [],
    });
    if (appended.is === 'appended') return 'recorded';
    if (appended.is !== 'seen') return undefined;
    const first = readEntry<Event>(appended.first);
    return samenessOf(first) === notice.sameness
      ? 'seen'
      : keepConflict(needs, { stream, correlation, notice, content, sealed });
  });
  if (recorded === undefined) throw new Unavailable('table');
  if (recorded !== 'conflict') needs.recent.recorded(stream);
  return noted(needs, sender, stream, notice, recorded);
}

/** Whether the notice's stream begins with this very content: one strong read. */
async function isRecorded({ table }: ReceiveNeeds, stream: StreamName, { sameness }: Notice): Promise<boolean> {
  const first = await table.get({ table: 'journal', pk: stream, sk: 1 });
  return first !== undefined && samenessOf(readEntry<Event>(storedEntry(first, 1))) === sameness;
}

function noted(
  needs: ReceiveNeeds,
  { connection, correlation, secretVersion }: Sender,
  stream: StreamName,
  notice: Notice,
  recorded: Recorded,
): Recorded {
  const code = recorded === 'recorded' ? 'notice-recorded' : 'notice-seen';
  const about = { correlation, merchant: connection.merchant, stream, connection: connection.name };
  needs.log.note(code, { ...about, secretVersion });
  if (notice.kind === 'unknown' && recorded === 'recorded')
    needs.log.alarm('notice-quarantined', { ...about, code: notice.type });
  return recorded;
}

interface Conflict {
  readonly stream: StreamName;
  readonly correlation: CorrelationId;
  readonly notice: Notice;
  readonly content: NoticeContent;
  readonly sealed: { readonly sealed?: string };
}

/** How many other contents under one id are kept; what comes after them is answered alike and only logged. */
const mostConflicts = 5;

/** The first stays; the other content is evidence, once per content (F10). */
async function keepConflict(
  needs: ReceiveNeeds,
  { stream, correlation, notice, content, sealed }: Conflict,
): Promise<Recorded | undefined> {
  needs.log.alarm('notice-conflict', { stream, correlation });
  const { entries, end } = await load<Event>(needs, stream);
  const kept = entries.filter((entry) => entry.events[0]?.type === 'notice.conflicted');
  if (kept.some((entry) => samenessOf(entry) === notice.sameness) || kept.length >= mostConflicts) return 'conflict';
  const at = needs.clock.now();
  const appended = await append(needs, {
    stream,
    after: end satisfies End,
    at,
    actor: 'receive',
    cause: stream,
    correlation,
    events: [
      { type: 'notice.conflicted', v: 1, kind: storedKind(notice), sameness: notice.sameness, content, ...sealed },
    ],
    head:
      notice.kind === 'unknown'
        ? noticeHead(stream, 'done', storedKind(notice), undefined)
        : noticeHead(stream, 'conflicted', storedKind(notice), plus(at, needs.tempo.graceMs)),
    also: [],
  });
  return appended.is === 'appended' ? 'conflict' : undefined;
}
