import { type Fault, fault } from '../domain/fault.ts';
import type { CorrelationId } from '../domain/ids.ts';
import { plus } from '../domain/time.ts';
import type { Door } from './door.ts';
import type { Needs } from './needs.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { RawRequest, Reader, Verification } from './ports/gateway.ts';

export interface VerifyNeeds extends Pick<Needs, 'clock' | 'log'> {
  readonly connections: Pick<Connections, 'verifySecrets'>;
  readonly door: Door;
  readonly hashBytes: (bytes: Uint8Array) => string;
}

/** `secretVersion` names the secret that holds, for the log. */
export type Verified =
  | { readonly is: 'verified'; readonly secretVersion: string }
  | { readonly is: 'fault'; readonly fault: Fault };

/**
 * Whether the bytes come from who they say, and now; and whether there is room for them. Nothing but the settings is asked. A token is
 * taken only once the signature holds: a forger must not eat what belongs to the shop (F27).
 */
export async function verifyWebhook(
  needs: VerifyNeeds,
  of: {
    readonly connection: Connection;
    readonly reader: Reader;
    readonly raw: RawRequest;
    readonly correlation: CorrelationId;
  },
): Promise<Verified> {
  const { connection, reader, raw, correlation } = of;
  const now = needs.clock.now();
  const about = { merchant: connection.merchant, connection: connection.name, correlation };
  const secrets = await needs.connections.verifySecrets(connection.name, now);
  const verification = withinSkew(needs, of, (at) => reader.verify(raw, secrets, at));
  if (!verification.verified) {
    const { why } = verification;
    const count = needs.door.count(`rejected ${why}`, connection.name, now);
    if (count !== undefined) needs.log.note('webhook-rejected', { ...about, code: why, count });
    return { is: 'fault', fault: fault('bad-signature', rejections[why]) };
  }
  const admitted = needs.door.admit(connection, now);
  if (admitted.is === 'flooded') {
    // Stryker disable next-line StringLiteral: what it is counted under is its own either way
    const count = needs.door.count('flooded', connection.name, now);
    if (count !== undefined) needs.log.note('webhook-flooded', { ...about, count });
    return { is: 'fault', fault: fault('flooded', flooded, admitted.waitMs) };
  }
  // Stryker disable next-line OptionalChaining,StringLiteral: the secret that holds is one of them; the types do not know
  return { is: 'verified', secretVersion: secrets[verification.secretIndex]?.version ?? '' };
}

/**
 * Judges the age by our clock first. Where it is out of bounds, and messages of this sender agree that its clock and ours are apart,
 * the age is judged by that clock too, and somebody hears of it: a clock that is wrong must not silence a shop (F26). Each connection
 * has its own estimate, so that one shop's wrong clock opens nothing for another's messages.
 *
 * What this lets in is a message up to twenty minutes old, of a secret's owner. If it is a replay it is still one: ids are remembered
 * for ever, and so is what was promised for a return (F3, F5).
 */
function withinSkew(
  needs: VerifyNeeds,
  { connection, raw, correlation }: { connection: Connection; raw: RawRequest; correlation: CorrelationId },
  verify: (at: ReturnType<VerifyNeeds['clock']['now']>) => Verification,
): Verification {
  const now = needs.clock.now();
  const byOurs = verify(now);
  const signedAt = 'signedAt' in byOurs ? byOurs.signedAt : undefined;
  if (signedAt === undefined) return byOurs;
  const skewMs = needs.door.hear(connection.name, {
    message: needs.hashBytes(raw.body),
    offsetMs: signedAt - now,
  });
  if (skewMs === 0) return byOurs;
  if (needs.door.count('clock-skewed', connection.name, now) !== undefined) {
    const about = { merchant: connection.merchant, connection: connection.name, correlation };
    needs.log.alarm('clock-skewed', { ...about, code: `${Math.round(skewMs / 1000)}s` });
  }
  return byOurs.verified ? byOurs : verify(plus(now, skewMs));
}

const rejections = {
  'no-signature': 'The signature header is missing.',
  malformed: 'The signature header is not in the form this scheme has.',
  mismatch: 'No live secret of this connection gives this signature; sign the exact bytes that are sent.',
  'too-old': 'The signed time is more than five minutes ago.',
  'from-the-future': 'The signed time is more than five minutes ahead; check the clock of the sender.',
} as const;

const flooded =
  'More came from this connection than is taken at once. Nothing is recorded; send it again after Retry-After.';
