import type Stripe from 'stripe';
import type { Answer, Exchange, WireRequest } from '../../kit/exchange.ts';

type HttpClient = NonNullable<NonNullable<ConstructorParameters<typeof Stripe>[1]>['httpClient']>;
type HttpClientResponse = Awaited<ReturnType<HttpClient['makeRequest']>>;

/**
 * The HTTP client under the `stripe` package, good for one request. The package repeats a reset connection once even with its
 * retries at 0, and by its reading of an answer may repeat more (RequestSender `_shouldRetry`). So it is shown neither a fault
 * nor an answer: it gets an empty object, always, and what really came is kept here. A second request is refused all the same.
 */
export class OneRequest implements HttpClient {
  answer: Answer = { is: 'none', why: 'not-started' };
  readonly #baseUrl: string;
  readonly #exchange: Exchange;
  readonly #limits: Pick<WireRequest, 'limitMs' | 'mayStart' | 'onSent'>;
  #used = false;

  constructor(baseUrl: string, exchange: Exchange, limits: Pick<WireRequest, 'limitMs' | 'mayStart' | 'onSent'>) {
    this.#baseUrl = baseUrl;
    this.#exchange = exchange;
    this.#limits = limits;
  }

  getClientName(): string {
    return 'redress';
  }

  /** Host, port and protocol are the package's; ours come with the base URL, which may have a path. */
  async makeRequest(
    _host: string,
    _port: string,
    path: string,
    method: string,
    headers: Record<string, string | number | string[]>,
    body: string,
  ): Promise<HttpClientResponse> {
    if (this.#used) throw new Error('one client, one request');
    this.#used = true;
    // Holds should the exchange fail in a way it promises not to: silence, not "not started".
    this.answer = { is: 'none', why: 'connection' };
    try {
      this.answer = await this.#exchange({
        url: `${this.#baseUrl}${path}`,
        method,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        body,
        ...this.#limits,
      });
    } catch {
      // Rethrown, a reset would make the package sleep and come again.
    }
    return nothing;
  }
}

/**
 * What a client of the package sends through for as long as it lives: each of its requests is a `OneRequest`. Whoever uses the client
 * is alone with it until the answer is there, and what the package might do after that finds a request that was used.
 */
export class OneAtATime implements HttpClient {
  #current: OneRequest | undefined;

  takeUp(request: OneRequest): void {
    this.#current = request;
  }

  getClientName(): string {
    return 'redress';
  }

  async makeRequest(...asked: Parameters<OneRequest['makeRequest']>): Promise<HttpClientResponse> {
    const request = this.#current;
    this.#current = undefined;
    if (request === undefined) throw new Error('one client, one request');
    return await request.makeRequest(...asked);
  }
}

const nothing: HttpClientResponse = {
  getStatusCode: () => 200,
  getHeaders: () => ({}),
  getRawResponse: () => ({}),
  toStream: () => undefined,
  toJSON: async () => ({}),
};
