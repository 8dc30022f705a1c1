/// <reference path="../.sst/platform/config.d.ts" />

import { gatewayPlatforms } from '../lib/adapters/gateways/platforms.ts';

/** What an installation decides: read from the environment of whoever deploys. */
export interface Settings {
  /** Names this installation in idempotency keys at the gateways; never change it once it has refunded anything. */
  readonly installation: string;
  /** How often the tables were put back to an earlier instant; one more with each restore (docs/runbook.md). */
  readonly restoreEpoch: string;
  /** Connections that call out, by name: each has a secret for its API credential. */
  readonly connections: readonly string[];
  /** Those of them that are accounts at gateways: each gateway's work waits in a queue of its own. */
  readonly gateways: readonly { readonly name: string; readonly platform: string }[];
  readonly approvalLimit: string;
  readonly policyVersion: string;
  /** Who issues the tokens of people and tools, as the claim `iss` has it. */
  readonly tokenIssuer: string;
  readonly tokenAudience: string;
  /** The issuer's public keys, as a JSON Web Key Set: pinned, so that nobody who can answer for an address can add one. */
  readonly tokenKeys: string;
  /** Who is mailed when an alarm goes off; nobody where it is left out. */
  readonly alarmMail: string | undefined;
  /** The ARN of the role that deploys: where it is stated, nobody else may alter the journal's table. */
  readonly deployer: string | undefined;
}

const required = {
  REDRESS_CONNECTIONS: /^[a-z0-9-]+=[a-z0-9-]+(?:,[a-z0-9-]+=[a-z0-9-]+)*$/,
  REDRESS_TOKEN_ISSUER: /^https:\/\/.+/,
  REDRESS_TOKEN_AUDIENCE: /^.+$/,
  REDRESS_TOKEN_KEYS: /^\{.*"keys".*\}$/s,
} as const;

/** Throws one Error that names whatever is missing. */
export function settings(env: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const of = (name: keyof typeof required) => env[name] ?? '';
  const wrong = (Object.keys(required) as (keyof typeof required)[]).filter((name) => !required[name].test(of(name)));
  if (wrong.length > 0)
    throw new Error(`Set ${wrong.join(', ')} before you deploy; docs/deploy.md says what each must be.`);
  const connections = of('REDRESS_CONNECTIONS')
    .split(',')
    .map((pair) => pair.split('=') as [string, string])
    .map(([name, platform]) => ({ name, platform }));
  const gateways = connections.filter(({ platform }) => gatewayPlatforms.some((one) => one === platform));
  if (gateways.length === 0)
    throw new Error(
      `REDRESS_CONNECTIONS names no account at a gateway (${gatewayPlatforms.join(', ')}): write each connection as name=platform.`,
    );
  const deployer = env.REDRESS_DEPLOYER_ROLE || undefined;
  if (deployer !== undefined && !/^arn:aws[a-z-]*:iam::\d{12}:role\/[A-Za-z0-9+=,.@_/-]+$/.test(deployer))
    throw new Error(
      'REDRESS_DEPLOYER_ROLE must be the ARN of an IAM role (arn:aws:iam::…:role/…), not of its session or of a user.',
    );
  return {
    installation: env.REDRESS_INSTALLATION ?? `${$app.name}-${$app.stage}`,
    restoreEpoch: env.REDRESS_RESTORE_EPOCH ?? '0',
    connections: connections.map(({ name }) => name),
    gateways,
    approvalLimit: env.REDRESS_APPROVAL_LIMIT ?? '500.00',
    policyVersion: env.REDRESS_POLICY_VERSION ?? '1',
    tokenIssuer: of('REDRESS_TOKEN_ISSUER'),
    tokenAudience: of('REDRESS_TOKEN_AUDIENCE'),
    tokenKeys: of('REDRESS_TOKEN_KEYS'),
    alarmMail: env.REDRESS_ALARM_MAIL,
    deployer,
  };
}

export const production = (): boolean => $app.stage === 'production';

/** Names are ours and stay: what is looked for by hand at night is found by them. */
export const named = (name: string): string => `${$app.name}-${$app.stage}-${name}`;

/** Each stage counts for itself: two of them in one account must not ring each other's alarms. */
export const metricNamespace = (): string => `Redress/${$app.stage}`;
