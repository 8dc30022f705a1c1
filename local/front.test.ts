import { once } from 'node:events';
import { connect } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Front, type FrontSettings, type Route, startFront } from './front.ts';
import { lambda } from './lambda.ts';

const now = Date.UTC(2026, 10, 21, 8, 15, 30);
const lines: string[] = [];
const fronts: Front[] = [];

async function front(routes: readonly Route[], settings: Partial<FrontSettings> = {}): Promise<Front> {
  const started = await startFront({
    port: 0,
    routes,
    now: () => now,
    report: (line) => void lines.push(line),
    ...settings,
  });
  fronts.push(started);
  return started;
}

const behind = (route: string, handler: (event: APIGatewayProxyEventV2) => unknown, timeoutMs = 5_000): Route => ({
  route,
  invoke: lambda({ name: 'f', timeoutMs }, async (event: APIGatewayProxyEventV2) => handler(event)),
});

/** One request by hand, for what `fetch` refuses to send. Resolves with all that came back before the connection closed. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(got));
  });
}

/** Patient, since machines are busy at times; each look is cheap. */
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 240_000, interval: 5 });

afterEach(async () => {
  await Promise.all(fronts.splice(0).map((each) => each.close(0)));
  lines.length = 0;
});

describe('a request to a Lambda route', () => {
  it('F13: reaches the handler as an API Gateway event whose body is base64 of the very bytes', async () => {
    const seen: APIGatewayProxyEventV2[] = [];
    const { url } = await front([
      behind('POST /webhooks/returns/{connection}', (event) => {
        seen.push(event);
        return { statusCode: 202, headers: { 'Content-Type': 'application/json' }, body: '{"is":"recorded"}' };
      }),
    ]);
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x0d, 0x0a, 0x7d]);
    const answer = await fetch(`${url}/webhooks/returns/generic-demo?a=1&a=2&b=%20`, {
      method: 'POST',
      body: bytes,
      headers: { 'Webhook-ID': 'msg_1', cookie: 'one=1; two=2' },
    });
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      202,
      'application/json',
      { is: 'recorded' },
    ]);
    expect(seen[0]).toMatchObject({
      version: '2.0',
      routeKey: 'POST /webhooks/returns/{connection}',
      rawPath: '/webhooks/returns/generic-demo',
      rawQueryString: 'a=1&a=2&b=%20',
      queryStringParameters: { a: '1,2', b: ' ' },
      pathParameters: { connection: 'generic-demo' },
      headers: { 'webhook-id': 'msg_1' },
      cookies: ['one=1', 'two=2'],
      body: bytes.toString('base64'),
      isBase64Encoded: true,
      requestContext: {
        http: { method: 'POST', path: '/webhooks/returns/generic-demo', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        stage: '$default',
        time: '21/Nov/2026:08:15:30 +0000',
        timeEpoch: now,
      },
    });
    expect(seen[0]!.requestContext.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('A header that came twice is one value, joined with a comma', async () => {
    const { port } = await front([behind('GET /x', (event) => ({ statusCode: 200, body: event.headers['x-sig'] }))]);
    const got = await raw(port, 'GET /x HTTP/1.1\r\nhost: a\r\nX-Sig: 1\r\nx-sig: 2\r\nconnection: close\r\n\r\n');
    expect(got).toMatch(/\r\n\r\n1,2$/);
  });

  it.each([
    ['a string', 'text', 200, 'application/json', 'text'],
    ['an object without a status', { ok: true }, 200, 'application/json', '{"ok":true}'],
    ['a status alone', { statusCode: 503 }, 503, 'text/plain; charset=utf-8', ''],
    ['base64', { statusCode: 200, body: 'aGk=', isBase64Encoded: true }, 200, 'text/plain; charset=utf-8', 'hi'],
    ['no content', { statusCode: 204 }, 204, 'text/plain; charset=utf-8', ''],
  ])('A handler may answer %s', async (_what, result, status, type, body) => {
    const { url } = await front([behind('GET /x', () => result)]);
    const answer = await fetch(`${url}/x`);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, body]);
  });

  it('F134: a handler that throws is a 502 and one line, and neither tells what was thrown', async () => {
    const { url } = await front([
      behind('POST /x', (event) => {
        throw new Error(Buffer.from(event.body!, 'base64').toString());
      }),
    ]);
    const answer = await fetch(`${url}/x`, { method: 'POST', body: 'pan 4242424242424242' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, 'application/problem+json']);
    expect(await answer.text()).not.toContain('4242');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^POST \/x \(.{36}\): handler threw Error/);
    expect(lines[0]).not.toContain('4242');
  });

  it('A handler that times out, or sets a header that HTTP does not allow, is a 502', async () => {
    const { url } = await front([
      behind('GET /slow', () => new Promise(() => undefined), 5),
      behind('GET /bad', () => ({ statusCode: 200, headers: { 'x-a': 'a\r\nb: c' } })),
    ]);
    expect((await fetch(`${url}/slow`)).status).toBe(502);
    expect((await fetch(`${url}/bad`)).status).toBe(502);
  });

  it('No route: 404 as a problem', async () => {
    const { url } = await front([behind('GET /x', () => 'x')]);
    const answer = await fetch(`${url}/y`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(await answer.json()).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
  });
});

