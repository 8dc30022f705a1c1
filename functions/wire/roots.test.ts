import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { functionEnv } from '../../bench/function-env.ts';

const execute = promisify(execFile);
const here = import.meta.dirname;

/** Files that a deployment starts: those that export a handler. */
const roots = readdirSync(here).filter(
  (file) => !file.endsWith('.test.ts') && /^export const handler/m.test(readFileSync(join(here, file), 'utf8')),
);

/** Loads all of them in one process of its own: they read the environment when they are loaded. */
async function load(env: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const program = `
    const told = {};
    for (const file of ${JSON.stringify(roots)})
      told[file] = await import(${JSON.stringify(here)} + '/' + file).then(({ handler }) => typeof handler, (error) => error.message);
    process.stdout.write(JSON.stringify(told));
    process.exit(0);`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', program], { env });
  return JSON.parse(stdout) as Record<string, string>;
}

describe('the roots of a deployment', () => {
  it('are there for every function, and start with what they are given', async () => {
    expect(roots).toHaveLength(10);
    expect(await load(functionEnv)).toEqual(Object.fromEntries(roots.map((file) => [file, 'function'])));
  });

  it('say what is missing, and nothing else', async () => {
    const told = await load({ AWS_REGION: 'eu-central-1' });
    for (const sentence of Object.values(told)) expect(sentence).toMatch(/^This function can't start\. REDRESS_/);
  });
});
