import { describe, expect, it } from 'vitest';
import { computedImports, importLaw } from './import-law.ts';
import { expectOnly, found, plant } from './planted.ts';

const manifest = plant(
  'package.json',
  JSON.stringify({
    dependencies: { stripe: '1', zod: '1', hono: '1', jose: '1', '@aws-sdk/client-kms': '1', '@middy/core': '1' },
    devDependencies: { vitest: '1', fauxqs: '1', '@types/aws-lambda': '1', 'fast-check': '1' },
  }),
);

describe('the import law refuses', () => {
  it.each([
    ['import-direction', 'lib/domain/a.ts', '../app/journal.ts'],
    ['import-direction', 'lib/domain/refund/a.ts', '../../adapters/kit/json.ts'],
    ['import-direction', 'lib/domain/a.test.ts', '../app/journal.ts'],
    ['import-node', 'lib/domain/a.ts', 'node:crypto'],
    ['import-package', 'lib/domain/a.ts', 'zod'],
    ['import-direction', 'lib/app/ports/a.ts', '../journal.ts'],
    ['import-direction', 'lib/app/a.ts', '../adapters/memory/table.ts'],
    ['import-node', 'lib/app/a.ts', 'node:timers/promises'],
    ['import-package', 'lib/app/a.ts', 'zod'],
    ['import-direction', 'lib/adapters/aws/a.ts', '../../app/journal.ts'],
    ['import-direction', 'lib/adapters/aws/a.ts', '../memory/table.ts'],
    ['import-direction', 'lib/adapters/aws/a.ts', '../../../local/aws.ts'],
    ['import-package', 'lib/adapters/aws/a.ts', 'stripe'],
    ['import-direction', 'lib/adapters/gateways/stripe/a.ts', '../adyen/money.ts'],
    ['import-direction', 'lib/adapters/gateways/stripe/a.ts', '../clients.ts'],
    ['import-package', 'lib/adapters/gateways/stripe/a.ts', '@aws-sdk/client-kms'],
    ['import-package', 'lib/adapters/gateways/adyen/a.ts', 'stripe'],
    ['import-direction', 'lib/adapters/sources/shopify/a.ts', '../generic/read.ts'],
    ['import-direction', 'lib/adapters/kit/a.ts', '../memory/table.ts'],
    ['import-package', 'lib/adapters/memory/a.ts', 'zod'],
    ['import-direction', 'lib/adapters/gateways/readers.ts', './stripe/index.ts'],
    ['import-direction', 'functions/a.ts', '../lib/adapters/aws/table.ts'],
    ['import-direction', 'functions/a.ts', '../local/stack.ts'],
    ['import-node', 'functions/a.ts', 'node:fs'],
    ['import-package', 'functions/a.ts', 'stripe'],
    ['import-types', 'functions/a.ts', 'aws-lambda'],
    ['import-direction', 'functions/wire/a.ts', '../../local/stack.ts'],
    ['import-direction', 'local/a.ts', '../cli/redress.ts'],
    ['import-direction', 'sim/a.ts', '../local/stack.ts'],
    ['import-direction', 'stacks/a.ts', '../lib/domain/ids.ts'],
    ['import-undeclared', 'lib/adapters/aws/a.ts', '@aws-sdk/client-s3'],
    ['import-undeclared', 'local/a.ts', 'left-pad'],
    ['import-undeclared', 'lib/adapters/contracts/a.ts', 'left-pad'],
    ['import-test', 'local/a.ts', '../lib/adapters/kit/json.test.ts'],
    ['import-test', 'lib/domain/a.ts', './refund/given.ts'],
    ['import-test', 'cli/a.ts', '../test/spine/world.ts'],
    ['import-test', 'lib/adapters/memory/a.ts', '../contracts/table.ts'],
    ['import-simulator', 'lib/adapters/gateways/stripe/index.ts', './simulator.ts'],
    ['import-simulator', 'lib/adapters/gateways/stripe/client.ts', './simulator-state.ts'],
    ['import-simulator', 'lib/adapters/gateways/stripe/client.ts', '../../kit/simulator.ts'],
    ['import-simulator', 'functions/wire/a.ts', '../../lib/adapters/gateways/stripe/simulator.ts'],
    ['import-simulator', 'cli/a.ts', '../lib/adapters/gateways/stripe/simulator.ts'],
    ['import-zone', 'attic/a.ts', '../lib/domain/ids.ts'],
  ])('%s: %s with %s', (rule, path, from) => {
    const line = rule === 'import-zone' ? 1 : 2;
    expect(found(importLaw, plant(path, `\nimport { a } from '${from}';\n`), manifest)).toEqual([
      `${rule} ${path}:${line}`,
    ]);
  });

  it.each([
    ["export { a } from 'node:fs'; // here", 'import-node'],
    ["export type { A } from 'node:fs'; // here", 'import-node'],
    ["import type { A } from 'node:fs'; // here", 'import-node'],
    ["const a = 1;\nawait import('node:fs'); // here", 'import-node'],
    ["import.meta.resolve('zod'); // here", 'import-package'],
    ['await import(somewhere); // here', 'import-computed'],
    ["const broken = ' // here", 'import-scan'],
  ])('in every way there is to import: %s', (text, rule) => {
    expectOnly(importLaw, rule, plant('lib/domain/a.ts', text), manifest);
  });
});

