import * as z from 'zod/mini';
import type { WrongSetting } from '../../app/ports/connections.ts';
import { parseConnection, parseMerchant } from '../../domain/ids.ts';
import { readJson } from './json.ts';
import type { PlainConnection, PlainConnections } from './plain-connections.ts';
import { canonicalBase64 } from './sealed-text.ts';

/** `problems` are sentences that name the field and never what stands in it; `wrong` says the same with connection and field. */
export type ReadConnections =
  | { readonly is: 'connections'; readonly plain: PlainConnections }
  | { readonly is: 'wrong'; readonly problems: readonly string[]; readonly wrong: readonly WrongSetting[] };

type Where = 'development' | 'deployed';

/**
 * Reads and checks the text that holds the connections. `development`: the file of an embedded run, test keys only, credentials in it.
 * `deployed`: a deployment's secret, without credentials, which have secrets of their own, and without anything that was made for
 * development. Pure; never throws.
 */
export function readConnections(text: string, where: Where = 'development'): ReadConnections {
  // A connection that is named twice would be the later one, which may be another merchant's, and nobody would hear of it (F17).
  const content = readJson(Buffer.from(text));
  if (!content.ok)
    return isWrong([{ field: 'all', says: `it is not JSON that means one thing: it ${content.problem}` }]);
  const result = shapeFor(where).safeParse(content.value, { error: ofAnotherType });
  if (!result.success) return isWrong(result.error.issues.map(wrongSetting));
  const { indexKey, connections } = result.data;
  return { is: 'connections', plain: { indexKey, connections: Object.entries(connections).map(plainConnection) } };
}

/** Live keys have their mode in their prefix at the vendors that have modes: `sk_live_`, `rk_live_`. */
const isLiveKey = (text: string): boolean => /^[a-z]{2,4}_live_/.test(text);

const anySecret = () => z.string().check(z.minLength(1, 'must not be empty'));
const testSecret = () =>
  anySecret().check(
    z.refine((text) => !isLiveKey(text), 'is a live key; the embedded run is for development and takes test keys only'),
  );

const moment = () => z.iso.datetime({ offset: true, error: 'must be an instant, 2026-11-21T12:00:00Z' });

/** A text, or an object with the time in which it counts. Told apart by hand: a union's own complaint would name neither. */
const verifySecret = (secret: z.ZodMiniString) =>
  z.pipe(
    z.transform((given) => (typeof given === 'string' ? { secret: given } : given)),
    z
      .strictObject({
        secret,
        version: z.optional(
          z
            .string()
            .check(
              z.regex(/^[A-Za-z0-9._-]{1,32}$/, 'must be 1 to 32 letters, digits, points, hyphens or underscores'),
            ),
        ),
        from: z.optional(moment()),
        until: z.optional(moment()),
      })
      .check(
        z.refine(
          ({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until),
          {
            path: ['until'],
            message: 'must be after "from"',
          },
        ),
        // The version is logged.
        z.refine(
          ({ secret: text, version }) => version === undefined || !text.includes(version) || version.length < 8,
          {
            path: ['version'],
            message: 'must not be part of the secret',
          },
        ),
      ),
  );

const sourceNeedsSecret = {
  path: ['verifySecrets'],
  message: 'must hold at least one secret: a source without one could be forged',
};

const common = (secret: z.ZodMiniString) => ({
  kind: z.enum(['source', 'gateway'], 'must be "source" or "gateway"'),
  platform: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens')),
  merchant: z
    .string()
    .check(z.refine((text) => parseMerchant(text) !== undefined, 'must be lower-case letters, digits and hyphens')),
  settings: z.record(z.string(), z.string()),
  verifySecrets: z.array(verifySecret(secret)),
});

const canBeForged = ({ kind, verifySecrets }: { readonly kind: string; readonly verifySecrets: readonly unknown[] }) =>
  kind !== 'gateway' && verifySecrets.length === 0;

const developmentConnection = () =>
  z
    .strictObject({
      ...common(testSecret()),
      mode: z.literal('test', 'must be "test"; the embedded run is for development and refuses live connections'),
      credential: z.optional(testSecret()),
    })
    .check(z.refine((one) => !canBeForged(one), sourceNeedsSecret));

const deployedConnection = () =>
  z
    .strictObject({
      ...common(anySecret()),
      mode: z.enum(['test', 'live'], 'must be "test" or "live"'),
      credential: z.optional(z.never('has a secret of its own, which fewer functions may read')),
      settings: z
        .record(z.string(), z.string())
        .check(
          z.refine(
            (settings) =>
              settings.simulator === undefined && !/^http:|localhost|127\.0\.0\.1/.test(settings.baseUrl ?? ''),
            'are those of a development connection, which talks to a simulator',
          ),
        ),
    })
    .check(z.refine((one) => !canBeForged(one), sourceNeedsSecret));

const shapeOf = <Connection extends z.ZodMiniType<Given>>(one: Connection) =>
  z.strictObject({
    indexKey: z.strictObject({
      version: z.string().check(z.regex(/^[a-z0-9]{1,16}$/, 'must be 1 to 16 lower-case letters and digits')),
      key: z.string().check(z.refine((text) => canonicalBase64(text)?.length === 32, 'must be the base64 of 32 bytes')),
    }),
    connections: z.record(
      z
        .string()
        .check(
          z.refine(
            (text) => parseConnection(text) !== undefined,
            'must be named by lower-case letters, digits and hyphens',
          ),
        ),
      one,
    ),
  });

type Given = Omit<PlainConnection, 'name' | 'merchant' | 'credential'> & {
  readonly merchant: string;
  readonly credential?: string | undefined;
};

const development = () => shapeOf(developmentConnection());
const deployed = () => shapeOf(deployedConnection());

/** Made when it is first asked for: to make both takes milliseconds of every start, and no process needs both. */
const made = new Map<Where, ReturnType<typeof development | typeof deployed>>();
function shapeFor(where: Where) {
  const shape = made.get(where) ?? (where === 'deployed' ? deployed() : development());
  made.set(where, shape);
  return shape;
}

function plainConnection([name, given]: [string, Given]): PlainConnection {
  const { merchant, credential, ...rest } = given;
  return {
    ...rest,
    // The shape has parsed both names.
    name: name as PlainConnection['name'],
    merchant: merchant as PlainConnection['merchant'],
    ...(credential !== undefined && { credential }),
  };
}

const isWrong = (wrong: readonly WrongSetting[]): ReadConnections => ({
  is: 'wrong',
  problems: wrong.map(({ says }) => says),
  wrong,
});

/** A field that nobody knows is named with those it stands beside. */
function wrongSetting(issue: z.core.$ZodIssue): WrongSetting {
  const [first, name, ...rest] = issue.path.map(String);
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const inConnection = first === 'connections' && name !== undefined;
  const path = inConnection ? rest : issue.path.map(String);
  const field = [...path, ...unknown.slice(0, 1)].join('.') || 'all';
  return { ...(inConnection && { connection: name }), field, says: sentence(issue) };
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return `${path === '' ? 'the file' : path} has unknown fields: ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_key') return `${path} ${issue.issues[0]?.message ?? 'has a name that is not allowed'}`;
  return `${path === '' ? 'the file' : path} ${issue.message}`;
}

/** The words for a wrong type, where the shape has none of its own. */
const ofAnotherType = ({ code, expected, input }: z.core.$ZodRawIssue): string | undefined => {
  if (code !== 'invalid_type') return undefined;
  return input === undefined ? 'is missing' : `is not of type ${String(expected)}`;
};
