import { createHmac } from 'node:crypto';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { tokenVerifier } from './tokens.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const nowS = nowMs / 1000;
const claims = {
  iss: 'https://issuer.example',
  aud: 'redress',
  sub: 'person-1',
  role: 'approver',
  merchant: 'demo',
  iat: nowS - 10,
  exp: nowS + 600,
};

const ours = await generateKeyPair('ES256', { extractable: true });
const theirs = await generateKeyPair('ES256', { extractable: true });
const rsa = await generateKeyPair('RS256', { extractable: true });
const publicKey = { ...(await exportJWK(ours.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
const verifier = tokenVerifier({ keys: { keys: [publicKey] }, issuer: claims.iss, audience: claims.aud });

interface Forgery {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: CryptoKey;
}

const token = ({ claims: changed = {}, header = {}, key = ours.privateKey }: Forgery) =>
  new SignJWT(JSON.parse(JSON.stringify({ ...claims, ...changed })) as JWTPayload)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(key);

/** A token as an attacker would make it by hand, with the HMAC keyed by what is public. */
function macToken(alg: string, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg, kid: 'k1' })}.${part(claims)}`;
  return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(input)
    .digest('base64url')}`;
}

describe('F133: a token', () => {
  it('that is right tells who is asking', async () => {
    const good = await token({});
    expect(await verifier.verify(good, nowMs)).toEqual({ person: 'person-1', role: 'approver', merchant: 'demo' });
  });

  const wrong: [string, Forgery][] = [
    ['another issuer', { claims: { iss: 'https://other.example' } }],
    ['another audience', { claims: { aud: 'other' } }],
    ['an end that has come', { claims: { exp: nowS } }],
    ['a start that has not', { claims: { nbf: nowS + 60 } }],
    ['an unknown role', { claims: { role: 'root' } }],
    ['a role named like a property of every object', { claims: { role: 'constructor' } }],
    ['several roles', { claims: { role: ['viewer', 'admin'] } }],
    ['a merchant that can be none', { claims: { merchant: 'demo#refund' } }],
    ['an empty person', { claims: { sub: '' } }],
    ['a person that is no text', { claims: { sub: 7 } }],
    ...['iss', 'aud', 'sub', 'role', 'merchant', 'iat', 'exp'].map((name): [string, Forgery] => [
      `no ${name}`,
      { claims: { [name]: undefined } },
    ]),
    ['an unknown key id', { header: { kid: 'k2' } }],
    ['a key id that is a path', { header: { kid: '../../dev/null' } }],
    ['no key id', { header: { kid: undefined } }],
    ['the signature of another key', { key: theirs.privateKey }],
    ['another kind of key under our key id', { header: { alg: 'RS256' }, key: rsa.privateKey }],
  ];
  it.each(wrong)('with %s is refused', async (_what, forgery) => {
    expect(await verifier.verify(await token(forgery), nowMs)).toBeUndefined();
  });

  it('of a user pool is verified by RS256, and by nothing else that its key could do', async () => {
    const { d, dp, dq, p, q, qi, ...publicRsa } = await exportJWK(rsa.privateKey);
    // A set that leaves the algorithm open: then only our list closes it.
    const key = { ...publicRsa, kid: 'k1' };
    const pool = tokenVerifier({ keys: { keys: [key] }, issuer: claims.iss, audience: claims.aud });
    for (const [alg, accepted] of [
      ['RS256', true],
      ['RS512', false],
      ['PS256', false],
    ] as const) {
      const signingKey = await importJWK({ ...key, d: d!, dp: dp!, dq: dq!, p: p!, q: q!, qi: qi! }, alg);
      const text = await token({ header: { alg }, key: signingKey as CryptoKey });
      expect([alg, (await pool.verify(text, nowMs)) !== undefined]).toEqual([alg, accepted]);
    }
  });

  describe('by hand', () => {
    const forged: [string, string][] = [];
    beforeAll(async () => {
      const theirPublic = await exportJWK(theirs.publicKey);
      const good = await token({});
      forged.push(
        ['algorithm none', new UnsecuredJWT(claims).encode()],
        ['HMAC with our public key as text', macToken('HS256', await exportSPKI(ours.publicKey))],
        ['HMAC with our public key as JWK', macToken('HS256', JSON.stringify(publicKey))],
        ['HMAC with an empty secret', macToken('HS512', '')],
        ['its own key', await token({ header: { jwk: theirPublic }, key: theirs.privateKey })],
        ['a link to its keys', await token({ header: { jku: 'https://a.example/jwks' }, key: theirs.privateKey })],
        ['a link to its certificate', await token({ header: { x5u: 'https://a.example/x' }, key: theirs.privateKey })],
        ['changed claims', good.replace(/\..*\./, `.${Buffer.from('{"role":"admin"}').toString('base64url')}.`)],
        ['no signature', good.replace(/[^.]*$/, '')],
        ['nothing', ''],
        ['no token', 'a.b.c'],
      );
    });

    it('made with none, HMAC, its own key or nothing at all is refused', async () => {
      for (const [what, text] of forged) expect([what, await verifier.verify(text, nowMs)]).toEqual([what, undefined]);
      expect(forged).toHaveLength(11);
    });
  });
});
