import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testKey } from '../../../local/engines/test-endpoints.ts';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { parseMerchant } from '../../domain/ids.ts';
import { vaultContract } from '../contracts/vault.ts';
import { clientLimits } from './client-limits.ts';
import { kmsOpener } from './opener.ts';
import { kmsSealer } from './sealer.ts';
import type { KmsVaultNeeds } from './vault-key.ts';

const vaultOf = (needs: KmsVaultNeeds) => ({ ...kmsSealer(needs), ...kmsOpener(needs) });

vaultContract('The KMS vault', async () => {
  const [ours, theirs] = [await testKey(), await testKey()];
  const stop = async () => {
    await ours.stop();
    await theirs.stop();
  };
  return { vault: vaultOf(ours), other: vaultOf(theirs), stop };
});

const demo = parseMerchant('demo')!;
let key: Awaited<ReturnType<typeof testKey>>;
/** How often KMS was called, by the command's name. */
const calls: string[] = [];
beforeAll(async () => {
  key = await testKey();
  key.client.middlewareStack.add(
    (next, context) => (args) => {
      calls.push(context.commandName ?? '');
      return next(args);
    },
    { step: 'initialize' },
  );
});
afterAll(() => key.stop());

test('F121 One data key serves many ciphertexts of one merchant, in both directions.', async () => {
  const [sealer, opener] = [kmsSealer(key), kmsOpener(key)];
  calls.length = 0;
  const sealed: string[] = [];
  for (let i = 0; i < 50; i++) sealed.push(await sealer.seal(demo, `item-${i}`, { n: `${i}` }));
  expect(calls).toEqual(['GenerateDataKeyCommand']);
  for (const [i, one] of sealed.entries()) expect(await opener.open(demo, `item-${i}`, one)).toEqual({ n: `${i}` });
  expect(calls).toEqual(['GenerateDataKeyCommand', 'DecryptCommand']);
});

test('F122 While the key is disabled nothing is lost or called foreign: all work that needs it waits.', async () => {
  const sealed = await kmsSealer(key).seal(demo, 'a', { n: '1' });
  await key.client.send(new DisableKeyCommand({ KeyId: key.keyArn }));
  await expect(kmsSealer(key).seal(demo, 'a', {})).rejects.toThrow(Unavailable);
  await expect(kmsOpener(key).open(demo, 'a', sealed)).rejects.toThrow(Unavailable);
  await key.client.send(new EnableKeyCommand({ KeyId: key.keyArn }));
  expect(await kmsOpener(key).open(demo, 'a', sealed)).toEqual({ n: '1' });
});

/** A key service that answers every call in one way. */
async function withKms(answer: RequestListener, use: (client: KMSClient) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new KMSClient({
    region: 'us-east-1',
    credentials,
    endpoint,
    ...clientLimits({ attempts: 1, requestMs: 100 }),
  });
  try {
    await use(client);
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
}

const refusing =
  (status: number, type: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify({ __type: type }));

test.each<readonly [string, RequestListener]>([
  ['throttles', refusing(400, 'ThrottlingException')],
  ['fails', refusing(500, 'KMSInternalException')],
  ['forbids', refusing(400, 'AccessDeniedException')],
  ['is about to delete the key', refusing(400, 'KMSInvalidStateException')],
  ['hangs up', (request) => request.socket.destroy()],
  ['is silent', () => undefined],
])('F121 A key service that %s is Unavailable, never "foreign".', async (_what, answer) => {
  const sealed = await kmsSealer(key).seal(demo, 'a', {});
  await withKms(answer, async (client) => {
    await expect(kmsSealer({ ...key, client }).seal(demo, 'a', {})).rejects.toThrow(Unavailable);
    await expect(kmsOpener({ ...key, client }).open(demo, 'a', sealed)).rejects.toThrow(Unavailable);
  });
});

test.each(['InvalidCiphertextException', 'IncorrectKeyException', 'NotFoundException'])(
  'A key service that answers %s has said its last word: foreign.',
  async (type) => {
    const sealed = await kmsSealer(key).seal(demo, 'a', {});
    await withKms(refusing(400, type), async (client) => {
      expect(await kmsOpener({ ...key, client }).open(demo, 'a', sealed)).toBe('foreign');
    });
  },
);

const answering =
  (answer: (keyArn: string) => object): ((keyArn: string) => RequestListener) =>
  (keyArn) =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer(keyArn)));

const blob = (length: number) => Buffer.alloc(length, 7).toString('base64');

test.each([
  ['under another key', answering((arn) => ({ KeyId: `${arn}0`, Plaintext: blob(32), CiphertextBlob: blob(40) }))],
  ['that is too short', answering((arn) => ({ KeyId: arn, Plaintext: blob(16), CiphertextBlob: blob(40) }))],
  ['without its ciphertext', answering((arn) => ({ KeyId: arn, Plaintext: blob(32) }))],
  ['that is missing', answering((arn) => ({ KeyId: arn, CiphertextBlob: blob(40) }))],
])('F121 Nothing is sealed under a data key %s: nobody could open it.', async (_what, answer) => {
  await withKms(answer(key.keyArn), async (client) => {
    await expect(kmsSealer({ ...key, client }).seal(demo, 'a', {})).rejects.toThrow(Unavailable);
  });
});

test('An alias is no key ARN: every ciphertext would look foreign.', () => {
  expect(() => kmsSealer({ ...key, keyArn: 'alias/redress' })).toThrow('full ARN');
});
