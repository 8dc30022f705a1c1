import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../app/ports/connections.ts';
import { fromSeconds, instant } from '../../../domain/time.ts';
import { verificationContract } from '../../contracts/verification.ts';
import { reader } from './index.ts';
import { sign } from './sign.ts';
import { toleranceSeconds, verify } from './verify.ts';

const at = fromSeconds(1_700_000_000);
const secret = new Secret('whsec_test_secret');
const text = '{"id":"evt_1","object":"event"}';
const body = new TextEncoder().encode(text);
const good = sign(text, secret, at)['stripe-signature'] ?? '';
const [time = '', v1 = ''] = good.split(',');
const whyOf = (header: string) => {
  const verification = verify({ body, headers: { 'stripe-signature': header } }, [secret], at);
  return verification.verified ? 'verified' : verification.why;
};

describe("Stripe's signature header", () => {
  it.each([
    ['as Stripe writes it', good, 'verified'],
    ['in another order, with spaces', `${v1}, ${time}`, 'verified'],
    ['with one pair per secret while one is rolled', `${time},v1=${'0'.repeat(64)},${v1}`, 'verified'],
    ['with the scheme for tests beside it', `${good},v0=${'0'.repeat(64)}`, 'verified'],
    ['with ten pairs', `${good}${`,v0=${'0'.repeat(64)}`.repeat(8)}`, 'verified'],
    ['F1 with eleven', `${good}${`,v0=${'0'.repeat(64)}`.repeat(9)}`, 'malformed'],
    ['with only the scheme for tests', `${time},${v1.replace('v1', 'v0')}`, 'mismatch'],
    ['without a time', v1, 'malformed'],
    ['without a digest', time, 'mismatch'],
    ['F1 with two times', `${time},${time},${v1}`, 'malformed'],
    ['F1 with another time before ours', `t=1,${good}`, 'malformed'],
    ['F1 with a time that is no number', `t=1e9,${v1}`, 'malformed'],
    ['F1 with a negative time', `t=-1,${v1}`, 'malformed'],
    ['F1 with an endless time', `t=${'9'.repeat(400)},${v1}`, 'malformed'],
    ['F1 with upper-case hex', `${time},v1=${v1.slice(3).toUpperCase()}`, 'mismatch'],
    ['F1 with a thousand digests', `${good}${`,v1=${'0'.repeat(64)}`.repeat(1000)}`, 'malformed'],
    ['F1 with text that is no header', 'hello', 'malformed'],
  ])('%s', (_name, header, expected) => {
    expect(whyOf(header)).toBe(expected);
  });

  it('F1 is not taken where it is made with nothing, while a secret is empty', () => {
    const forged = sign(text, new Secret(''), at);
    for (const secrets of [[new Secret('')], [new Secret(''), secret]])
      expect(verify({ body, headers: forged }, secrets, at)).toEqual({ verified: false, why: 'mismatch' });
    expect(verify({ body, headers: { 'stripe-signature': good } }, [new Secret(''), secret], at)).toMatchObject({
      verified: true,
      secretIndex: 1,
    });
  });

  it('has a known answer', () => {
    // Secret and body from stripe-node's own test; the digest made with another tool.
    const known = new TextEncoder().encode('{\n  "id": "evt_test_webhook",\n  "object": "event"\n}');
    const header = 't=1700000000,v1=4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150';
    expect(verify({ body: known, headers: { 'stripe-signature': header } }, [secret], at)).toMatchObject({
      verified: true,
    });
  });
});

// With the gateway's whole contract it runs over HTTP; here by itself, so that it can be asked often.
verificationContract({
  reader,
  body: text,
  sign,
  signatureHeader: 'stripe-signature',
  secrets: [secret, new Secret('whsec_older'), new Secret('whsec_strange')],
  now: at,
  toleranceMs: toleranceSeconds * 1000,
});

interface Vector {
  readonly scheme: string;
  readonly secret: string;
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
  const ours = all.filter(({ scheme }) => scheme === 'stripe-v1');
  if (ours.length === 0) it.skip('are not on this machine (REDRESS_SPECS)');

  it.each(ours.map((vector) => [vector.note ?? '', vector] as const))('%s', (note, vector) => {
    const raw = { body: new TextEncoder().encode(vector.body), headers: vector.headers };
    const verification = verify(raw, [new Secret(vector.secret)], instant((vector.now ?? 0) * 1000));
    // The official library lets any future time pass; we do not (F7).
    const future = note.includes('FUTURE');
    expect(verification.verified).toBe(vector.expect === 'valid' && !future);
    if (future) expect(verification).toMatchObject({ verified: false, why: 'from-the-future' });
  });
});
