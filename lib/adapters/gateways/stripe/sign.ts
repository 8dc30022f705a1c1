import type { Secret } from '../../../app/ports/connections.ts';
import type { Instant } from '../../../domain/time.ts';
import { hmacSha256 } from '../../kit/hmac.ts';

/** Signs a body as Stripe does, for the simulator and for tests. */
export function sign(body: string | Uint8Array, secret: Secret, at: Instant): Readonly<Record<string, string>> {
  const time = Math.floor(at / 1000);
  const digest = hmacSha256(secret.reveal(), `${time}.`, body).toString('hex');
  return { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': `t=${time},v1=${digest}` };
}
