import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { overHttp } from './http.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ask = (url: string, change: { limitMs?: number; mayStart?: () => boolean } = {}) =>
  overHttp({
    url: `${url}/v1/x?y=1`,
    method: 'POST',
    headers: { a: 'b' },
    body: 'c=d',
    limitMs: 2000,
    mayStart: () => true,
    ...change,
  });

describe('one request over HTTP', () => {
  it('brings back status, headers and bytes', async () => {
    const url = await served((request, response) => {
      response.setHeader('X-Two', ['one', 'two']);
      response
        .writeHead(201)
        .end(`${request.method} ${request.url} ${request.headers.a} ${request.headers.connection}`);
    });
    const answer = await ask(url);
    expect(answer).toMatchObject({ is: 'answer', status: 201, headers: { 'x-two': 'one, two' } });
    expect(answer.is === 'answer' && Buffer.from(answer.body).toString()).toBe('POST /v1/x?y=1 b close');
  });

  it('F81 does not follow a redirect', async () => {
    let requests = 0;
    const url = await served((_request, response) => {
      requests++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await ask(url)).toMatchObject({ is: 'answer', status: 307 });
    expect(requests).toBe(1);
  });

  it('is not started when it may not be', async () => {
    let requests = 0;
    const url = await served((_request, response) => {
      requests++;
      response.end();
    });
    expect(await ask(url, { mayStart: () => false })).toEqual({ is: 'none', why: 'not-started' });
    expect(requests).toBe(0);
  });

  it('has no answer when nobody listens', async () => {
    expect(await ask('http://127.0.0.1:1')).toEqual({ is: 'none', why: 'connection' });
  });

  it('F80 is cut off when the answer breaks off or never ends', async () => {
    const half = await served((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    expect(await ask(half)).toEqual({ is: 'none', why: 'cut-off' });
    const endless = await served((_request, response) => {
      const more = () => response.write(Buffer.alloc(1 << 20), () => !response.destroyed && more());
      more();
    });
    expect(await ask(endless)).toEqual({ is: 'none', why: 'cut-off' });
  });

  it('is given up at its limit, before the head and within the body', async () => {
    const silent = await served(() => {});
    expect(await ask(silent, { limitMs: 40 })).toEqual({ is: 'none', why: 'timeout' });
    const dripping = await served((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 5);
      response.once('close', () => clearInterval(drip));
    });
    expect(await ask(dripping, { limitMs: 40 })).toEqual({ is: 'none', why: 'timeout' });
  });

  it('reaches a server that resets once, and is not repeated', async () => {
    let connections = 0;
    const server = createSocketServer((socket) => {
      connections++;
      socket.once('data', () => socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await ask(`http://127.0.0.1:${port}`)).toEqual({ is: 'none', why: 'connection' });
    expect(connections).toBe(1);
    await new Promise((resolve) => server.close(resolve));
  });
});
