import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vault } from '../../app/ports/vault.ts';
import { type MerchantId, parseMerchant } from '../../domain/ids.ts';

export interface VaultUnderTest {
  readonly vault: Vault;
  /** A vault of another installation: same service, another key. */
  readonly other: Vault;
  stop?(): Promise<void>;
}

function named(text: string): MerchantId {
  const merchant = parseMerchant(text);
  if (merchant === undefined) throw new Error('not a merchant');
  return merchant;
}

const demo = named('demo');
const item = 'demo#payment#pay_1';
const secrets = { name: 'pi_3Qsecret', order: '1001-é😀', '': '', ['__proto__']: 'kept' };

/** What the ports `Sealer` and `Opener` promise, for any implementation. `make` is called once. */
export function vaultContract(name: string, make: () => Promise<VaultUnderTest>): void {
  describe(`${name} keeps the promises of the port Vault`, () => {
    let made: VaultUnderTest;
    beforeAll(async () => {
      made = await make();
    });
    afterAll(async () => {
      await made.stop?.();
    });
    opening(() => made);
    refusing(() => made);
  });
}

function opening(made: () => VaultUnderTest): void {
  test('What was sealed is opened for the same merchant and item.', async () => {
    const { vault } = made();
    expect(await vault.open(demo, item, await vault.seal(demo, item, secrets))).toEqual(secrets);
    expect(await vault.open(demo, item, await vault.seal(demo, item, {}))).toEqual({});
  });

  test('The ciphertext is base64, shows nothing of what is in it, and is another one each time.', async () => {
    const { vault } = made();
    const first = await vault.seal(demo, item, secrets);
    const second = await vault.seal(demo, item, secrets);
    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64').toString('base64')).toBe(first);
    const bytes = Buffer.from(first, 'base64').toString('latin1');
    for (const text of ['pi_3Qsecret', '1001', 'pay_1']) expect(bytes).not.toContain(text);
  });

  test('Many at once are each opened as what they were.', async () => {
    const { vault } = made();
    const all = Array.from({ length: 20 }, (_, i) => ({
      merchant: named(`m${i % 3}`),
      item: `item-${i}`,
      secrets: { n: `${i}` },
    }));
    const sealed = await Promise.all(all.map((one) => vault.seal(one.merchant, one.item, one.secrets)));
    const opened = await Promise.all(all.map((one, i) => vault.open(one.merchant, one.item, sealed[i] ?? '')));
    expect(opened).toEqual(all.map((one) => one.secrets));
  });
}

function refusing(made: () => VaultUnderTest): void {
  test('F123 A ciphertext of another merchant is foreign.', async () => {
    const { vault } = made();
    const sealed = await vault.seal(demo, item, secrets);
    expect(await vault.open(named('other'), item, sealed)).toBe('foreign');
    // The first opening put its data key into the cache; that must not help another merchant.
    expect(await vault.open(demo, item, sealed)).toEqual(secrets);
    expect(await vault.open(named('other'), item, sealed)).toBe('foreign');
  });

  test('F123 A ciphertext of another item of the same merchant is foreign.', async () => {
    const { vault } = made();
    const sealed = await vault.seal(demo, item, secrets);
    expect(await vault.open(demo, 'demo#payment#pay_2', sealed)).toBe('foreign');
    expect(await vault.open(demo, '', sealed)).toBe('foreign');
  });

  test('A ciphertext of another key is foreign.', async () => {
    const { vault, other } = made();
    expect(await vault.open(demo, item, await other.seal(demo, item, secrets))).toBe('foreign');
  });

  test('A ciphertext that was changed anywhere or cut is foreign.', async () => {
    const { vault } = made();
    const bytes = Buffer.from(await vault.seal(demo, item, { n: '1' }), 'base64');
    const places = Array.from({ length: bytes.length }, (_, at) => at).filter((at) => at < 8 || at % 7 === 0);
    for (const at of [...places, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((changed[at] ?? 0) ^ 1, at);
      expect(await vault.open(demo, item, changed.toString('base64')), `byte ${at}`).toBe('foreign');
    }
    for (const wrong of [bytes.subarray(0, -1), bytes.subarray(0, 40)]) {
      expect(await vault.open(demo, item, wrong.toString('base64'))).toBe('foreign');
    }
  });

  test.each(['', 'x', 'not base64!', '{}', 'AAAA', 'A'.repeat(64)])('"%s" is foreign.', async (text) => {
    expect(await made().vault.open(demo, item, text)).toBe('foreign');
  });

  test('The same bytes in another spelling are foreign.', async () => {
    const { vault } = made();
    const sealed = await vault.seal(demo, item, secrets);
    expect(await vault.open(demo, item, `${sealed}\n`)).toBe('foreign');
  });
}
