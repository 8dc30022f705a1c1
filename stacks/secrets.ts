/// <reference path="../.sst/platform/config.d.ts" />
import { production, type Settings } from './settings.ts';

export type Secrets = ReturnType<typeof secrets>;

/**
 * Made empty; what is in them never passes through a deployment (docs/deploy.md). One has the settings and verify secrets of all
 * connections; each API credential has its own, which fewer functions may read.
 */
export function secrets({ connections, gateways }: Settings) {
  const prefix = `${$app.name}/${$app.stage}/`;
  // A name that waits for its deletion can't be made again: elsewhere a stage is removed and deployed anew in an afternoon.
  const kept = { recoveryWindowInDays: production() ? 30 : 0 };
  // A list that lacks a connection by mistake deletes nothing: for thirty days its name could not be used again. Pulumi says so after all
  // other changes; `sst diff` says it before.
  const guarded = { protect: production() };
  const settings = new aws.secretsmanager.Secret(
    'Connections',
    {
      ...kept,
      name: `${prefix}connections`,
      description: 'Settings and verify secrets of all connections, and the key of the blind index',
    },
    guarded,
  );
  const credentials = connections.map((connection) => ({
    of: gateways.some(({ name }) => name === connection) ? ('gateway' as const) : ('shop' as const),
    secret: new aws.secretsmanager.Secret(
      `Credential-${connection}`,
      {
        ...kept,
        name: `${prefix}credential/${connection}`,
        description: `The API credential of the connection ${connection}`,
      },
      guarded,
    ),
  }));
  return { settings, settingsName: `${prefix}connections`, credentials, credentialPrefix: `${prefix}credential/` };
}

export const readsSettings = ({ settings }: Secrets) => [
  { actions: ['secretsmanager:GetSecretValue'], resources: [settings.arn] },
];

export type Counterpart = 'gateway' | 'shop';

/** A gateway's moves money: who asks shops alone does without. No statement where there is no such connection, since one about nothing is refused. */
export function readsCredentials({ credentials }: Secrets, ...of: readonly Counterpart[]) {
  const resources = credentials.filter((one) => of.includes(one.of)).map(({ secret }) => secret.arn);
  return resources.length === 0 ? [] : [{ actions: ['secretsmanager:GetSecretValue'], resources }];
}
