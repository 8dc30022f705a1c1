import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerThenClose } from './request-body.ts';

export interface PlainReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Writes what a handler returned. An answer without `statusCode` is taken for the body of a 200, as API Gateway does. */
export function writeResult(request: IncomingMessage, response: ServerResponse, result: unknown): void {
  const structured = asStructured(result);
  const body = structured.body ?? '';
  if (structured.cookies !== undefined) response.setHeader('set-cookie', structured.cookies);
  writeReply(request, response, {
    status: structured.statusCode ?? 200,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(
        Object.entries(structured.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
      ),
    },
    body: structured.isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  });
}

/** Lengths are the front's own business, whatever the reply says. */
export function writeReply(request: IncomingMessage, response: ServerResponse, reply: PlainReply): void {
  for (const [name, value] of Object.entries(reply.headers)) {
    if (!ownHeaders.has(name.toLowerCase())) response.setHeader(name, value);
  }
  response.statusCode = reply.status;
  const body = Buffer.from(reply.body);
  if (reply.status !== 204 && reply.status !== 304) response.setHeader('content-length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** The front's own answers, as problem+json (RFC 9457). What was not read of the request is thrown away. */
export function writeProblem(request: IncomingMessage, response: ServerResponse, status: number): void {
  response.statusCode = status;
  for (const name of response.getHeaderNames()) if (name !== 'connection') response.removeHeader(name);
  response.setHeader('content-type', 'application/problem+json');
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status });
  if (request.complete) response.end(request.method === 'HEAD' ? undefined : body);
  else answerThenClose(request, response, body);
}

const ownHeaders = new Set(['content-length', 'transfer-encoding', 'connection']);

function asStructured(result: unknown): APIGatewayProxyStructuredResultV2 {
  if (typeof result === 'object' && result !== null && 'statusCode' in result) {
    return result as APIGatewayProxyStructuredResultV2;
  }
  const body = typeof result === 'string' ? result : JSON.stringify(result ?? null);
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
}
