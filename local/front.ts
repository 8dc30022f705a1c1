import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { apiEvent, headersOf, pathAndQuery } from './api-event.ts';
import { type PlainReply, writeProblem, writeReply, writeResult } from './api-reply.ts';
import { isFromAPage } from './from-a-page.ts';
import { gate } from './gate.ts';
import { failureOf, type Invoke } from './lambda.ts';
import { readBody } from './request-body.ts';
import { type Matched, matcher } from './routes.ts';
import { nameOf, type Report } from './running.ts';

/** A route and what is behind it: a Lambda function, or a part of the local run that is no Lambda (simulators, their admin). */
export type Route =
  | { readonly route: string; readonly invoke: Invoke<APIGatewayProxyEventV2, unknown> }
  | { readonly route: string; readonly plain: Plain };

export type Plain = (request: PlainRequest) => PlainAnswer | Promise<PlainAnswer>;

export interface PlainRequest {
  readonly method: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly parameters: Readonly<Record<string, string>>;
}

/** `lost`: the socket closes without an answer. */
export interface PlainAnswer {
  readonly reply: PlainReply | 'lost';
  readonly delayMs?: number;
}

export interface FrontSettings {
  /** 0 takes a free one. */
  readonly port: number;
  readonly routes: readonly Route[];
  /** Lambda invocations at the same time, and requests that may wait for a place; 64 and 1000 by default. */
  readonly concurrency?: number;
  readonly waiting?: number;
  /** More than a handler's own limit, so that its own check is reached as on AWS; 1 MiB and 64 KiB by default. */
  readonly bodyLimitBytes?: number;
  readonly now: () => number;
  readonly report: Report;
}

export interface Front {
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets what is under way end within `limitMs`, then cuts it off. */
  close(limitMs: number): Promise<void>;
}

/** Plays API Gateway on 127.0.0.1. Rejects when the port is taken. */
export async function startFront(settings: FrontSettings): Promise<Front> {
  const answer = answerer(settings);
  const server = createServer((request, response) => {
    // A closing server would otherwise wait for connections that are only kept alive.
    response.once('finish', () => {
      if (!server.listening) request.socket.end();
    });
    answer(request, response).catch((error: unknown) => {
      // A header that HTTP does not allow, or a simulator's bug.
      settings.report(`front: ${nameOf(error)}`);
      if (response.headersSent) response.destroy();
      else writeProblem(request, response, 502);
    });
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(settings.port, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, close: (limitMs) => close(server, limitMs) };
}

function answerer(settings: FrontSettings): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const routes = matcher(settings.routes);
  const invocations = gate(settings.concurrency ?? 64, settings.waiting ?? 1000);
  const bodyLimit = settings.bodyLimitBytes ?? 1024 * 1024 + 64 * 1024;
  return async (request, response) => {
    const body = await readBody(request, bodyLimit);
    if (body === 'gone') return;
    if (body === 'too-large') return writeProblem(request, response, 413);
    const matched = routes.match(request.method ?? 'GET', pathAndQuery(request).path);
    if (matched === undefined) return writeProblem(request, response, 404);
    if ('plain' in matched.route) {
      // Nothing else stands before these: no token, no signature.
      if (isFromAPage(request)) return writeProblem(request, response, 403);
      return answerPlain(matched.route.plain, matched, request, response, body);
    }
    const { invoke, route: routeKey } = matched.route;
    const event = apiEvent({ request, body, routeKey, parameters: matched.parameters, now: settings.now() });
    const invocation = await invocations.pass(() => invoke(event));
    if (invocation === 'full') return writeProblem(request, response, 503);
    if (invocation.is === 'returned') return writeResult(request, response, invocation.result);
    settings.report(`${routeKey} (${event.requestContext.requestId}): handler ${failureOf(invocation)}`);
    writeProblem(request, response, 502);
  };
}

async function answerPlain(
  plain: Plain,
  { parameters }: Matched<Route>,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<void> {
  const { path, query } = pathAndQuery(request);
  const method = request.method ?? 'GET';
  const { reply, delayMs = 0 } = await plain({ method, path, query, headers: headersOf(request), body, parameters });
  if (delayMs > 0) await wait(delayMs);
  if (reply === 'lost') request.socket.destroy();
  else writeReply(request, response, reply);
}

async function close(server: Server, limitMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), limitMs);
  await promise;
  clearTimeout(timer);
}
