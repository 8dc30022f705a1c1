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
  /** How much the machine approves in an hour, for each merchant and for all of them, as `functions/wire/env.ts` reads it. */
  readonly hourlyLimit: string;
  readonly hourlyLimitOfAll: string;
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

const hourly = /^(?:none|(?:0|[1-9]\d{0,8})\/(?:0|[1-9]\d{0,11})(?:\.\d{1,4})?)$/;

/**
 * What is decided where nobody says, and what a function starts with (`functions/wire/env.ts`): refused here too, where it stops one deployment
 * and not all functions of it. A test holds one against the other.
 */
const decided = {
  REDRESS_INSTALLATION: { is: /^[a-z0-9-]{1,32}$/, otherwise: () => `${$app.name}-${$app.stage}` },
  REDRESS_RESTORE_EPOCH: { is: /^\d{1,2}$/, otherwise: () => '0' },
  REDRESS_APPROVAL_LIMIT: { is: /^(?:0|[1-9]\d{0,11})(?:\.\d{1,4})?$/, otherwise: () => '500.00' },
  REDRESS_HOURLY_LIMIT: { is: hourly, otherwise: () => '1000/50000.00' },
  REDRESS_HOURLY_LIMIT_OF_ALL: { is: hourly, otherwise: () => '5000/250000.00' },
  REDRESS_POLICY_VERSION: { is: /^[A-Za-z0-9._-]{1,32}$/, otherwise: () => '1' },
} as const;

type Given = Readonly<Record<string, string | undefined>>;

function decision(env: Given, name: keyof typeof decided): string {
  const { is, otherwise } = decided[name];
  const text = env[name] ?? otherwise();
  if (!is.test(text))
    throw new Error(
      `${name} is ${JSON.stringify(text)}, and no function starts with it; docs/deploy.md says what it must be.`,
    );
  return text;
}

/** All variables of a function together have 4 kB at AWS; what else there is takes a good kilobyte. */
const mostKeyBytes = 2500;

/** What a signature is checked with. */
const publicMembers = ['kty', 'kid', 'use', 'alg', 'n', 'e'];

/**
 * The keys that can be meant, and of each what is needed. The functions would take ES256, too (`lib/adapters/kit/tokens.ts`); the door before
 * them takes RSA alone (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html). Issuers publish certificates
 * beside them, which no function's variables have room for; and whoever exports a private key by mistake must not find it there.
 */
function publicKeys(text: string): string {
  const keys = keysIn(text)
    .filter(({ kty, use }) => kty === 'RSA' && use !== 'enc')
    .map((key) => Object.fromEntries(Object.entries(key).filter(([name]) => publicMembers.includes(name))));
  if (keys.length === 0)
    throw new Error(
      'REDRESS_TOKEN_KEYS has no RSA key that signs: the API would refuse every token. Let the issuer sign with RS256.',
    );
  const short = JSON.stringify({ keys });
  if (Buffer.byteLength(short) > mostKeyBytes)
    throw new Error(
      `REDRESS_TOKEN_KEYS has ${keys.length} keys, and a function has no room for them: leave out those that sign no token any more.`,
    );
  return short;
}

function keysIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const { keys } = JSON.parse(text) as { keys: unknown };
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null)) return keys;
  } catch {
    // Said below.
  }
  throw new Error('REDRESS_TOKEN_KEYS is no JSON Web Key Set: {"keys": […]}, as the issuer publishes it.');
}

/** Throws one Error that names whatever is missing. */
export function settings(env: Given = process.env): Settings {
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
    installation: decision(env, 'REDRESS_INSTALLATION'),
    restoreEpoch: decision(env, 'REDRESS_RESTORE_EPOCH'),
    connections: connections.map(({ name }) => name),
    gateways,
    approvalLimit: decision(env, 'REDRESS_APPROVAL_LIMIT'),
    policyVersion: decision(env, 'REDRESS_POLICY_VERSION'),
    hourlyLimit: decision(env, 'REDRESS_HOURLY_LIMIT'),
    hourlyLimitOfAll: decision(env, 'REDRESS_HOURLY_LIMIT_OF_ALL'),
    tokenIssuer: of('REDRESS_TOKEN_ISSUER'),
    tokenAudience: of('REDRESS_TOKEN_AUDIENCE'),
    tokenKeys: publicKeys(of('REDRESS_TOKEN_KEYS')),
    alarmMail: env.REDRESS_ALARM_MAIL,
    deployer,
  };
}

export const production = (): boolean => $app.stage === 'production';

/** Names are ours and stay: what is looked for by hand at night is found by them. */
export const named = (name: string): string => `${$app.name}-${$app.stage}-${name}`;

/** Each stage counts for itself: two of them in one account must not ring each other's alarms. */
export const metricNamespace = (): string => `Redress/${$app.stage}`;
