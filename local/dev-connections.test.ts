import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileConnections, writeConnections } from './dev-connections.ts';

const source = {
  kind: 'source',
  platform: 'generic',
  verifySecrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
};
const gateway = {
  kind: 'gateway',
  platform: 'stripe',
  verifySecrets: [`whsec_${'a'.repeat(32)}`],
  credential: 'sk_test_1',
};

describe('the connections of an embedded stack', () => {
  let path = '';
  const folder = { file: (...names: string[]) => join(path, ...names) };
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'redress-connections-'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  async function written(own: object | undefined): Promise<FileConnections> {
    const file = join(path, 'own.json');
    if (own !== undefined) writeFileSync(file, JSON.stringify({ connections: own }));
    const made = await writeConnections(folder, own === undefined ? undefined : file);
    return made.content;
  }

  it('take an account of one’s own for the one shop that there is', async () => {
    const { connections } = await written({ mine: gateway, shop: source });
    expect(connections.mine?.settings.ordersOf).toBe('*');
  });

  it('leave it to two shops to say whose orders an account takes', async () => {
    const { connections } = await written({
      mine: gateway,
      hers: { ...gateway, settings: { ordersOf: 'shop-b' } },
      'shop-a': source,
      'shop-b': source,
    });
    expect(connections.mine?.settings.ordersOf).toBeUndefined();
    expect(connections.hers?.settings.ordersOf).toBe('shop-b');
  });

  it('of a folder that an earlier version made get the settings that have come since, and keep theirs', async () => {
    const first = await written(undefined);
    const before = first.connections['stripe-demo']!;
    const earlier = { ...before, settings: { simulator: 'stripe', accountId: 'acct_mine' } };
    const old = { ...first, connections: { ...first.connections, 'stripe-demo': earlier } };
    writeFileSync(folder.file('dev-connections.json'), JSON.stringify(old));
    const { connections } = await written(undefined);
    expect(connections['stripe-demo']).toMatchObject({
      verifySecrets: before.verifySecrets,
      settings: { accountId: 'acct_mine', ordersOf: '*' },
    });
  });
});
