import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { root } from './process.ts';

const run = promisify(execFile);

interface Demo {
  readonly code: number;
  readonly summary: readonly { readonly story: string; readonly agree: boolean; readonly problem?: string }[];
}

async function demo(folder: string, ...stories: string[]): Promise<Demo> {
  const args = ['local/demo.ts', '--json', ...stories.flatMap((story) => ['--story', story])];
  const done = await run(process.execPath, args, { cwd: folder, maxBuffer: 16 * 1024 * 1024 }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  const last = done.stdout.trim().split('\n').at(-1) ?? '';
  return { code: done.code, ...(JSON.parse(last) as Pick<Demo, 'summary'>) };
}

/** One guard taken out, as a change of text that must still apply: file, what stands there, what stands there instead. */
type Patch = readonly [file: string, from: string, to: string];

const guards: readonly { readonly guard: string; readonly story: string; readonly patches: readonly Patch[] }[] = [
  {
    guard: 'the signature of a webhook',
    story: 'forged',
    patches: [['lib/app/verify-webhook.ts', 'if (!verification.verified) {', 'if (verification === undefined) {']],
  },
  {
    guard: 'the over-refund guard, in the policy and in the store',
    story: 'two-partials',
    patches: [
      ['lib/domain/policy.ts', 'rest < balance.availableMinor ? rest : balance.availableMinor', 'rest'],
      ['lib/app/balances.ts', "is: 'at-least', value: reserveMinor", "is: 'not-equal', value: -1n"],
      ['lib/app/balances.ts', "{ attribute: 'available', is: 'at-least', value: 0n }", "{ is: 'present' }"],
      ['lib/domain/payment.ts', "if (balance.availableMinor < 0n) return 'overdrawn';", ''],
    ],
  },
  {
    guard: 'asking before sending again, and one key per leg',
    story: 'lost-answer',
    patches: [
      [
        'lib/domain/refund/step.ts',
        "if (state.absentAt.length === 0) return { do: 'find' };",
        "if (state.absentAt.length === 0) return { do: 'send' };",
      ],
      [
        'lib/app/send-once.ts',
        'return used ?? keyOf({ refund, leg, epoch }, installation',
        'return keyOf({ refund, leg, epoch: epoch + keys.length }, installation',
      ],
    ],
  },
  {
    guard: 'the limit above which a person decides',
    story: 'over-limit',
    patches: [['lib/domain/policy.ts', "if (overLimit(inputs)) reasons.push('over-limit');", '']],
  },
];

/** Side by side: each has a stack of its own, and waits most of the time. */
describe.concurrent('npm run demo', () => {
  it('tells every story, and exits 0 because Stripe and the journal agree', async () => {
    const { code, summary } = await demo(root);
    expect(summary.map(({ story, agree }) => `${story} ${agree}`)).toEqual([
      'plain true',
      'five-times true',
      'two-partials true',
      'lost-answer true',
      'forged true',
      'over-limit true',
      'shopify true',
      'late-failure true',
      'dispute true',
      'outage true',
    ]);
    expect(code).toBe(0);
  });

  it.for(guards)('exits 1 without $guard', async ({ story, patches }, { onTestFinished }) => {
    const copy = mkdtempSync(join(tmpdir(), 'redress-without-'));
    onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
    for (const part of ['lib', 'functions', 'local', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, from, to] of patches) {
      const text = readFileSync(join(copy, file), 'utf8');
      expect(text.split(from), `${file} has the guard once`).toHaveLength(2);
      writeFileSync(join(copy, file), text.replace(from, to));
    }
    const { code, summary } = await demo(copy, story);
    expect(code).toBe(1);
    expect(summary).toMatchObject([{ story, agree: false }]);
  });
});
