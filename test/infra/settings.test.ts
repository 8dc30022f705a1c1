import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './render/root.ts';

interface Settings {
  readonly tokenKeys: string;
}
/** By its address, since its types are those of SST, which may not be installed. */
const { settings } = (await import(new URL('../../stacks/settings.ts', import.meta.url).href)) as {
  readonly settings: (env: Readonly<Record<string, string>>) => Settings;
};

const env = {
  REDRESS_CONNECTIONS: 'stripe-eu=stripe',
  REDRESS_TOKEN_ISSUER: 'https://issuer.example',
  REDRESS_TOKEN_AUDIENCE: 'redress',
  REDRESS_TOKEN_KEYS: '{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}',
  REDRESS_INSTALLATION: 'redress-dev',
};

const key = (kid: string) => ({ kty: 'RSA', use: 'sig', alg: 'RS256', kid, n: 'n'.repeat(342), e: 'AQAB' });
const keysOf = (keys: readonly object[]) =>
  settings({ ...env, REDRESS_TOKEN_KEYS: JSON.stringify({ keys }) }).tokenKeys;

describe('what an installation decides', () => {
  it('fits into a function’s variables, with the certificates that issuers publish beside their keys', () => {
    const published = ['a', 'b', 'c'].map((kid) => ({ ...key(kid), x5c: ['M'.repeat(1600)], x5t: 't'.repeat(27) }));
    expect(JSON.stringify({ keys: published }).length).toBeGreaterThan(4096);
    expect(JSON.parse(keysOf(published))).toEqual({ keys: ['a', 'b', 'c'].map(key) });
  });

  it('F134 hands on no private key and no shared secret', () => {
    const kept = keysOf([
      { ...key('a'), d: 'private', p: 'private' },
      { kty: 'oct', k: 'shared' },
    ]);
    expect(JSON.parse(kept)).toEqual({ keys: [key('a')] });
  });

  it('has no key that the API’s own door does not take, and is refused where no other is left', () => {
    const curve = { kty: 'EC', crv: 'P-256', use: 'sig', kid: 'c', x: 'x', y: 'y' };
    expect(JSON.parse(keysOf([curve, key('a')]))).toEqual({ keys: [key('a')] });
    for (const keys of [[], [curve], [{ ...key('a'), use: 'enc' }]]) expect(() => keysOf(keys)).toThrow('RS256');
  });

  it('is refused where there are more keys than there is room for, or none can be read', () => {
    expect(() => keysOf([...'abcdefg'].map(key))).toThrow('no room');
    for (const keys of ['{"keys":}', '{"keys":"a"}', '{"keys":[1]}'])
      expect(() => settings({ ...env, REDRESS_TOKEN_KEYS: keys })).toThrow('no JSON Web Key Set');
  });

  it.each([
    ['REDRESS_INSTALLATION', 'redress-Jane.Doe'],
    ['REDRESS_RESTORE_EPOCH', ''],
    ['REDRESS_RESTORE_EPOCH', 'one'],
    ['REDRESS_APPROVAL_LIMIT', '1,000'],
    ['REDRESS_POLICY_VERSION', 'autumn sale'],
    ['REDRESS_HOURLY_LIMIT', '50000.00'],
    ['REDRESS_HOURLY_LIMIT_OF_ALL', '1,000/5'],
  ])('is refused before a deployment whose functions could not start: %s=%j', (name, text) => {
    expect(() => settings({ ...env, [name]: text })).toThrow(name);
  });

  it('is refused by the rules that functions start by', () => {
    const rulesIn = (path: string, pattern: RegExp) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(pattern)].map(([, name, rule]) => [name, rule]);
    const decided = rulesIn('stacks/settings.ts', /(REDRESS_[A-Z_]+): \{ is: (\/.+\/|hourly), otherwise/g);
    const started = [
      ...rulesIn('functions/wire/env.ts', /(REDRESS_[A-Z_]+): \{\s+must: .+,\s+is: (\/.+\/|hourly),?\s+\}/g),
      [
        'REDRESS_RESTORE_EPOCH',
        /!(\/.+\/)\.test\(text\)/.exec(readFileSync(join(root, 'functions/wire/env.ts'), 'utf8'))?.[1],
      ],
    ];
    expect(decided).toHaveLength(6);
    const hourly = /const (hourly) = (\/.+\/);/g;
    expect(rulesIn('stacks/settings.ts', hourly)).toEqual(rulesIn('functions/wire/env.ts', hourly));
    expect(rulesIn('functions/wire/env.ts', hourly)).toHaveLength(1);
    for (const rule of decided) expect(started).toContainEqual(rule);
  });
});
