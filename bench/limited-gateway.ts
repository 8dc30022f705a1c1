import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the gateway saw it. */
export interface Seen {
  readonly atMs: number;
  readonly endpoint: string;
  readonly status: number;
}

/**
 * Stands where a gateway is and lets at most so many requests per second and endpoint through to the simulator behind it, counted over
 * any one second, as strict as a limiter can be; the others get 429 and the simulator never hears of them.
 */
export interface LimitedGateway {
  readonly url: string;
  /** Where the simulator is, once that is known. */
  forwardTo(base: string): void;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

export async function limitedGateway(perSecond: number): Promise<LimitedGateway> {
  const seen: Seen[] = [];
  const passed = new Map<string, number[]>();
  let base = '';
  const admits = (endpoint: string, now: number): boolean => {
    const recent = (passed.get(endpoint) ?? []).filter((at) => now - at < 1000);
    const room = recent.length < perSecond;
    passed.set(endpoint, room ? [...recent, now] : recent);
    return room;
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/' } = request;
    const endpoint = `${method} ${(url.split('?')[0] ?? '').replace(/\/(?:pi|ch|re|py)_[^/]+/g, '/:id')}`;
    const note = (status: number) => seen.push({ atMs: performance.now(), endpoint, status });
    if (!admits(endpoint, performance.now())) {
      note(429);
      response.writeHead(429, { 'content-type': 'application/json' });
      response.end(
        '{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Request rate limit exceeded."}}',
      );
      return;
    }
    const { host: _, connection: __, ...headers } = request.headers;
    const answer = await fetch(`${base}${url}`, {
      method,
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    }).catch(() => undefined);
    if (answer === undefined) return void request.socket.destroy();
    note(answer.status);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo: (to) => {
      base = to;
    },
    seen,
    close: () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
  };
}
