import { sha256Hex } from '../lib/adapters/kit/hmac.ts';
import { chanceFrom } from '../lib/adapters/kit/simulator.ts';
import { shopSimulator } from '../lib/adapters/sources/shopify/simulator.ts';
import { systemClock } from '../lib/adapters/system/world.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import type { DataFolder } from './data-folder.ts';
import { type FileConnections, signingSecret } from './dev-connections.ts';
import type { Report } from './running.ts';
import { deliverTo } from './simulator-deliveries.ts';
import { hostSimulator, type SimulatorHost } from './simulator-host.ts';

const connection = 'shopify-demo';
const prefix = '/sim/shopify';

/** What staff does in the shop, and the shop to our subscriptions: requests like any other, which the simulator keeps as its truth. */
const staff = /^\/sim\/shopify\/_(orders|returns|refunds|subscriptions)$/;

/** The shop of the development connection: its Admin API, its staff's hands, its webhooks; undefined where nobody named it. */
export function hostShop(of: {
  readonly folder: DataFolder;
  readonly content: FileConnections;
  readonly url: () => string;
  readonly report: Report;
}): SimulatorHost | undefined {
  const { folder, content, url, report } = of;
  const found = content.connections[connection];
  const secret = signingSecret(found, systemClock.now());
  if (found?.credential === undefined || secret === undefined) return undefined;
  const simulator = shopSimulator({
    shop: found.settings.shop ?? '',
    credential: new Secret(found.credential),
    webhookSecret: new Secret(secret),
    chance: chanceFrom(sha256Hex(secret)),
    ...(found.settings.webhookAddress !== undefined && { address: found.settings.webhookAddress }),
  });
  const host = hostSimulator({
    prefix,
    simulator,
    file: folder.file('sim', 'shopify.jsonl'),
    deliver: deliverTo(() => `${url()}/webhooks/returns/${connection}`),
    now: () => systemClock.now(),
    report,
  });
  return {
    ...host,
    plain: (request) => {
      const what = request.method === 'POST' ? staff.exec(request.path)?.[1] : undefined;
      return host.plain(what === undefined ? request : { ...request, path: `${prefix}/staff/${what}` });
    },
  };
}
