import * as z from 'zod';
import { parseConnection, parseMerchant } from '../../domain/ids.ts';
import type { PlainConnection, PlainConnections } from '../kit/plain-connections.ts';
import { canonicalBase64 } from '../kit/sealed-text.ts';

/** `problems` are sentences that name the field and never what stands in it. */
export type ReadConnections =
  | { readonly is: 'connections'; readonly plain: PlainConnections }
  | { readonly is: 'wrong'; readonly problems: readonly string[] };

/** Reads and checks the text of a connections file. Pure; never throws. */
export function readConnections(text: string): ReadConnections {
  const content = parsed(text);
  if (content === undefined) return { is: 'wrong', problems: ['it is not JSON'] };
  const result = shape.safeParse(content);
  if (!result.success) return { is: 'wrong', problems: result.error.issues.map(sentence) };
  const { indexKey, connections } = result.data;
  return { is: 'connections', plain: { indexKey, connections: Object.entries(connections).map(plainConnection) } };
}

/** Live keys have their mode in their prefix at the vendors that have modes: `sk_live_`, `rk_live_`. */
const isLiveKey = (text: string): boolean => /^[a-z]{2,4}_live_/.test(text);

const secret = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => !isLiveKey(text), 'is a live key; the embedded run is for development and takes test keys only');

const moment = z.iso.datetime({ offset: true, error: 'must be an instant, 2026-11-21T12:00:00Z' });

/** A text, or an object with the time in which it counts. Told apart by hand: a union's own complaint would name neither. */
const verifySecret = z.preprocess(
  (given) => (typeof given === 'string' ? { secret: given } : given),
  z
    .strictObject({
      secret,
      version: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,32}$/, 'must be 1 to 32 letters, digits, points, hyphens or underscores')
        .optional(),
      from: moment.optional(),
      until: moment.optional(),
    })
    .refine(({ from, until }) => from === undefined || until === undefined || Date.parse(from) < Date.parse(until), {
      path: ['until'],
      message: 'must be after "from"',
    })
    // The version is logged.
    .refine(({ secret: text, version }) => version === undefined || !text.includes(version) || version.length < 8, {
      path: ['version'],
      message: 'must not be part of the secret',
    }),
);

const oneConnection = z
  .strictObject({
    kind: z.enum(['source', 'gateway'], 'must be "source" or "gateway"'),
    platform: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'),
    merchant: z
      .string()
      .refine((text) => parseMerchant(text) !== undefined, 'must be lower-case letters, digits and hyphens'),
    mode: z.literal('test', 'must be "test"; the embedded run is for development and refuses live connections'),
    settings: z.record(z.string(), z.string()),
    verifySecrets: z.array(verifySecret),
    credential: secret.optional(),
  })
  .refine(({ kind, verifySecrets }) => kind === 'gateway' || verifySecrets.length > 0, {
    path: ['verifySecrets'],
    message: 'must hold at least one secret: a source without one could be forged',
  });

const shape = z.strictObject({
  indexKey: z.strictObject({
    version: z.string().regex(/^[a-z0-9]{1,16}$/, 'must be 1 to 16 lower-case letters and digits'),
    key: z.string().refine((text) => canonicalBase64(text)?.length === 32, 'must be the base64 of 32 bytes'),
  }),
  connections: z.record(
    z
      .string()
      .refine((text) => parseConnection(text) !== undefined, 'must be named by lower-case letters, digits and hyphens'),
    oneConnection,
  ),
});

function plainConnection([name, given]: [string, z.infer<typeof oneConnection>]): PlainConnection {
  const { merchant, credential, ...rest } = given;
  return {
    ...rest,
    // The shape has parsed both names.
    name: name as PlainConnection['name'],
    merchant: merchant as PlainConnection['merchant'],
    ...(credential !== undefined && { credential }),
  };
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys')
    return `${path === '' ? 'the file' : path} has unknown fields: ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_key') return `${path} ${issue.issues[0]?.message ?? 'has a name that is not allowed'}`;
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('received undefined');
  return missing ? `${path} is missing` : `${path === '' ? 'the file' : path} ${issue.message}`;
}

/** JSON.parse quotes the text in its errors; ours says nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
