import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { root } from './process.ts';

type Patch = readonly [file: string, from: string, to: string];

const takesRight = `  const sent = await takeRight(needs, turn, permit, looked);
  if (sent.is === 'not-mine') return sent.result;
`;
const hears = '  tell(heardOf(outcome));\n';

/** Rules that are taken out of a copy of the engine, and the test of the spine that must notice. */
const mutants: readonly { what: string; patches: readonly Patch[]; file: string; test: string }[] = [
  {
    what: 'F89 the gateway is asked before the right to ask it is on record',
    patches: [
      ['lib/app/send-once.ts', takesRight, ''],
      ['lib/app/send-once.ts', 'latestStart: sent.latestStart', 'latestStart: (needs.clock.now() + 1000) as Instant'],
      ['lib/app/send-once.ts', '    sending: sent.sending,\n', ''],
      ['lib/app/send-once.ts', hears, hears + takesRight],
    ],
    file: 'people',
    test: 'F90 stop all sending at once',
  },
  {
    what: 'F85 everybody is let in after an outage',
    patches: [
      [
        'lib/domain/breaker.ts',
        'phase(here, 1, 1, plus(now, tempo.leaseMs)), places: 1',
        'closedBreaker(now), places: wanted',
      ],
    ],
    file: 'weather',
    test: 'F85 lets one of many functions probe',
  },
];

/** One test of the spine, in a copy of the engine. */
const spine = (copy: string, { file, test }: { readonly file: string; readonly test: string }) =>
  promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', `test/spine/${file}.test.ts`, '-t', test],
    { cwd: copy },
  ).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );

describe.concurrent('a planted mutant', () => {
  it.for(mutants)('$what: noticed', async ({ patches, ...of }, { onTestFinished }) => {
    const copy = mkdtempSync(join(tmpdir(), 'redress-mutant-'));
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    for (const part of [
      'lib',
      'test/spine',
      'sim/books.ts',
      'test/node-guard.ts',
      'vitest.config.ts',
      'package.json',
      'tsconfig.json',
    ])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    expect((await spine(copy, of)).stdout, 'the test passes where nothing is wrong').toMatch(/Tests .*[1-9]\d* passed/);
    for (const [path, from, to] of patches) {
      const text = readFileSync(join(copy, path), 'utf8');
      expect(text.split(from), `${path} has it once`).toHaveLength(2);
      writeFileSync(join(copy, path), text.replace(from, to));
    }
    const { code, stdout } = await spine(copy, of);
    expect(code).toBe(1);
    expect(stdout).toMatch(/Tests .*[1-9]\d* failed/);
  });
});
