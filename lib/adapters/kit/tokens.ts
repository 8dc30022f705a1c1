import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Bearer, TokenVerifier } from '../../app/ports/tokens.ts';
import { roles } from '../../domain/access.ts';
import { parseMerchant } from '../../domain/ids.ts';

/**
 * Verifies signed tokens against pinned keys (F133). The algorithms are fixed and all asymmetric, so that a public key can't
 * pass for a shared secret; a token must name its key, and only a key of the set counts: links (`jku`, `x5u`) and keys inside
 * the token (`jwk`) are never looked at.
 */
export function tokenVerifier(trust: {
  readonly keys: JSONWebKeySet;
  readonly issuer: string;
  readonly audience: string;
}): TokenVerifier {
  const find = createLocalJWKSet(trust.keys);
  const namedKey: JWTVerifyGetKey = (header, token) => {
    if (typeof header.kid !== 'string') throw new Error('the token names no key');
    return find(header, token);
  };
  return {
    verify: async (token, nowMs) => {
      try {
        const { payload } = await jwtVerify(token, namedKey, {
          algorithms,
          issuer: trust.issuer,
          audience: trust.audience,
          requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'role', 'merchant'],
          currentDate: new Date(nowMs),
        });
        return bearer(payload);
      } catch {
        return undefined;
      }
    },
  };
}

/** ES256 is ours; RS256 is what user pools sign with. */
const algorithms = ['ES256', 'RS256'];

function bearer(claims: { readonly [claim: string]: unknown }): Bearer | undefined {
  const { sub: person, role: roleText, merchant: merchantText } = claims;
  const role = roles.find((known) => known === roleText);
  const merchant = typeof merchantText === 'string' ? parseMerchant(merchantText) : undefined;
  if (typeof person !== 'string' || person === '' || role === undefined || merchant === undefined) return undefined;
  return { person, role, merchant };
}
