import { describe, expect, it } from 'vitest';
import { expectOnly, found, plant } from './planted.ts';
import { poisonLaw } from './poison-law.ts';

describe('the law of purity refuses', () => {
  it.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'setImmediate(f)',
    'queueMicrotask(f)',
    "fetch('https://example.com')",
    'process.env.STAGE',
    'console.log(1)',
    'performance.now()',
    'globalThis.Date.now()',
    'a ? process.pid : 1',
    '{ now: Date.now }',
    `\`\${Date.now()}\``,
  ])('%s in domain and app', (code) => {
    for (const path of ['lib/domain/a.ts', 'lib/app/a.ts', 'lib/app/ports/a.ts'])
      expectOnly(poisonLaw, 'poison', plant(path, `\nconst a = ${code}; // here`));
  });
});

describe('the law of purity allows', () => {
  it.each([
    'new Date(instant).toISOString()',
    'Date.UTC(2026, 1)',
    'Math.max(1, 2)',
    'needs.fetch()',
    'connection.process?.()',
    'interface A { process: string; fetch?: string }',
    "'Date.now()'",
    '// Date.now()',
    '/fetch(x)/',
  ])('%s', (code) => expect(found(poisonLaw, plant('lib/domain/a.ts', code))).toEqual([]));

  it.each(['lib/adapters/system/world.ts', 'local/a.ts', 'lib/domain/a.test.ts', 'lib/app/a.test.ts'])(
    'anything in %s',
    (path) => {
      expect(found(poisonLaw, plant(path, 'const now = Date.now();'))).toEqual([]);
    },
  );
});
