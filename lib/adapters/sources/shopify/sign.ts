import type { Secret } from '../../../app/ports/connections.ts';
import { hmacSha256 } from '../../kit/hmac.ts';

/** The header that a shop signs a body with, in its older family. */
export const sign = (body: string | Uint8Array, secret: Secret): Readonly<Record<string, string>> => ({
  'x-shopify-hmac-sha256': hmacSha256(secret.reveal(), body).toString('base64'),
});
