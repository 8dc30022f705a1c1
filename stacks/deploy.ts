/// <reference path="../.sst/platform/config.d.ts" />
import { alarms } from './alarms.ts';
import { clocks } from './clocks.ts';
import { dashboard } from './dashboard.ts';
import { roleOf } from './function.ts';
import { api, intake } from './intake.ts';
import { keyPolicy, keys } from './keys.ts';
import { operator } from './operator.ts';
import { allOf, platformsOf, queues } from './queues.ts';
import { secrets } from './secrets.ts';
import { metricNamespace, settings } from './settings.ts';
import { appendOnly, tables } from './tables.ts';
import { decrypting, relay, workers } from './workers.ts';

export type Shared = ReturnType<typeof shared>;

/** What functions are built over, and how they are told of it. */
function shared() {
  const of = settings();
  const made = { settings: of, tables: tables(), queues: queues(), keys: keys(), secrets: secrets(of) };
  return {
    ...made,
    environment: {
      REDRESS_INSTALLATION: of.installation,
      REDRESS_RESTORE_EPOCH: of.restoreEpoch,
      REDRESS_METRICS: metricNamespace(),
      REDRESS_JOURNAL_TABLE: made.tables.journal.name,
      REDRESS_STATE_TABLE: made.tables.state.name,
    },
    settingsEnvironment: { REDRESS_CONNECTIONS_SECRET: made.secrets.settingsName },
    credentialsEnvironment: {
      REDRESS_CREDENTIAL_PREFIX: made.secrets.credentialPrefix,
      // Also for those that send nothing: traces say at which gateway an account is.
      REDRESS_GATEWAYS: platformsOf(of),
    },
    keyEnvironment: { REDRESS_KEY_ARN: made.keys.references.arn },
  };
}

/** The whole of it. */
export function deploy() {
  const all = shared();
  const receiving = intake(all);
  const working = workers(all);
  const relaying = relay(all);
  const operating = operator(all);
  const ticking = clocks(all);
  const opening = decrypting.map((name) => working[name]);
  appendOnly(all.tables, {
    appending: [...Object.values(receiving), ...Object.values(working), ticking.tend, operating].map(roleOf),
    deployer: all.settings.deployer,
  });
  keyPolicy(all.keys, {
    encrypting: [...Object.values(receiving), ...opening, ticking.tend, operating].map(roleOf),
    decrypting: opening.map(roleOf),
  });
  const http = api({ ...receiving, operator: operating }, all);
  const functions = {
    'receive-return': receiving.receiveReturn,
    'receive-gateway': receiving.receiveGateway,
    ...working,
    relay: relaying.relay,
    operator: operating,
    sweep: ticking.sweep,
    tend: ticking.tend,
  };
  const watched = {
    functions,
    queues: allOf(all.queues),
    relayDead: relaying.dead,
    journal: all.tables.journal.name,
    api: http,
    settings: all.settings,
  };
  alarms(watched);
  dashboard(watched);
  return { api: http.url };
}