describe('the import law allows', () => {
  it.each([
    ['lib/domain/refund/a.ts', '../ids.ts'],
    ['lib/domain/a.test.ts', 'fast-check'],
    ['lib/domain/refund/decide.test.ts', './given.ts'],
    ['lib/domain/return-given.ts', 'fast-check'],
    ['lib/app/a.ts', './ports/table.ts'],
    ['lib/adapters/aws/a.ts', '../../app/ports/table.ts'],
    ['lib/adapters/aws/a.ts', '@aws-sdk/client-kms'],
    ['lib/adapters/gateways/stripe/a.ts', 'stripe'],
    ['lib/adapters/gateways/stripe/a.ts', './money.ts'],
    ['lib/adapters/gateways/stripe/a.ts', 'node:crypto'],
    ['lib/adapters/gateways/stripe/simulator-state.ts', '../../kit/simulator.ts'],
    ['lib/adapters/gateways/stripe/stripe.test.ts', './simulator.ts'],
    ['lib/adapters/sources/generic/a.ts', 'zod/mini'],
    ['lib/adapters/readers.ts', './gateways/readers.ts'],
    ['lib/adapters/contracts/a.ts', 'vitest'],
    ['functions/operator/a.ts', '../../lib/app/show.ts'],
    ['functions/a.ts', '@middy/core'],
    ['functions/wire/a.ts', '../../lib/adapters/aws/table.ts'],
    ['functions/wire/a.ts', 'node:process'],
    ['local/a.ts', '../lib/adapters/gateways/stripe/simulator.ts'],
    ['local/a.ts', 'fauxqs'],
    ['test/spine/a.ts', '../../lib/adapters/gateways/stripe/simulator.ts'],
    ['vitest.config.ts', 'vitest/config'],
  ])('%s %s', (path, from) => {
    expect(found(importLaw, plant(path, `import { a } from '${from}';`), manifest)).toEqual([]);
  });

  it('types of a package that is only types', () => {
    expect(found(importLaw, plant('functions/a.ts', "import type { Context } from 'aws-lambda';"), manifest)).toEqual(
      [],
    );
  });

  it('a list of readers to load a folder when it is needed', () => {
    const text = "const folder = () => import('./stripe/index.ts');";
    expect(found(importLaw, plant('lib/adapters/gateways/readers.ts', text), manifest)).toEqual([]);
  });

  it('a computed import that is known, with its reason', () => {
    for (const [path, reason] of Object.entries(computedImports)) {
      expect(reason.length).toBeGreaterThan(20);
      expect(found(importLaw, plant(path, 'await import(somewhere);'), manifest)).toEqual([]);
    }
  });
});
