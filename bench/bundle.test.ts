import { beforeAll, describe, expect, it } from 'vitest';
import { budgets } from './budgets.ts';
import { type Bundle, bundle, functionEntry, functionNames } from './bundle.ts';
import { copies, manifold } from './copies.ts';
import { takenBy, thirdPartyOf } from './third-party.ts';

/** Those that weigh more than their budget, with what they weigh, so that they grow no further: docs/performance.md says why. */
const missed: Readonly<Record<string, number>> = { assess: 1017, operator: 809 };

/** Bytes are the same on every machine: what a function weighs is a test, not a figure. */
describe('the bundles of a deployment', () => {
  const built = new Map<string, Bundle>();
  beforeAll(async () => {
    for (const name of functionNames) built.set(name, await bundle(functionEntry(name)));
  });
  const of = (name: string): Bundle => {
    const found = built.get(name);
    if (found === undefined) throw new Error(`there is no function ${name}`);
    return found;
  };

  it('have a budget each', () => {
    expect(Object.keys(budgets).sort()).toEqual([...functionNames].sort());
  });

  it.each(Object.entries(budgets))('%s weighs no more than it may', (name, budget) => {
    expect(of(name).all / 1000).toBeLessThanOrEqual(missed[name] ?? budget);
  });

  it.each(Object.keys(budgets))('%s finds at start everything it needs', (name) => {
    expect(of(name).missingAtStart).toEqual([]);
  });

  it.each([
    ['stripe', ['assess', 'execute', 'operator', 'reconcile']],
    ['@aws-crypto/decrypt-node', ['assess', 'execute', 'reconcile']],
    ['@aws-crypto/encrypt-node', []],
    ['@aws-crypto/branch-keystore-node', []],
    [
      '@aws-sdk/client-kms',
      ['assess', 'execute', 'operator', 'receive-gateway', 'receive-return', 'reconcile', 'tend'],
    ],
    [
      '@aws-sdk/client-secrets-manager',
      ['assess', 'execute', 'notify', 'operator', 'receive-gateway', 'receive-return', 'reconcile', 'tend'],
    ],
    ['@aws-sdk/client-sqs', ['execute', 'operator', 'relay', 'sweep']],
    ['@aws-sdk/nested-clients', []],
    ['hono', ['operator']],
    ['jose', ['operator']],
  ])('%s is in the bundles of those that use it', (name, users) => {
    expect(functionNames.filter((one) => of(one).packages.has(name)).sort()).toEqual(users);
  });

  it('load a gateway’s code at its first message: seven are no more at start than one', async () => {
    const seven = await bundle(functionEntry('execute'), { plugins: [copies(7)] });
    const one = of('execute');
    expect(seven.all - one.all).toBeGreaterThan(50_000);
    expect(seven.start - one.start).toBeLessThan(2000);
    expect(one.ownAtStart.filter((path) => /gateways[/].*[/]/.test(path))).toEqual([]);
  });

  it.each(['relay', 'receive-return'])('%s is compared with its packages alone, and with all of them', async (name) => {
    const own = of(name);
    const theirs = await bundle(thirdPartyOf(own));
    expect(theirs.ownAtStart).toEqual(['entry.ts']);
    // Of what a function loads at start, a tenth to a quarter is ours.
    expect(theirs.start / own.start).toBeLessThan(0.95);
    expect(theirs.start / own.start).toBeGreaterThan(0.7);
    expect([...own.packages].filter((one) => !theirs.packages.has(one))).toEqual([]);
  });
});

it('what a file takes from packages are its values', () => {
  const text = [
    "import { type A, B, C as D } from 'one';",
    "import E from 'two';",
    "import type { F } from 'three';",
    "import * as z from 'four';",
    "import { join } from 'node:path';",
    "import { G } from './five.ts';",
    'const a = (issue: z.core.Issue): z.Type => z.object({ a: z.string(), b: z.iso.date() });',
  ].join('\n');
  const taken = Object.fromEntries([...takenBy(text)].map(([from, names]) => [from, [...names]]));
  expect(taken).toEqual({ one: ['B', 'C'], two: ['default'], four: ['object', 'string', 'iso'] });
});

it('copies every line of a folder, and says when there is none', () => {
  const text = "  a: once(async () => (await import('./a/client.ts')).open),";
  expect(manifold(text, 2).split('\n')).toEqual([
    "  a0: once(async () => (await import('./a/client.ts?copy=0')).open),",
    "  a1: once(async () => (await import('./a/client.ts?copy=1')).open),",
  ]);
  expect(() => manifold('const folders = {};', 2)).toThrow('no line');
});
