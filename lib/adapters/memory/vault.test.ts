import { expect, test } from 'vitest';
import { Unavailable } from '../../app/ports/unavailable.ts';
import { parseMerchant } from '../../domain/ids.ts';
import { vaultContract } from '../contracts/vault.ts';
import { memoryVault } from './vault.ts';

vaultContract('The memory vault', async () => ({ vault: memoryVault('one'), other: memoryVault('two') }));

const demo = parseMerchant('demo')!;

test('Two runs of one seed give the same ciphertexts.', async () => {
  const [first, second] = [memoryVault('seed'), memoryVault('seed')];
  for (const n of ['1', '2']) expect(await first.seal(demo, 'a', { n })).toBe(await second.seal(demo, 'a', { n }));
});

test('F121 A key service out of reach is Unavailable; there is no way around it.', async () => {
  let down = false;
  const vault = memoryVault('seed', () => down);
  const sealed = await vault.seal(demo, 'a', {});
  down = true;
  await expect(vault.seal(demo, 'a', {})).rejects.toThrow(Unavailable);
  await expect(vault.open(demo, 'a', sealed)).rejects.toThrow(Unavailable);
});
