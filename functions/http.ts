import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { RawRequest } from '../lib/app/ports/gateway.ts';
import { Unavailable } from '../lib/app/ports/unavailable.ts';
import { type Fault, faults } from '../lib/domain/fault.ts';
import { correlationId, parseCorrelation } from '../lib/domain/ids.ts';
import { encode } from '../lib/domain/json.ts';
import { unanswered } from './unanswered.ts';

/** Raw bytes in, reply out. API Gateway may hand over the body as text or as base64: a signature is over the bytes (F2). */
export function rawRequest(event: APIGatewayProxyEventV2): RawRequest {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const headers = Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? ''] as const);
  return { body, headers: Object.fromEntries(headers) };
}

/** Follows this request everywhere: API Gateway's own id of it, where it has one. */
export const correlationOf = (event: APIGatewayProxyEventV2) =>
  parseCorrelation(event.requestContext.requestId) ?? correlationId('unnamed');

export type Reply = APIGatewayProxyStructuredResultV2;

export const json = (statusCode: number, body: unknown): Reply => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: encode(body),
});

/** An expected failure, as RFC 9457 says it. */
export const problem = ({ code, detail, retryAfterMs }: Fault): Reply => ({
  statusCode: faults[code].status,
  headers: {
    'content-type': 'application/problem+json',
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
  },
  body: encode({
    type: `urn:redress:fault:${code}`,
    title: faults[code].title,
    status: faults[code].status,
    detail,
    code,
  }),
});

/** What did not answer becomes a 503, so that the sender comes again, and is told of; anything else is a bug and goes on to be one. */
export async function answering(run: () => Promise<Reply>, tell: (code: string) => void): Promise<Reply> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    tell(unanswered(error));
    return problem({
      code: 'unavailable',
      detail: 'Nothing is known to be recorded. Send the same request again in a moment.',
    });
  }
}
