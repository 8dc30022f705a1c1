import { describe, expect, it } from 'vitest';
import { Secret } from '../../app/ports/connections.ts';
import type { RawRequest, Reader } from '../../app/ports/gateway.ts';
import { type Instant, plus } from '../../domain/time.ts';

export interface SignedScheme {
  readonly reader: Reader;
  /** A body the platform could send. */
  readonly body: string;
  /** Signs as the platform does. */
  sign(body: string, secret: Secret, at: Instant): Readonly<Record<string, string>>;
  readonly signatureHeader: string;
  /** Three different secrets in the scheme's form. */
  readonly secrets: readonly [Secret, Secret, Secret];
  readonly now: Instant;
  /** How far the signed time may be from ours, either way; absent where the scheme signs none. */
  readonly toleranceMs?: number;
}

/** Run by every folder that verifies webhooks. */
export function verificationContract(scheme: SignedScheme): void {
  describe('verifies signatures', () => {
    itTakesAnySecret(scheme);
    itRefusesSpoiltSignatures(scheme);
    itRefusesChangedBodies(scheme);
    if (scheme.toleranceMs === undefined) it.skip('F6 F7 within a tolerance (the scheme signs no time)');
    else itHoldsTheClock(scheme, scheme.toleranceMs);
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

const signed = ({ body, sign, now, secrets }: SignedScheme, at = now, by = secrets[0]): RawRequest => ({
  body: bytes(body),
  headers: sign(body, by, at),
});

function why({ reader, now, secrets }: SignedScheme, raw: RawRequest, known: readonly Secret[] = [secrets[0]]): string {
  const verification = reader.verify(raw, known, now);
  return verification.verified ? 'verified' : verification.why;
}

function itTakesAnySecret(scheme: SignedScheme): void {
  const { reader, now } = scheme;
  const [secret, older, strange] = scheme.secrets;

  it('F20 accepts what any of several secrets has signed, and says which', () => {
    const verify = (by: Secret) => reader.verify(signed(scheme, now, by), [secret, older], now);
    expect(verify(secret)).toMatchObject({ verified: true, secretIndex: 0 });
    expect(verify(older)).toMatchObject({ verified: true, secretIndex: 1 });
  });

  it('F1 refuses a signature by another secret, and any without a secret', () => {
    expect(why(scheme, signed(scheme, now, strange), [secret, older])).toBe('mismatch');
    expect(why(scheme, signed(scheme), [])).toBe('mismatch');
  });

  it('F1 refuses everything while a secret is empty', () => {
    expect(why(scheme, signed(scheme), [new Secret('')])).toBe('mismatch');
  });
}

function itRefusesSpoiltSignatures(scheme: SignedScheme): void {
  const { signatureHeader: header } = scheme;
  const good = signed(scheme);
  const signature = good.headers[header] ?? '';
  const withHeader = (value: string): RawRequest => ({ ...good, headers: { ...good.headers, [header]: value } });

  it('F1 refuses a missing and an empty signature', () => {
    const { [header]: _gone, ...others } = good.headers;
    expect(why(scheme, { ...good, headers: others })).toBe('no-signature');
    expect(why(scheme, withHeader(''))).toBe('no-signature');
  });

  it.each([
    ['cut', signature.slice(0, -1)],
    ['cut in half', signature.slice(0, signature.length / 2)],
    ['stretched', `${signature}0`],
    ['in other letters', signature.toUpperCase()],
    ['only commas', ',,,'],
    ['only a sign', '='],
    ['only a space', ' '],
    ['not ASCII', 'é'],
  ])('F1 refuses a signature that is %s', (_how, value) => {
    expect(why(scheme, withHeader(value))).toMatch(/^(?:mismatch|malformed|no-signature)$/);
  });
}

function itRefusesChangedBodies(scheme: SignedScheme): void {
  const { body } = scheme;

  it('F2 refuses a body that was changed by as little as a space', () => {
    for (const changed of [`${body} `, ` ${body}`, body.slice(0, -1), body.replace('{', '{ '), '']) {
      expect(why(scheme, { ...signed(scheme), body: bytes(changed) })).toBe('mismatch');
    }
  });

  it('F2 refuses a body with a flipped bit, wherever it is', () => {
    const whole = bytes(body);
    for (let at = 0; at < whole.length; at += 7) {
      const flipped = Uint8Array.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      expect(why(scheme, { ...signed(scheme), body: flipped })).toBe('mismatch');
    }
  });
}

function itHoldsTheClock(scheme: SignedScheme, toleranceMs: number): void {
  const whyAt = (ms: number, by?: Secret) => why(scheme, signed(scheme, plus(scheme.now, ms), by));

  it('F6 F7 accepts a signed time at the tolerance, and refuses one beyond it on either side', () => {
    expect(whyAt(-toleranceMs)).toBe('verified');
    expect(whyAt(toleranceMs)).toBe('verified');
    expect(whyAt(-toleranceMs - 1000)).toBe('too-old');
    expect(whyAt(toleranceMs + 1000)).toBe('from-the-future');
  });

  it('F26 tells the signed time of what holds, early, late and in time, and of nothing else', () => {
    for (const ms of [0, -toleranceMs - 1000, toleranceMs + 1000]) {
      const at = plus(scheme.now, ms);
      const verify = (by?: Secret) => scheme.reader.verify(signed(scheme, at, by), [scheme.secrets[0]], scheme.now);
      expect(verify()).toMatchObject({ signedAt: at });
      expect(verify(scheme.secrets[2])).not.toHaveProperty('signedAt');
    }
  });

  it('F1 F6 says of a forged old message that it is forged', () => {
    expect(whyAt(-10 * toleranceMs, scheme.secrets[2])).toBe('mismatch');
  });
}
