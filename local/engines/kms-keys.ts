import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KmsFault } from './kms-fault.ts';

export type KeySpec = 'SYMMETRIC_DEFAULT' | 'HMAC_256' | 'ECC_NIST_P256';

export interface Key {
  readonly id: string;
  readonly spec: KeySpec;
  readonly alias?: string;
  readonly enabled: boolean;
  /** Seconds since the epoch, as AWS tells it. */
  readonly createdAt: number;
  /** Base64, oldest first; the last one encrypts, all decrypt. PKCS #8 for ECDSA. */
  readonly versions: readonly [string, ...string[]];
}

export interface Keys {
  /** By id, ARN, alias or the alias's ARN. Throws NotFoundException. */
  find(name: unknown): Key;
  create(spec: KeySpec): Promise<Key>;
  /** Resolves when the change is on disk. */
  change(key: Key): Promise<void>;
}

const account = 'arn:aws:kms:us-east-1:000000000000';

export const arnOf = (key: Key): string => `${account}:key/${key.id}`;

/** Reads the key file, or makes it with one key of each kind. Refuses a file that others may read. */
export async function openKeys(keyFile: string): Promise<Keys> {
  const keys = new Map<string, Key>();
  for (const key of await readKeys(keyFile)) keys.set(key.id, key);
  let saved: Promise<void> = Promise.resolve();
  const save = (...changed: readonly Key[]): Promise<void> => {
    for (const key of changed) keys.set(key.id, key);
    // One after another: two writers would rename each other's half-written file.
    saved = saved.catch(() => undefined).then(() => writeKeys(keyFile, [...keys.values()]));
    return saved;
  };
  if (keys.size === 0) {
    await save(
      { ...newKey('SYMMETRIC_DEFAULT'), alias: 'alias/redress-encryption' },
      { ...newKey('HMAC_256'), alias: 'alias/redress-mac' },
      { ...newKey('ECC_NIST_P256'), alias: 'alias/redress-signing' },
    );
  }
  return {
    find(name) {
      const short = typeof name === 'string' ? name.replace(`${account}:`, '').replace(/^key\//, '') : '';
      const found = keys.get(short) ?? [...keys.values()].find(({ alias }) => alias === short);
      if (found === undefined) throw new KmsFault('NotFoundException', 'there is no such key');
      return found;
    },
    async create(spec) {
      const key = newKey(spec);
      await save(key);
      return key;
    },
    change: (key) => save(key),
  };
}

const newKey = (spec: KeySpec): Key => ({
  id: randomUUID(),
  spec,
  enabled: true,
  createdAt: Math.floor(Date.now() / 1000),
  versions: [newMaterial(spec)],
});

export function newMaterial(spec: KeySpec): string {
  if (spec !== 'ECC_NIST_P256') return randomBytes(32).toString('base64');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
}

async function readKeys(keyFile: string): Promise<readonly Key[]> {
  const file = await open(keyFile, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return [];
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new Error(`${keyFile} holds keys and can be read by others. Run: chmod 600 ${keyFile}`);
    const { keys } = JSON.parse(await file.readFile('utf8')) as { readonly keys: readonly Key[] };
    return keys;
  } finally {
    await file.close();
  }
}

/** Whole or not at all, also when the power fails: written beside it, flushed, renamed, and the rename flushed too. */
async function writeKeys(keyFile: string, keys: readonly Key[]): Promise<void> {
  await mkdir(dirname(keyFile), { recursive: true });
  const beside = `${keyFile}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    // A file of this name that an earlier run left keeps the mode it had.
    await file.chmod(0o600);
    await file.writeFile(JSON.stringify({ v: 1, keys }));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, keyFile);
  const folder = await open(dirname(keyFile), 'r');
  await folder.sync().finally(() => folder.close());
}
