import { parseConnection, parseCorrelation, parseMerchant } from '../../domain/ids.ts';
import { queueNames, type Work } from '../../domain/refund/work.ts';
import { kindOf, type StreamName } from '../../domain/streams.ts';

const fields: ReadonlySet<string> = new Set(['v', 'queue', 'merchant', 'stream', 'leg', 'connection', 'correlation']);

/** The body of a queue message. Ids only, and the version of its shape. */
export const writeWork = ({ queue, merchant, stream, leg, connection, correlation }: Work): string =>
  JSON.stringify({ v: 1, queue, merchant, stream, leg, connection, correlation });

/**
 * The work in a message's body; undefined for anything that is not a version 1 work message to the letter, since messages
 * outlive deployments and a queue takes what anybody with the right to send puts on it.
 */
export function readWork(body: string): Work | undefined {
  const message = parsed(body);
  if (message === undefined || message.v !== 1 || Object.keys(message).some((name) => !fields.has(name)))
    return undefined;
  const queue = queueNames.find((name) => name === message.queue);
  const merchant = parseMerchant(text(message.merchant));
  const correlation = parseCorrelation(text(message.correlation));
  const stream = text(message.stream);
  if (queue === undefined || merchant === undefined || correlation === undefined) return undefined;
  if (kindOf(stream) === undefined || !stream.startsWith(`${merchant}#`)) return undefined;
  const connection = message.connection === undefined ? undefined : parseConnection(text(message.connection));
  if (message.connection !== undefined && connection === undefined) return undefined;
  const work = { queue, merchant, stream: stream as StreamName, ...(connection && { connection }), correlation };
  const leg = message.leg;
  if (leg === undefined) return work;
  return typeof leg === 'number' && Number.isSafeInteger(leg) && leg >= 0 ? { ...work, leg } : undefined;
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
