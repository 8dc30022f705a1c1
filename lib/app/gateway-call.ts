import type { CorrelationId, RefundId } from '../domain/ids.ts';
import type { Needs } from './needs.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { Found, Gateway, Gateways, Looked } from './ports/gateway.ts';
import type { AttemptLine } from './ports/log.ts';
import { Unavailable } from './ports/unavailable.ts';

/** Who may call gateways: workers only, with credentials behind `gateways`. */
export interface CallNeeds extends Needs {
  readonly connections: Connections;
  readonly gateways: Gateways;
}

/** What an attempt line says besides the outcome. */
export interface About {
  readonly correlation: CorrelationId;
  readonly connection: Connection;
  readonly refund?: RefundId;
  readonly leg?: number;
  readonly epoch?: number;
  readonly sending?: number;
}

/** Every request to a gateway passes here: timed, and logged as one line of a fixed list of fields. */
export async function attempt<T extends { readonly is: string }>(
  needs: CallNeeds,
  call: AttemptLine['call'],
  about: About,
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = needs.clock.now();
  const result = await run();
  const { connection, ...ids } = about;
  const code = 'code' in result ? { code: String(result.code) } : 'why' in result ? { code: String(result.why) } : {};
  needs.log.attempt({
    ...ids,
    merchant: connection.merchant,
    connection: connection.name,
    call,
    outcome: result.is,
    ...code,
    startedAt,
    tookMs: needs.clock.now() - startedAt,
  });
  return result;
}

/** The gateway of a connection; undefined where its credential can't be had now. */
export async function openIfPossible(needs: CallNeeds, connection: Connection): Promise<Gateway | undefined> {
  try {
    return await needs.gateways.open(connection);
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

/** What the gateway has under any of `keys`. */
export const find = (
  needs: CallNeeds,
  gateway: Gateway,
  about: About,
  query: { reference: string; keys: readonly string[] },
): Promise<Found> =>
  attempt(needs, 'find', about, () => gateway.find({ ...query, limitMs: needs.tempo.gatewayLimitMs }));

/** What the gateway knows of a payment. */
export const look = (needs: CallNeeds, gateway: Gateway, about: About, reference: string): Promise<Looked> =>
  attempt(needs, 'look', about, () => gateway.look({ reference, limitMs: needs.tempo.gatewayLimitMs }));
