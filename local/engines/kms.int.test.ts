import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateMacCommand,
  GenerateRandomCommand,
  GetPublicKeyCommand,
  KMSClient,
  RotateKeyOnDemandCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Kms, startKms } from './kms.ts';

let folder: string;
let keyFile: string;
let kms: Kms;
let client: KMSClient;

async function start() {
  kms = await startKms({ keyFile });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new KMSClient({ region: 'us-east-1', credentials, endpoint: kms.endpoint, maxAttempts: 1 });
}
async function stop() {
  client.destroy();
  await kms.stop();
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redress-kms-'));
  keyFile = join(folder, 'keys', 'kms.json');
  await start();
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

const bytes = (text: string) => Buffer.from(text);
const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString();
const context = { merchant: 'demo', purpose: 'payment-reference' };

async function encrypted(KeyId = kms.keys.encryption): Promise<Uint8Array> {
  const { CiphertextBlob } = await client.send(
    new EncryptCommand({ KeyId, Plaintext: bytes('hush'), EncryptionContext: context }),
  );
  return CiphertextBlob!;
}
const decrypted = async (
  CiphertextBlob: Uint8Array,
  EncryptionContext: Record<string, string> = context,
  KeyId?: string,
) =>
  text(
    (await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, ...(KeyId && { KeyId }) }))).Plaintext,
  );

test("What was encrypted is decrypted under the same context in any order, by the blob's own key.", async () => {
  const blob = await encrypted();
  expect(await decrypted(blob)).toBe('hush');
  expect(await decrypted(blob, { purpose: 'payment-reference', merchant: 'demo' }, kms.keys.encryption)).toBe('hush');
  expect(await decrypted(blob, context, 'alias/redress-encryption')).toBe('hush');
  expect(text(blob)).not.toContain('hush');
});

test('F123 Another context, another key and any change are refused by the names AWS gives.', async () => {
  const blob = await encrypted();
  await expect(decrypted(blob, { ...context, merchant: 'other' })).rejects.toMatchObject({
    name: 'InvalidCiphertextException',
  });
  await expect(decrypted(blob, {})).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  for (const at of [0, 1, 17, 18, 19, 31, 47, blob.length - 1]) {
    const changed = Buffer.from(blob);
    changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
    await expect(decrypted(changed), `byte ${at}`).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  }
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  await expect(decrypted(blob, context, KeyMetadata?.Arn)).rejects.toMatchObject({ name: 'IncorrectKeyException' });
});

test('A data key comes in clear and wrapped, or wrapped alone.', async () => {
  const input = { KeyId: kms.keys.encryption, EncryptionContext: context };
  const { Plaintext, CiphertextBlob } = await client.send(new GenerateDataKeyCommand({ ...input, KeySpec: 'AES_256' }));
  const { Plaintext: opened } = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }));
  expect(Plaintext).toHaveLength(32);
  expect(opened).toEqual(Plaintext);
  const wrapped = await client.send(new GenerateDataKeyWithoutPlaintextCommand({ ...input, NumberOfBytes: 48 }));
  expect(wrapped).not.toHaveProperty('Plaintext');
  const { Plaintext: unwrapped } = await client.send(
    new DecryptCommand({ CiphertextBlob: wrapped.CiphertextBlob, EncryptionContext: context }),
  );
  expect(unwrapped).toHaveLength(48);
  expect((await client.send(new GenerateRandomCommand({ NumberOfBytes: 16 }))).Plaintext).toHaveLength(16);
});

test('A MAC and a signature verify, and a changed message does not.', async () => {
  const mac = { KeyId: kms.keys.mac, MacAlgorithm: 'HMAC_SHA_256' as const, Message: bytes('head 7') };
  const { Mac } = await client.send(new GenerateMacCommand(mac));
  expect((await client.send(new VerifyMacCommand({ ...mac, Mac }))).MacValid).toBe(true);
  await expect(client.send(new VerifyMacCommand({ ...mac, Message: bytes('head 8'), Mac }))).rejects.toMatchObject({
    name: 'KMSInvalidMacException',
  });

  const signing = { KeyId: kms.keys.signing, SigningAlgorithm: 'ECDSA_SHA_256' as const, Message: bytes('head 7') };
  const { Signature } = await client.send(new SignCommand(signing));
  expect((await client.send(new VerifyCommand({ ...signing, Signature }))).SignatureValid).toBe(true);
  await expect(
    client.send(new VerifyCommand({ ...signing, Message: bytes('head 8'), Signature })),
  ).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' });

  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: kms.keys.signing }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  expect(verify('sha256', bytes('head 7'), publicKey, Signature!)).toBe(true);
});

