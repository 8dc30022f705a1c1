import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose';
import { tokenVerifier } from '../lib/adapters/kit/tokens.ts';
import type { Bearer, TokenVerifier } from '../lib/app/ports/tokens.ts';
import { hour } from '../lib/domain/time.ts';
import { writeSecretFile } from './secret-file.ts';

export interface TokenIssuer {
  /** The public half, for whoever verifies. */
  readonly keys: JSONWebKeySet;
  /** A token for 12 hours. */
  issue(bearer: Bearer, nowMs: number): Promise<string>;
}

const issuer = 'redress-development';
const audience = 'redress';
const lifetimeMs = 12 * hour;

/**
 * Issues development tokens with a key pair that lives in `folder`, so that tokens outlive a restart. No password stands before
 * it: who can read the folder is whoever they like to be, which is why it is refused on AWS.
 */
export async function devIssuer(folder: string): Promise<TokenIssuer> {
  const secretKey = await keyIn(join(folder, 'token-key.json'));
  const { d: _secret, ...publicKey } = secretKey;
  const signingKey = await importJWK(secretKey, 'ES256');
  return {
    keys: { keys: [publicKey] },
    issue: ({ person, role, merchant }, nowMs) =>
      new SignJWT({ role, merchant })
        .setProtectedHeader({ alg: 'ES256', kid: secretKey.kid ?? '', typ: 'JWT' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(person)
        .setIssuedAt(new Date(nowMs))
        .setExpirationTime(new Date(nowMs + lifetimeMs))
        .sign(signingKey),
  };
}

/** Verifies what `devIssuer` issues. */
export const devVerifier = (keys: JSONWebKeySet): TokenVerifier => tokenVerifier({ keys, issuer, audience });

async function keyIn(path: string): Promise<JWK> {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key: JWK = { ...jwk, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
  writeSecretFile(path, JSON.stringify(key));
  return key;
}
