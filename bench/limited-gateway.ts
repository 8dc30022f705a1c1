import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { stripeSimulator } from '../lib/adapters/gateways/stripe/simulator.ts';
import { chanceFrom, noFaults } from '../lib/adapters/kit/simulator.ts';
import { systemClock } from '../lib/adapters/system/world.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { type Plain, startFront } from '../local/front.ts';
import { reportToStderr } from '../local/running.ts';
import { deliverTo } from '../local/simulator-deliveries.ts';
import { hostSimulator } from '../local/simulator-host.ts';

/** A request as the gateway saw it and answered it. */
export interface Seen {
  readonly atMs: number;
  readonly endpoint: string;
  readonly status: number;
}

/**
 * A gateway in a process that is not the stack's, as real ones are: what arrives is counted when it arrives, and not when a busy stack
 * gets to it. It takes so many requests a second, at each endpoint and altogether; the others get 429.
 */
export interface LimitedGateway {
  readonly url: string;
  /** Where its webhooks go to, once that is known. */
  deliverTo(url: string): void;
  /** Webhooks of this time come when it is over. */
  holdWebhooks(): void;
  sendWebhooks(): void;
  /** While it is down no request is answered and none has an effect. */
  setDown(down: boolean): void;
  refundsMade(): number;
  /** What was answered. */
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

const prefix = '/gateway';

export async function limitedGateway(of: {
  readonly folder: string;
  readonly perSecond: number;
  readonly credential: string;
  readonly webhookSecret: string;
}): Promise<LimitedGateway> {
  const seen: Seen[] = [];
  let webhooks = '';
  let held = Promise.withResolvers<void>();
  held.resolve();
  const simulator = stripeSimulator({
    credential: new Secret(of.credential),
    webhookSecret: new Secret(of.webhookSecret),
    chance: chanceFrom(createHash('sha256').update('limited').digest('hex')),
    limits: { perEndpoint: of.perSecond, overall: of.perSecond },
  });
  const host = hostSimulator({
    prefix,
    simulator,
    file: join(of.folder, 'limited.jsonl'),
    deliver: async (...what) => {
      await held.promise;
      return deliverTo(() => webhooks)(...what);
    },
    now: () => systemClock.now(),
    report: reportToStderr,
  });
  const plain: Plain = async (request) => {
    const atMs = performance.now();
    const answer = await host.plain(request);
    const path = request.path.slice(prefix.length).replace(/\/(?:pi|ch|re|py)_[^/]+/g, '/:id');
    if (answer.reply !== 'lost' && !path.startsWith('/_'))
      seen.push({ atMs, endpoint: `${request.method} ${path}`, status: answer.reply.status });
    return answer;
  };
  const front = await startFront({
    port: 0,
    now: () => systemClock.now(),
    report: reportToStderr,
    routes: [{ route: `ANY ${prefix}/{path+}`, plain }],
  });
  return {
    url: `${front.url}${prefix}`,
    deliverTo: (url) => {
      webhooks = url;
    },
    holdWebhooks: () => {
      held = Promise.withResolvers();
    },
    sendWebhooks: () => held.resolve(),
    setDown: (down) => simulator.setFaults({ ...noFaults, down }),
    refundsMade: () => simulator.refunds().length,
    seen,
    close: async () => {
      held.resolve();
      await Promise.all([host.stop(), front.close(1000)]);
    },
  };
}