describe('a body over the limit', () => {
  const handled = vi.fn(() => ({ statusCode: 202 }));
  const limit = 64 * 1024;

  it('is refused by its declared length before a byte of it is read', async () => {
    const { port } = await front([behind('POST /x', handled)], { bodyLimitBytes: limit });
    const got = await raw(port, `POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: ${limit + 1}\r\n\r\n`);
    expect(got).toMatch(/^HTTP\/1.1 413 /);
    expect(got.toLowerCase()).toContain('connection: close');
    expect(handled).not.toHaveBeenCalled();
  });

  it('is refused by what comes where no length is declared, and a client still writing gets the answer', async () => {
    const { port } = await front([behind('POST /x', handled)], { bodyLimitBytes: limit });
    const socket = connect(port, '127.0.0.1');
    // Reads nothing until it has written all: had the connection been reset meanwhile, the answer would be gone.
    socket.pause();
    socket.write('POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `${limit.toString(16)}\r\n${'x'.repeat(limit)}\r\n`;
    for (let sent = 0; sent < 100; sent += 1) {
      await new Promise((resolve, reject) => socket.write(chunk, (error) => (error ? reject(error) : resolve(0))));
    }
    socket.resume();
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 413 /);
    expect(handled).not.toHaveBeenCalled();
    socket.destroy();
  });

  it('A body of exactly the limit is handed on', async () => {
    const { url } = await front([behind('POST /x', handled)], { bodyLimitBytes: limit });
    expect((await fetch(`${url}/x`, { method: 'POST', body: Buffer.alloc(limit) })).status).toBe(202);
  });
});

describe('concurrency', () => {
  it('is bounded; further requests wait their turn, and what finds no place to wait is told to come back', async () => {
    const { promise: timeToEnd, resolve: end } = Promise.withResolvers<void>();
    let running = 0;
    let most = 0;
    const { url } = await front(
      [
        behind('GET /x', async () => {
          running += 1;
          most = Math.max(most, running);
          await timeToEnd;
          running -= 1;
          return { statusCode: 200 };
        }),
      ],
      { concurrency: 2, waiting: 3 },
    );
    const statuses: number[] = [];
    const all = Array.from({ length: 8 }, async () => statuses.push((await fetch(`${url}/x`)).status));
    await until(() => expect(statuses).toEqual([503, 503, 503]));
    end();
    await Promise.all(all);
    expect(statuses.slice(3)).toEqual([200, 200, 200, 200, 200]);
    expect(most).toBe(2);
  });
});

