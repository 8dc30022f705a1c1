import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sightings, sightingsIn } from '../canary/scan.ts';
import { dataFolder, type Running, removeFolder, root, start } from './process.ts';

/** Names the gateway has for a payment. Recognisable, and nowhere but at the simulated gateway may they be found. */
const intent = 'pi_CANARYintent0123456789';
const charge = intent.replace('pi_', 'ch_');
const canaries = [intent, charge];

describe('payment references on the embedded stack', () => {
  const folders: string[] = [];
  let stack: Running | undefined;
  afterEach(async () => {
    await stack?.stop();
    stack = undefined;
    for (const folder of folders.splice(0)) removeFolder(folder);
  });

  /** A refund, a lost answer that is looked up, and a return whose payment nobody knows; then everything written is searched. */
  async function seenAfterwards(cwd: string) {
    const data = dataFolder();
    folders.push(data);
    stack = await start(data, cwd);
    await stack.pay(intent, 10_000, 'order-canary');
    await stack.faults({ lostReplies: 1 });
    await stack.send({
      return: 'RMA-canary',
      payment: intent,
      lines: [{ id: '1', price: '12.00' }],
      order: 'order-canary',
    });
    await stack.send({
      return: 'RMA-charge',
      payment: charge,
      lines: [{ id: '1', price: '3.00' }],
      order: 'order-canary',
    });
    await stack.send({ return: 'RMA-unknown', payment: `${intent}unknown`, lines: [{ id: '1', price: '1.00' }] });
    await stack.until((found) => found.length === 2 && found.every((one) => one.status === 'refunded'), {
      query: '?order=order-canary',
    });
    await stack.until((found) => found[0]?.status === 'waiting', { query: '?return=RMA-unknown' });
    const answers = JSON.stringify([
      await stack.refunds(),
      await Promise.all((await stack.refunds()).map((one) => stack?.get(`/v1/refunds/${one.id}/events`))),
    ]);
    await stack.stop();
    const truth = join(data, 'sim');
    const seen = [
      ...sightingsIn(canaries, data).filter((one) => !one.where.startsWith(truth)),
      ...sightings(canaries, 'logs', stack.logs()),
      ...sightings(canaries, 'the API', answers),
    ];
    return { seen, atSimulator: sightingsIn(canaries, truth).length };
  }

  it('F134 are in no table, queue, log or answer; only the simulated gateway has them', async () => {
    const { seen, atSimulator } = await seenAfterwards(root);
    expect(seen).toEqual([]);
    expect(atSimulator).toBeGreaterThan(0);
  });

  it('F134 are found by the same search as soon as encryption is bypassed', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'redress-bare-'));
    folders.push(copy);
    for (const part of ['lib', 'functions', 'local', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const needs = join(copy, 'local/needs.ts');
    const bare = `vault: { seal: async (_merchant: string, item: string, secrets: object) => Buffer.from(JSON.stringify({ item, secrets })).toString('base64'), open: async (_merchant: string, _item: string, sealed: string) => JSON.parse(Buffer.from(sealed, 'base64').toString('utf8')).secrets },`;
    const text = readFileSync(needs, 'utf8');
    const sealed = 'vault: { seal: sealer.seal, open: opener.open },';
    expect(text.split(sealed)).toHaveLength(2);
    writeFileSync(needs, text.replace(sealed, bare));
    const { seen } = await seenAfterwards(copy);
    expect(new Set(seen.map((one) => one.canary))).toEqual(new Set(canaries));
    rmSync(copy, { recursive: true, force: true });
  });
});
