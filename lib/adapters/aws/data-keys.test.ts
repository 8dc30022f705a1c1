import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { dataKeys } from './data-keys.ts';
import { dataKeyLength, type FreshDataKey, type SealingKey } from './sealed-message.ts';

describe('F121 a data key', () => {
  let now = 0;
  let asked: string[] = [];
  const material = async (merchant: string): Promise<FreshDataKey> => ({
    dataKey: randomBytes(dataKeyLength),
    encryptedDataKeys: [
      { providerId: 'test', providerInfo: Buffer.from('test'), encryptedDataKey: randomBytes(dataKeyLength) },
    ],
    encryptionContext: { merchant },
  });
  const needs = { now: () => now, maxAgeMs: 1000, maxMessages: 3, maxBytes: 100, mostKeys: 2 };
  const opened = () =>
    dataKeys({
      ...needs,
      fresh: (merchant) => {
        asked.push(merchant);
        return material(merchant);
      },
    });
  const itself = (key: SealingKey) => key;
  const isZero = ({ dataKey }: SealingKey) => dataKey.every((byte) => byte === 0);
  beforeEach(() => {
    now = 5000;
    asked = [];
  });

  it('serves as many messages as it may, and is zeroed when another takes its place', async () => {
    const withKey = opened();
    const first = await withKey('a', 1, itself);
    expect(await withKey('a', 1, itself)).toBe(first);
    expect(await withKey('a', 1, itself)).toBe(first);
    expect(isZero(first)).toBe(false);
    expect(await withKey('a', 1, itself)).not.toBe(first);
    expect(isZero(first)).toBe(true);
    expect(asked).toEqual(['a', 'a']);
  });

  it('serves as many bytes as it may', async () => {
    const withKey = opened();
    const first = await withKey('a', 60, itself);
    expect(await withKey('a', 40, itself)).toBe(first);
    expect(await withKey('a', 1, itself)).not.toBe(first);
  });

  it('serves one message that is longer than that, and no other', async () => {
    const withKey = opened();
    const first = await withKey('a', 101, itself);
    expect(await withKey('a', 0, itself)).not.toBe(first);
  });

  it('serves until it is too old, and not when the clock was put back', async () => {
    const withKey = opened();
    const first = await withKey('a', 1, itself);
    now += 1000;
    expect(await withKey('a', 1, itself)).toBe(first);
    now += 1;
    const second = await withKey('a', 1, itself);
    expect(second).not.toBe(first);
    now -= 1;
    expect(await withKey('a', 1, itself)).not.toBe(second);
  });

  it('serves one merchant, and the eldest makes room', async () => {
    const withKey = opened();
    const first = await withKey('a', 1, itself);
    expect(await withKey('b', 1, itself)).not.toBe(first);
    await withKey('c', 1, itself);
    expect(isZero(first)).toBe(true);
    await withKey('b', 1, itself);
    await withKey('a', 1, itself);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });

  it('is whole for each of many messages that ask at once and are answered at once', async () => {
    const ready = await Promise.all(Array.from({ length: 10 }, () => material('a')));
    const withKey = dataKeys({ ...needs, fresh: async () => ready.pop() ?? (await material('a')) });
    const all = await Promise.all(Array.from({ length: 10 }, () => withKey('a', 1, (key) => isZero(key))));
    expect(all).toEqual(Array.from({ length: 10 }, () => false));
  });

  it('that could not be had is asked for again', async () => {
    let fails = true;
    const fresh = async () => {
      if (fails) throw new Error('away');
      return material('a');
    };
    const withKey = dataKeys({ ...needs, fresh });
    await expect(withKey('a', 1, itself)).rejects.toThrow('away');
    fails = false;
    expect(isZero(await withKey('a', 1, itself))).toBe(false);
  });
});
