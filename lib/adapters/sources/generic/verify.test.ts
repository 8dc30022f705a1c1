import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../app/ports/connections.ts';
import { fromSeconds, instant } from '../../../domain/time.ts';
import { sign } from './sign.ts';
import { verify } from './verify.ts';

const at = fromSeconds(1_614_265_330);
const secret = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
const text = '{"test": 2432232314}';
const body = new TextEncoder().encode(text);
const good = sign(text, { secret, id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at });
const whyOf = (change: Record<string, string>, by = secret) => {
  const verification = verify({ body, headers: { ...good, ...change } }, [by], at);
  return verification.verified ? 'verified' : verification.why;
};
const signature = good['webhook-signature'] ?? '';

describe("Standard Webhooks' headers", () => {
  it('have a known answer', () => {
    // From the reference library's tests.
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it.each([
    ['with other versions in the list', { 'webhook-signature': `v1a,AAAA v2,AAAA ${signature}` }, 'verified'],
    ['with only another version', { 'webhook-signature': signature.replace('v1,', 'v2,') }, 'mismatch'],
    ['F1 without the version', { 'webhook-signature': signature.slice(3) }, 'mismatch'],
    ['F1 in base64 without padding', { 'webhook-signature': signature.replace('=', '') }, 'mismatch'],
    ['F1 in base64 for URLs', { 'webhook-signature': signature.replaceAll('+', '-').replaceAll('/', '_') }, 'mismatch'],
    ['F1 divided by commas', { 'webhook-signature': `v1,AAAA,${signature}` }, 'mismatch'],
    ['ten times', { 'webhook-signature': Array(10).fill(signature).join(' ') }, 'verified'],
    ['F1 eleven times', { 'webhook-signature': Array(11).fill(signature).join(' ') }, 'malformed'],
    ['F1 a thousand times', { 'webhook-signature': Array(1000).fill(signature).join(' ') }, 'malformed'],
    ['F1 with another id', { 'webhook-id': 'msg_other' }, 'mismatch'],
    ['F1 without an id', { 'webhook-id': '' }, 'malformed'],
    ['F1 with a point in the id', { 'webhook-id': 'msg.1' }, 'malformed'],
    ['F1 with a time that is no number', { 'webhook-timestamp': '1614265330.5' }, 'malformed'],
    ['F1 with the time in milliseconds', { 'webhook-timestamp': '1614265330000' }, 'malformed'],
    ['F1 with another time', { 'webhook-timestamp': '1614265331' }, 'mismatch'],
  ])('%s', (_name, change, expected) => {
    expect(whyOf(change)).toBe(expected);
  });

  it('F1 no id with a point can be shifted into the time', () => {
    const shifted = sign('1614265330.{}', { secret, id: 'msg', at });
    const raw = { body: new TextEncoder().encode('{}'), headers: { ...shifted, 'webhook-id': 'msg.1614265330' } };
    expect(verify(raw, [secret], at)).toEqual({ verified: false, why: 'malformed' });
  });

  it.each([24, 64])('F1 verify with a secret of %i bytes', (length) => {
    const by = new Secret(`whsec_${Buffer.alloc(length, 7).toString('base64')}`);
    const headers = sign(text, { secret: by, id: 'msg', at });
    expect(verify({ body, headers }, [by], at)).toMatchObject({ verified: true });
  });

  it('F1 are not taken where they are made with nothing, while a secret is empty', () => {
    const digest = createHmac('sha256', '')
      .update(`msg.${at / 1000}.`)
      .update(body)
      .digest('base64');
    const headers = {
      'webhook-id': 'msg',
      'webhook-timestamp': String(at / 1000),
      'webhook-signature': `v1,${digest}`,
    };
    for (const empty of ['', 'whsec_'])
      expect(verify({ body, headers }, [new Secret(empty)], at)).toEqual({ verified: false, why: 'mismatch' });
  });

  const key32 = Buffer.alloc(32, 1).toString('base64');
  it.each([
    ['no base64', 'whsec_hello world'],
    ['base64 after another sign', `whsec_!${key32}`],
    ['base64 before another sign', `whsec_${key32}!`],
    ['base64 with a prefix in the middle', `AAAAwhsec_${key32}`],
    ['too short', `whsec_${Buffer.alloc(23, 1).toString('base64')}`],
    ['too long', `whsec_${Buffer.alloc(65, 1).toString('base64')}`],
    ['only a prefix', 'whsec_'],
  ])('F1 verify nothing with a secret that is %s, and can not be made with it', (_name, text_) => {
    expect(whyOf({}, new Secret(text_))).toBe('mismatch');
    expect(() => sign(text, { secret: new Secret(text_), id: 'msg', at })).toThrow(RangeError);
  });
});

interface Vector {
  readonly scheme: string;
  readonly secret: readonly string[];
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly now?: number;
  readonly expect: string;
  readonly note?: string;
}

describe('the shared signature vectors', () => {
  const file = new URL(
    `${process.env.REDRESS_SPECS ?? '../shared'}/vectors/signatures.json`,
    `file://${process.cwd()}/`,
  );
  const all: Vector[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  // Public keys (`whpk_`) belong to the asymmetric version, which we do not take.
  const ours = all.filter((one) => one.scheme === 'standard-webhooks' && !one.secret[0]?.startsWith('whpk_'));
  if (ours.length === 0) it.skip('are not on this machine (REDRESS_SPECS)');

  it.each(ours.map((vector) => [vector.note ?? '', vector] as const))('%s', (_note, vector) => {
    const raw = { body: new TextEncoder().encode(vector.body), headers: vector.headers };
    const secrets = vector.secret.map((one) => new Secret(one));
    expect(verify(raw, secrets, instant((vector.now ?? 0) * 1000)).verified).toBe(vector.expect === 'valid');
  });
});
