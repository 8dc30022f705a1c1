import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isFromAPage } from '../from-a-page.ts';
import { actions } from './kms-actions.ts';
import { KmsFault } from './kms-fault.ts';
import { arnOf, openKeys } from './kms-keys.ts';

export interface Kms {
  readonly endpoint: string;
  /** ARNs of the three keys that are there from the first start. */
  readonly keys: { readonly encryption: string; readonly mac: string; readonly signing: string };
  stop(): Promise<void>;
}

/** KMS takes at most 4 KiB of data; base64 and an encryption context make it no more than this. */
const largestBody = 64 * 1024;

/**
 * Starts a key service for development on 127.0.0.1 and a free port: AWS's protocol and error names with real AES-256-GCM, HMAC
 * and ECDSA, no roles and no signatures of requests. Keys lie in clear in `keyFile`, readable by its owner only.
 */
export async function startKms({ keyFile }: { readonly keyFile: string }): Promise<Kms> {
  const keys = await openKeys(keyFile);
  const server = createServer((request, response) => {
    void answer(request, keys).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    keys: {
      encryption: arnOf(keys.find('alias/redress-encryption')),
      mac: arnOf(keys.find('alias/redress-mac')),
      signing: arnOf(keys.find('alias/redress-signing')),
    },
    stop: () => stop(server),
  };
}

async function answer(request: IncomingMessage, keys: Awaited<ReturnType<typeof openKeys>>) {
  try {
    if (isFromAPage(request))
      throw new KmsFault('AccessDeniedException', 'this key service answers no page in a browser');
    const action = /^TrentService\.(\w+)$/.exec(String(request.headers['x-amz-target']))?.[1] ?? '';
    const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (act === undefined) throw new KmsFault('UnknownOperationException', 'this key service does not know the action');
    return { status: 200, body: (await act(await read(request), keys)) ?? {} };
  } catch (error) {
    if (error instanceof KmsFault) return { status: 400, body: { __type: error.code, message: error.message } };
    return { status: 500, body: { __type: 'KMSInternalException', message: 'the key service failed' } };
  }
}

async function read(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new KmsFault('ValidationException', 'the request is too large');
    chunks.push(chunk);
  }
  try {
    const input: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof input === 'object' && input !== null) return input as Readonly<Record<string, unknown>>;
  } catch {
    // Answered below like any other body that is no object.
  }
  throw new KmsFault('SerializationException', 'the request is no JSON object');
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
