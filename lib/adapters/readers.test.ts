import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Connection, Secret } from '../app/ports/connections.ts';
import { Unavailable } from '../app/ports/unavailable.ts';
import type { ConnectionName, MerchantId } from '../domain/ids.ts';
import { instant } from '../domain/time.ts';
import { gatewayClients } from './gateways/clients.ts';
import { openGateways } from './gateways/open.ts';
import { gatewayReaders } from './gateways/readers.ts';
import { readers } from './readers.ts';
import { sourceClients } from './sources/clients.ts';
import { isAsked } from './sources/open-tended.ts';
import { sourceReaders } from './sources/readers.ts';
import { sourcesTended } from './sources/tended.ts';

const connection = (kind: Connection['kind'], platform: string): Connection => ({
  name: 'a' as ConnectionName,
  merchant: 'm' as MerchantId,
  kind,
  platform,
  mode: 'test',
  settings: {},
});
const opener = openGateways({ credential: async () => new Secret('sk_test_1') }, { clock: { now: () => instant(0) } });

describe('the lists of readers and clients', () => {
  it('give every folder its reader, and gateways their client', async () => {
    for (const [platform] of sourceReaders) expect(await readers(connection('source', platform))).toBeDefined();
    expect([...gatewayClients.keys()]).toEqual([...gatewayReaders.keys()]);
    for (const [platform] of gatewayReaders) {
      expect(await readers(connection('gateway', platform))).toBeDefined();
      expect(await opener.open(connection('gateway', platform))).toHaveProperty('capabilities');
    }
  });

  it('give no source a client that has no reader, and say which are asked', () => {
    const asked = [...sourceReaders.keys()].filter((platform) => isAsked(connection('source', platform)));
    expect(asked).toEqual([...sourceClients.keys()]);
    expect([...sourcesTended.keys()]).toEqual([...sourceClients.keys()]);
    expect(asked).not.toEqual([...sourceReaders.keys()]);
  });

  it('know no source among gateways, and no name of an object', async () => {
    for (const [kind, platform] of [
      ['source', 'stripe'],
      ['gateway', 'generic'],
      ['gateway', 'constructor'],
      ['source', ''],
    ] as const) {
      expect(await readers(connection(kind, platform))).toBeUndefined();
      await expect(opener.open(connection(kind, platform))).rejects.toThrow(Unavailable);
    }
  });

  it('F83 open the same gateway for as long as connection and credential are the same', async () => {
    let key = 'sk_test_1';
    const own = openGateways({ credential: async () => new Secret(key) }, { clock: { now: () => instant(0) } });
    const on = connection('gateway', 'stripe');
    const first = await own.open(on);
    expect(await own.open({ ...on })).toBe(first);
    const moved = await own.open({ ...on, settings: { account: 'acct_1' } });
    expect(moved).not.toBe(first);
    key = 'sk_test_2';
    expect(await own.open({ ...on, settings: { account: 'acct_1' } })).not.toBe(moved);
  });

  it.each([
    ...[...gatewayReaders.keys()].map((platform) => ['gateway', platform] as const),
    ...[...sourceReaders.keys()].map((platform) => ['source', platform] as const),
  ])('list every setting that the folder of the %s %s reads', async (kind, platform) => {
    const listed = (await readers(connection(kind, platform)))?.settings.map(({ name }) => name.replace('*', '')) ?? [];
    const read = settingsReadIn(resolve(import.meta.dirname, `${kind}s`, platform));
    expect(read.filter((name) => !listed.includes(name))).toEqual([]);
    expect(read.length).toBeGreaterThanOrEqual(listed.length === 0 ? 0 : 3);
  });

  it.each([
    ['gateways/stripe/index.ts', /simulator|client|^stripe$|node:http/],
    ['gateways/stripe/client.ts', /simulator|verify|read\.ts|sign\.ts/],
    ['sources/generic/index.ts', /sign\.ts|node:http|stripe/],
  ])('%s loads nothing that it does not need', (file, unwanted) => {
    const loaded = [...reached(resolve(import.meta.dirname, file))];
    expect(loaded.length).toBeGreaterThan(3);
    expect(
      loaded.filter((one) => unwanted.test(one.replace(/^.*\/adapters\/(?:gateways|sources)\/[a-z]+\//, ''))),
    ).toEqual([]);
  });
});

/** Every file and package that a file imports, itself or through another; what is only imported for its types is not. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  for (const [, typesOnly, from = ''] of readFileSync(file, 'utf8').matchAll(
    /^import (type )?[^;]*?from '([^']+)';/gm,
  )) {
    if (typesOnly !== undefined) continue;
    const target = from.startsWith('.') ? resolve(dirname(file), from) : from;
    if (seen.has(target)) continue;
    seen.add(target);
    if (from.startsWith('.')) reached(target, seen);
  }
  return seen;
}

/** `settings.name`, `const { name, other: text = '' } = settings`, and the beginning of a name that is put together. */
function settingsReadIn(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => /^[^.]+\.ts$/.test(name) && !name.startsWith('simulator'));
  const code = files.map((name) => readFileSync(resolve(folder, name), 'utf8').replace(/^\s*(?:\/?\*|\/\/).*$/gm, ''));
  return code.flatMap((text) => [
    ...[...text.matchAll(/(?<!\/)\bsettings\.(\w+)/g)].map(([, name = '']) => name),
    ...[...text.matchAll(/\bsettings\[`([\w.]+)\$/g)].map(([, name = '']) => name),
    ...[...text.matchAll(/\{([^{}]*)\} = (?:[\w.]+\.)?settings\b/g)].flatMap(([, names = '']) =>
      names.split(',').map((one) => (one.split(/[:=]/)[0] ?? '').trim()),
    ),
  ]);
}