test('F122 A disabled key does nothing until it is enabled again.', async () => {
  const KeyId = kms.keys.encryption;
  const blob = await encrypted();
  await client.send(new DisableKeyCommand({ KeyId }));
  expect((await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
    Enabled: false,
    KeyState: 'Disabled',
  });
  await expect(encrypted()).rejects.toMatchObject({ name: 'DisabledException' });
  await expect(decrypted(blob)).rejects.toMatchObject({ name: 'DisabledException' });
  await client.send(new EnableKeyCommand({ KeyId }));
  expect(await decrypted(blob)).toBe('hush');
});

test('Wrong uses are refused by the names AWS gives.', async () => {
  const refusals: readonly (readonly [() => Promise<unknown>, string])[] = [
    [() => encrypted('alias/none'), 'NotFoundException'],
    [() => encrypted(kms.keys.mac), 'InvalidKeyUsageException'],
    [
      () => client.send(new EncryptCommand({ KeyId: kms.keys.encryption, Plaintext: new Uint8Array(4097) })),
      'ValidationException',
    ],
    [
      () => client.send(new GenerateDataKeyCommand({ KeyId: kms.keys.encryption, NumberOfBytes: 1025 })),
      'ValidationException',
    ],
    [() => client.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })), 'ValidationException'],
    [() => decrypted(bytes('garbage')), 'InvalidCiphertextException'],
    [
      () =>
        client.send(
          new SignCommand({
            KeyId: kms.keys.signing,
            SigningAlgorithm: 'ECDSA_SHA_256',
            MessageType: 'DIGEST',
            Message: new Uint8Array(32),
          }),
        ),
      'ValidationException',
    ],
  ];
  for (const [call, name] of refusals) await expect(call()).rejects.toMatchObject({ name });
});

test('Keys and their older versions are there after a restart, in a file for its owner only.', async () => {
  const before = { keys: kms.keys, blob: await encrypted() };
  await client.send(new RotateKeyOnDemandCommand({ KeyId: kms.keys.encryption }));
  const rotated = await encrypted();
  await stop();
  await start();
  expect(kms.keys).toEqual(before.keys);
  expect(await decrypted(before.blob)).toBe('hush');
  expect(await decrypted(rotated)).toBe('hush');
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(keyFile, 'utf8')).keys.length).toBeGreaterThan(2);
});

test('A key file that others can read is refused.', async () => {
  await chmod(keyFile, 0o640);
  await expect(startKms({ keyFile })).rejects.toThrow(`Run: chmod 600 ${keyFile}`);
  await chmod(keyFile, 0o600);
});

test.each(['127.0.0.1', 'page.example'])(
  'No page in a browser is answered, whatever name leads it here: %s',
  async (name) => {
    const { port } = new URL(kms.endpoint);
    const headers = { host: `${name}:${port}`, ...(name === '127.0.0.1' && { origin: 'https://page.example' }) };
    const asked = request(kms.endpoint, {
      method: 'POST',
      headers: { ...headers, 'x-amz-target': 'TrentService.GenerateRandom' },
    }).end('{"NumberOfBytes": 8}');
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect([answer.statusCode, await json(answer)]).toMatchObject([400, { __type: 'AccessDeniedException' }]);
  },
);

test('What is no request of KMS is answered with an error and nothing else.', async () => {
  const post = (target: string, body: string) =>
    fetch(kms.endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body }).then(async (response) => [
      response.status,
      await response.json(),
    ]);
  expect(await post('TrentService.toString', '{}')).toEqual([
    400,
    expect.objectContaining({ __type: 'UnknownOperationException' }),
  ]);
  expect(await post('TrentService.Encrypt', 'x')).toEqual([
    400,
    expect.objectContaining({ __type: 'SerializationException' }),
  ]);
  expect(await post('TrentService.Encrypt', '[1]')).toEqual([
    400,
    expect.objectContaining({ __type: 'NotFoundException' }),
  ]);
  expect(await post('TrentService.Encrypt', 'x'.repeat(70_000))).toEqual([
    400,
    expect.objectContaining({ __type: 'ValidationException' }),
  ]);
});