describe('a plain route', () => {
  it.each([
    [200, 'host: 127.0.0.1:PORT'],
    [200, 'host: localhost:PORT'],
    [200, 'host: 127.0.0.1:PORT\r\norigin: http://127.0.0.1:PORT\r\nsec-fetch-site: same-origin'],
    [200, 'host: 127.0.0.1:PORT\r\nsec-fetch-site: none'],
    [403, 'host: 127.0.0.1:PORT\r\norigin: https://page.example'],
    [403, 'host: 127.0.0.1:PORT\r\norigin: null'],
    [403, 'host: 127.0.0.1:PORT\r\norigin: http://127.0.0.1:1'],
    [403, 'host: 127.0.0.1:PORT\r\nsec-fetch-site: cross-site'],
    [403, 'host: page.example:PORT'],
    [403, 'host: page.example:PORT\r\norigin: http://page.example:PORT\r\nsec-fetch-site: same-origin'],
    [403, 'host: 127.0.0.1.page.example:PORT'],
  ])('answers a page of somebody else with nothing: %i to %s', async (status, headers) => {
    const asked: string[] = [];
    const plain = ({ method }: { readonly method: string }) => {
      asked.push(method);
      return { reply: { status: 200, headers: {}, body: 'what the simulator did' } };
    };
    const { port } = await front([{ route: 'ANY /sim/{path+}', plain }]);
    const lines = headers.replaceAll('PORT', String(port));
    const got = await raw(
      port,
      `POST /sim/_faults HTTP/1.1\r\n${lines}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
    expect(got).toMatch(`HTTP/1.1 ${status} `);
    expect(asked).toEqual(status === 200 ? ['POST'] : []);
  });

  it('gets the request as it came, and answers as it likes', async () => {
    const { url } = await front([
      {
        route: 'ANY /sim/stripe/{proxy+}',
        plain: ({ method, path, query, body, headers, parameters }) => ({
          reply: {
            status: 201,
            headers: { 'x-key': headers['idempotency-key'] ?? '' },
            body: JSON.stringify([method, path, query, body.toString(), parameters.proxy]),
          },
        }),
      },
    ]);
    const answer = await fetch(`${url}/sim/stripe/v1/refunds?a=b`, {
      method: 'POST',
      body: 'amount=1',
      headers: { 'Idempotency-Key': 'k1' },
    });
    expect([answer.status, answer.headers.get('x-key')]).toEqual([201, 'k1']);
    expect(await answer.json()).toEqual(['POST', '/sim/stripe/v1/refunds', 'a=b', 'amount=1', 'v1/refunds']);
  });

  it('F57: a lost reply closes the socket without an answer', async () => {
    const { port } = await front([{ route: 'GET /lost', plain: () => ({ reply: 'lost', delayMs: 1 }) }]);
    expect(await raw(port, 'GET /lost HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')).toBe('');
  });

  it('can be late', async () => {
    const plain = () => ({ reply: { status: 200, headers: {}, body: '' }, delayMs: 30 });
    const { url } = await front([{ route: 'GET /late', plain }]);
    const startedAt = performance.now();
    await fetch(`${url}/late`);
    // Timers may fire a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  });
});

describe('closing', () => {
  it('lets what is under way end, and takes nothing new', async () => {
    const { promise: timeToEnd, resolve: end } = Promise.withResolvers<void>();
    const started = vi.fn();
    const { url, close } = await front([
      behind('GET /x', async () => {
        started();
        await timeToEnd;
        return { statusCode: 200 };
      }),
    ]);
    const answer = fetch(`${url}/x`);
    await until(() => expect(started).toHaveBeenCalled());
    const closed = close(5_000);
    await expect(fetch(`${url}/x`)).rejects.toThrow();
    end();
    expect((await answer).status).toBe(200);
    await closed;
  });

  it('does not wait longer than its limit', async () => {
    const started = vi.fn();
    const { url, close } = await front([
      behind('GET /x', () => {
        started();
        return new Promise(() => undefined);
      }),
    ]);
    const answer = expect(fetch(`${url}/x`)).rejects.toThrow();
    await until(() => expect(started).toHaveBeenCalled());
    await close(10);
    await answer;
  });
});
