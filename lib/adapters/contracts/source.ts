import { describe, expect, it } from 'vitest';
import { type Connection, Secret } from '../../app/ports/connections.ts';
import type { Reader, Reading } from '../../app/ports/gateway.ts';
import { parseConnection, parseMerchant } from '../../domain/ids.ts';
import type { Notice } from '../../domain/notice.ts';
import { type Instant, instant } from '../../domain/time.ts';
import { verificationContract } from './verification.ts';

/** What the suite needs to know of a source's folder. */
export interface SourceUnderTest {
  readonly platform: string;
  readonly reader: Reader;
  /** What the signature covers: with `body` alone its messages are hints, and whoever sends them has to be asked. */
  readonly signs: 'everything' | 'body';
  readonly settings?: Readonly<Record<string, string>>;
  sign(body: string, secret: Secret, at: Instant): Readonly<Record<string, string>>;
  readonly secrets: readonly [string, string, string];
  readonly signatureHeader: string;
  readonly toleranceMs?: number;
  /** A return of two units for 24.00 EUR in all, as the platform writes it. */
  readonly returned: Record<string, unknown>;
  /** The same id may not come with these instead: each differs from `returned` in something that matters. */
  readonly different: Readonly<Record<string, Record<string, unknown>>>;
  /** A message of a type that is not ours. */
  readonly unknown: Record<string, unknown>;
}

/** Run by every source's folder. */
export function sourceContract(folder: SourceUnderTest): void {
  const [newest, older, strange] = folder.secrets;
  describe(`the ${folder.platform} source`, () => {
    readsReturns(folder);
    refusesUnreadable(folder);
  });
  verificationContract({
    reader: folder.reader,
    body: JSON.stringify(folder.returned),
    sign: (body, by, at) => folder.sign(body, by, at),
    signatureHeader: folder.signatureHeader,
    secrets: [new Secret(newest), new Secret(older), new Secret(strange)],
    now,
    ...(folder.toleranceMs === undefined ? {} : { toleranceMs: folder.toleranceMs }),
  });
}

const now = instant(Date.UTC(2026, 10, 21, 12));

function readOf(folder: SourceUnderTest, body: string | object, bytes?: Uint8Array): Reading {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = folder.sign(text, new Secret(folder.secrets[0]), now);
  return folder.reader.read({ body: bytes ?? new TextEncoder().encode(text), headers }, connectionTo(folder));
}

function noticeOf(folder: SourceUnderTest, body: string | object): Notice | undefined {
  const reading = readOf(folder, body);
  expect(reading).toMatchObject({ is: 'notices', notices: [{}] });
  return reading.is === 'notices' ? reading.notices[0] : undefined;
}

function readsReturns(folder: SourceUnderTest): void {
  describe('reads returns', () => {
    it.runIf(folder.signs === 'body')('F127 as a hint without any amount', () => {
      const notice = noticeOf(folder, folder.returned);
      expect(notice).toMatchObject({ kind: 'hint', subject: { return: expect.any(String), id: expect.any(String) } });
      expect(notice).not.toHaveProperty('snapshot');
    });

    it.runIf(folder.signs === 'everything')('as a snapshot of what came back', () => {
      const notice = noticeOf(folder, folder.returned);
      expect(notice).toMatchObject({ kind: 'return', snapshot: { currency: 'EUR', lines: [{ quantity: 2 }] } });
      const lines = notice?.kind === 'return' ? notice.snapshot.lines : [];
      expect(lines.reduce((sum, line) => sum + line.priceMinor + line.taxMinor, 0n)).toBe(2400n);
    });

    it('purely: the same bytes are the same notices', () => {
      expect(readOf(folder, folder.returned)).toEqual(readOf(folder, folder.returned));
    });

    it('F10 as the same message however it was spaced and ordered', () => {
      const { id, sameness } = noticeOf(folder, folder.returned) ?? {};
      for (const text of [JSON.stringify(folder.returned, null, 4), JSON.stringify(reversed(folder.returned))]) {
        expect(noticeOf(folder, text)).toMatchObject({ id, sameness });
      }
    });

    it.each(Object.entries(folder.different))('F10 as another message when %s differs', (_what, body) => {
      expect(noticeOf(folder, body)?.sameness).not.toBe(noticeOf(folder, folder.returned)?.sameness);
    });

    it('F22 and keeps what is of no type of ours as unknown', () => {
      expect(noticeOf(folder, folder.unknown)).toMatchObject({ kind: 'unknown' });
    });
  });
}

function refusesUnreadable(folder: SourceUnderTest): void {
  const text = JSON.stringify(folder.returned);
  const bytes = (given: string) => new TextEncoder().encode(given);
  const beginning = (more: string) => bytes(text.replace('{', `{${more},`));
  it.each([
    ['F15 bytes that are no UTF-8', Uint8Array.from([...bytes(text.slice(0, -1)), 0xff, 0x7d])],
    ['F15 a byte order mark', bytes(`\ufeff${text}`)],
    ['F16 depth', beginning(`"deep":${'['.repeat(40)}${']'.repeat(40)}`)],
    ['F16 a long number', beginning(`"long":${'9'.repeat(60)}`)],
    ['F17 a repeated key', beginning('"again":1,"again":2')],
    ['F18 __proto__', beginning('"__proto__":{"trigger":"approved"}')],
    ['text that is no JSON', bytes('return=RMA-1&amount=42.00')],
    ['nothing', new Uint8Array()],
  ])('refuses to read %s', (_what, body) => {
    expect(readOf(folder, text, body)).toMatchObject({ is: 'unreadable' });
  });
}

/** The same JSON with the keys of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}

function connectionTo({ platform, settings = {} }: SourceUnderTest): Connection {
  const name = parseConnection(`${platform}-contract`);
  const merchant = parseMerchant('contract');
  if (name === undefined || merchant === undefined) throw new Error('not a name');
  return { name, merchant, kind: 'source', platform, mode: 'test', settings };
}
