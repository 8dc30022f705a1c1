import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countedLines, executedLines, type Report, share } from './executed-lines.ts';
import { neverExecuted } from './never-executed.ts';

/**
 * Which lines of the engine the simulation executes: lives of each profile, counted by Node itself. Exit code 1 where it is less than
 * is stated, or where a file that is said to be out of its reach is not.
 */

const help = `npm run sim:coverage -- [--seeds N] [--seed FROM] [--lines]

  --seeds N     how many lives, over all profiles in turn (180)
  --seed FROM   the first seed (0)
  --lines       name each line that nothing executed
`;

const least = 95;
const root = fileURLToPath(new URL('..', import.meta.url));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function asked() {
  try {
    const options = {
      seeds: { type: 'string', default: '180' },
      seed: { type: 'string', default: '0' },
      lines: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return process.exit(2);
  }
}

/** Lives in a process of their own, so that nothing but them is counted. Code from a cache is not counted exactly. */
function live(into: string, { seeds, seed }: { seeds: string; seed: string }): Promise<number | null> {
  const env = { ...process.env, NODE_V8_COVERAGE: into, NODE_DISABLE_COMPILE_CACHE: '1' };
  const args = [join(root, 'sim/run.ts'), '--seeds', seeds, '--seed', seed];
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', resolve));
}

const of = asked();
const into = mkdtempSync(join(tmpdir(), 'redress-coverage-'));
const ended = await live(into, of);

const files = globSync('lib/app/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
const executed = new Map(files.map((file) => [file, new Set<number>()]));
const texts = new Map(files.map((file) => [file, stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'))]));
for (const name of readdirSync(into)) {
  const report = JSON.parse(readFileSync(join(into, name), 'utf8')) as Report;
  for (const file of files)
    for (const line of executedLines(report, new URL(`../${file}`, import.meta.url).href, texts.get(file) ?? ''))
      executed.get(file)?.add(line);
}
rmSync(into, { recursive: true });

let [all, done] = [0, 0];
const wrong: string[] = [];
for (const file of files.toSorted()) {
  const counted = countedLines(texts.get(file) ?? '');
  if (counted.length === 0) continue;
  const missing = counted.filter((line) => !executed.get(file)?.has(line));
  const why = neverExecuted[file];
  const figure = share(counted.length - missing.length, counted.length);
  print(`${figure.toFixed(1).padStart(5)} %  ${file}${why === undefined ? '' : `  (not counted: ${why})`}`);
  if (of.lines && why === undefined && missing.length > 0) print(`         ${missing.join(' ')}`);
  if (why === undefined) [all, done] = [all + counted.length, done + counted.length - missing.length];
  else if (missing.length < counted.length / 2) wrong.push(`${file} is executed: it is out of reach no more`);
}
const figure = share(done, all);
print(`${figure.toFixed(1).padStart(5)} %  of ${all} lines; at least ${least} % are to be executed`);
for (const one of wrong) print(one);
process.exit(ended !== 0 || figure < least || wrong.length > 0 ? 1 : 0);
