import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { call, Trouble } from './stack.ts';

const at = (url: string) => ({ url, tokenFor: async () => 'token' });

async function closing<T>(answer: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(502).end(answer));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return use(url).finally(() => server.close());
}

it('says that nobody answers at an address, and not what the socket said', async () => {
  const gone = await closing('', async (url) => url);
  const refused = call(at(gone), 'viewer', { path: '/v1/refunds' });
  await expect(refused).rejects.toThrow(Trouble);
  await expect(refused).rejects.toThrow(`Nobody answers at ${gone}.`);
});

it('says that an answer is none of a stack', async () => {
  await closing('<html>', async (url) => {
    const refused = call(at(url), 'viewer', { path: '/v1/refunds' });
    await expect(refused).rejects.toThrow(Trouble);
    await expect(refused).rejects.toThrow(`${url} answered 502, and not as a stack does.`);
  });
});
