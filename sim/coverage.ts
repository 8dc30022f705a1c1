import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { anyThatRan, countedLines, executedLines, linesOf, type Report, share } from './executed-lines.ts';
import { neverExecuted, wholeFile } from './never-executed.ts';

/**
 * Which lines of the engine the simulation executes: lives of each profile, counted by Node itself. Exit code 1 where it is less than
 * is stated, or where something that is said to be out of its reach is not.
 */

const help = `npm run sim:coverage -- [--seeds N] [--seed FROM] [--lines]

  --seeds N     how many lives, over all profiles in turn (864)
  --seed FROM   the first seed (0)
  --lines       name each line that nothing executed
  --help        this text
`;

const least = 95;
const root = fileURLToPath(new URL('..', import.meta.url));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function asked() {
  try {
    const options = {
      seeds: { type: 'string', default: '864' },
      seed: { type: 'string', default: '0' },
      lines: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ options });
    if (values.help) {
      print(help);
      return process.exit(0);
    }
    return values;
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

const reports = readdirSync(into).map((name) => JSON.parse(readFileSync(join(into, name), 'utf8')) as Report);
rmSync(into, { recursive: true });

interface Covered {
  /** All lines, those that are counted, and those among them that nothing executed. */
  readonly all: readonly number[];
  readonly counted: readonly number[];
  readonly missing: readonly number[];
  /** Parts that are not counted, and what is wrong with saying so. */
  readonly aside: readonly string[];
  readonly wrong: readonly string[];
}

/** One file: its lines, without those of functions that are said to be out of reach. */
function covered(file: string): Covered {
  const url = new URL(`../${file}`, import.meta.url).href;
  const text = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'));
  const ran = new Set(reports.flatMap((report) => executedLines(report, url, text)));
  const all = countedLines(text);
  const out = new Set<number>();
  const [aside, wrong]: [string[], string[]] = [[], []];
  for (const [name, why] of Object.entries(neverExecuted[file] ?? {})) {
    aside.push(`${name}: ${why}`);
    if (name === wholeFile) {
      const one = reports.map((report) => anyThatRan(report, url)).find((ran) => ran !== undefined);
      if (one !== undefined) wrong.push(`${one} in ${file} is executed: the file is out of reach no more`);
      return { all, counted: [], missing: [], aside, wrong };
    }
    const found = reports.flatMap((report) => linesOf(report, url, text, name) ?? []);
    if (found.length === 0) wrong.push(`${file} has no function ${name}, or is never loaded`);
    if (found.some((one) => one.ran)) wrong.push(`${name} in ${file} is executed: it is out of reach no more`);
    for (const { lines } of found) for (const line of lines) out.add(line);
  }
  const counted = all.filter((line) => !out.has(line));
  return { all, counted, missing: counted.filter((line) => !ran.has(line)), aside, wrong };
}

const files = globSync('lib/app/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));
let [all, done, besides] = [0, 0, 0];
const wrong: string[] = [];
for (const file of files.toSorted()) {
  const one = covered(file);
  wrong.push(...one.wrong);
  if (one.counted.length === 0 && one.aside.length === 0) continue;
  const ran = one.counted.length - one.missing.length;
  besides += one.all.length - one.counted.length;
  [all, done] = [all + one.counted.length, done + ran];
  print(`${share(ran, one.counted.length).toFixed(1).padStart(5)} %  ${file}`);
  for (const part of one.aside) print(`         without ${part}`);
  if (of.lines && one.missing.length > 0) print(`         not executed: ${one.missing.join(' ')}`);
}
const figure = share(done, all);
print(
  `${share(done, all + besides)
    .toFixed(1)
    .padStart(5)} %  of all ${all + besides} lines`,
);
print(`${figure.toFixed(1).padStart(5)} %  of the ${all} lines in reach; at least ${least} % are to be executed`);
for (const one of wrong) print(one);
process.exit(ended !== 0 || figure < least || wrong.length > 0 ? 1 : 0);
