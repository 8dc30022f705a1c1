import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../app/ports/world.ts';
import { type Instant, instant } from '../../domain/time.ts';
import type { Simulator, SimWebhook } from '../kit/simulator.ts';

/** What a gateway may do that no simulator of it would: the next request gets this instead. */
export type Mishap =
  | { readonly is: 'answer'; readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
  /** The socket is reset before an answer. */
  | { readonly is: 'reset' }
  /** No answer, ever. */
  | { readonly is: 'silence' }
  /** The simulator's own answer without its second half. */
  | { readonly is: 'cut-off' };

/** A simulator on 127.0.0.1 with a clock that stands still until a test moves it. */
export class SimServer implements Clock {
  readonly webhooks: SimWebhook[] = [];
  /** Every request that reached the socket, whatever became of it. */
  requests = 0;
  readonly mishaps: Mishap[] = [];
  /** Keeps a request running, so that it takes effect only when the test completes its ticket. */
  holdNext = false;
  readonly held: string[] = [];
  readonly simulator: Simulator;
  #now: Instant;
  readonly #server: Server;

  constructor(simulator: Simulator, now: Instant) {
    this.simulator = simulator;
    this.#now = now;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  now(): Instant {
    return this.#now;
  }

  pass(ms: number): void {
    this.#now = instant(this.#now + ms);
    this.webhooks.push(...this.simulator.advance(this.#now));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const mishap = this.mishaps.shift();
    if (mishap?.is === 'silence') return;
    if (mishap?.is === 'reset') return void request.socket.resetAndDestroy();
    if (mishap?.is === 'answer') return void response.writeHead(mishap.status, mishap.headers).end(mishap.body);
    const url = new URL(request.url ?? '/', 'http://simulator');
    const begun = this.simulator.begin(
      {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.search.slice(1),
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString('utf8'),
      },
      this.#now,
    );
    if (begun.is === 'running' && this.holdNext) {
      this.holdNext = false;
      return void this.held.push(begun.ticket);
    }
    const step = begun.is === 'done' ? begun.step : this.simulator.complete(begun.ticket, this.#now);
    this.webhooks.push(...step.webhooks);
    if (step.reply === 'lost') return void request.socket.destroy();
    const { status, headers, body } = step.reply;
    if (mishap?.is !== 'cut-off') return void response.writeHead(status, headers).end(body);
    response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    response.write(body.slice(0, body.length / 2), () => request.socket.destroy());
  }
}
