import type { VelocityLimits } from '../../lib/app/velocity.ts';
import type { HourlyLimit } from '../../lib/domain/velocity.ts';

const hourly = /^(?:none|(?:0|[1-9]\d{0,8})\/(?:0|[1-9]\d{0,11})(?:\.\d{1,4})?)$/;

/**
 * What a function is told by its environment. Roots are the only ones that read it; what is missing stops the function at its start with
 * one sentence that names all of it.
 */
const known = {
  REDRESS_INSTALLATION: { must: 'be 1 to 32 lower-case letters, digits and hyphens', is: /^[a-z0-9-]{1,32}$/ },
  REDRESS_METRICS: { must: 'be the namespace of metrics, such as Redress/production', is: /^[A-Za-z0-9./_#-]{1,255}$/ },
  REDRESS_JOURNAL_TABLE: { must: "be the journal table's name", is: /^[A-Za-z0-9_.-]{3,255}$/ },
  REDRESS_STATE_TABLE: { must: "be the state table's name", is: /^[A-Za-z0-9_.-]{3,255}$/ },
  REDRESS_KEY_ARN: {
    must: 'be the full ARN of the encryption key, not an alias',
    is: /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
  },
  REDRESS_CONNECTIONS_SECRET: {
    must: 'name the secret with settings and verify secrets',
    is: /^[A-Za-z0-9/_+=.@:-]+$/,
  },
  REDRESS_CREDENTIAL_PREFIX: { must: 'be what the secrets of API credentials begin with', is: /^[A-Za-z0-9/_+=.@-]+$/ },
  REDRESS_ASSESS_QUEUE: { must: 'be the URL of that queue', is: /^https:\/\// },
  REDRESS_EXECUTE_QUEUE: { must: 'be the URL of that queue', is: /^https:\/\// },
  REDRESS_RECONCILE_QUEUE: { must: 'be the URL of that queue', is: /^https:\/\// },
  REDRESS_NOTIFY_QUEUE: { must: 'be the URL of that queue', is: /^https:\/\// },
  REDRESS_GATEWAYS: {
    must: 'say which gateway each account is at, such as stripe-eu=stripe,stripe-us=stripe',
    is: /^[a-z0-9-]+=[a-z0-9-]+(?:,[a-z0-9-]+=[a-z0-9-]+)*$/,
  },
  REDRESS_APPROVAL_LIMIT: { must: 'be an amount such as 500.00', is: /^(?:0|[1-9]\d{0,11})(?:\.\d{1,4})?$/ },
  REDRESS_HOURLY_LIMIT: {
    must: 'be how many refunds and how much of any currency the machine approves for a merchant in an hour, such as 1000/50000.00, or none',
    is: hourly,
  },
  REDRESS_HOURLY_LIMIT_OF_ALL: {
    must: 'be the same for all merchants together, such as 5000/250000.00, or none',
    is: hourly,
  },
  REDRESS_POLICY_VERSION: { must: 'name the policy, such as 2026-11', is: /^[A-Za-z0-9._-]{1,32}$/ },
  REDRESS_TOKEN_ISSUER: {
    must: 'be the issuer of operators’ tokens, and not the one of development',
    is: /^(?!redress-development$).+/,
  },
  REDRESS_TOKEN_AUDIENCE: { must: 'be the audience of operators’ tokens', is: /^.+$/ },
  REDRESS_TOKEN_KEYS: { must: 'be the JSON Web Key Set of their issuer', is: /^\{.*"keys".*\}$/s },
} as const;

/** The hourly limits, none where they are not stated: a deployment states them. Throws for anything else. */
export function limitsIn(env: Env): VelocityLimits {
  const stated = { REDRESS_HOURLY_LIMIT: 'none', REDRESS_HOURLY_LIMIT_OF_ALL: 'none', ...env };
  const of = required(stated, ['REDRESS_HOURLY_LIMIT', 'REDRESS_HOURLY_LIMIT_OF_ALL']);
  return { ofEach: hourlyLimit(of.REDRESS_HOURLY_LIMIT), ofAll: hourlyLimit(of.REDRESS_HOURLY_LIMIT_OF_ALL) };
}

/** `1000/50000.00` as a limit; undefined for `none`. */
function hourlyLimit(text: string): HourlyLimit | undefined {
  const [refunds, amount] = text.split('/');
  return amount === undefined ? undefined : { refunds: Number(refunds), amount };
}

/** The restore epoch, 0 where it is not stated: a deployment over restored tables states it (docs/runbook.md). Throws for anything else. */
export function restoredIn({ REDRESS_RESTORE_EPOCH: text = '0' }: Env): number {
  if (!/^\d{1,2}$/.test(text))
    throw new Error("This function can't start. REDRESS_RESTORE_EPOCH is malformed: it must be a number from 0 to 99.");
  return Number(text);
}

export type EnvName = keyof typeof known;
export type Env = Readonly<Record<string, string | undefined>>;

/** The values of these variables. Throws one Error that names each that is missing or malformed, and what it must be. */
export function required<Name extends EnvName>(env: Env, names: readonly Name[]): Readonly<Record<Name, string>> {
  const wrong = names.filter((name) => !known[name].is.test(env[name] ?? ''));
  if (wrong.length > 0) {
    const sentences = wrong.map(
      (name) => `${name} ${env[name] ? 'is malformed' : 'is missing'}: it must ${known[name].must}`,
    );
    throw new Error(`This function can't start. ${sentences.join('; ')}.`);
  }
  return Object.fromEntries(names.map((name) => [name, env[name]])) as Record<Name, string>;
}
