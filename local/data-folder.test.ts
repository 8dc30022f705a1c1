import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { dataPath, openDataFolder, runningStack } from './data-folder.ts';
import { isAlive, processId } from './process-id.ts';
import { writeSecretFile } from './secret-file.ts';

const root = mkdtempSync(join(tmpdir(), 'redress-data-'));
let path = '';
beforeEach(() => {
  path = mkdtempSync(join(root, 'run-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function open(folder: string) {
  const opened = openDataFolder(folder);
  if (opened.is !== 'opened') throw new Error(`in use by ${opened.pid}`);
  return opened.folder;
}

const opener = `const { openDataFolder } = await import(${JSON.stringify(join(import.meta.dirname, 'data-folder.ts'))});`;

function otherProcess(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${opener}\n${script}`, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return { child, says: () => once(child.stdout, 'data').then(([chunk]) => String(chunk)) };
}

/** Opens the folder, says how it went, and stays until it is killed. */
const otherStack = () =>
  otherProcess(
    `const opened = openDataFolder(process.argv[1]);
    if (opened.is === 'opened') opened.folder.announce('http://127.0.0.1:1');
    process.stdout.write(opened.is);
    process.stdin.resume();`,
    path,
  );

/** Says that it is ready, tries to open every folder when told to go, and says which it got. */
const rivalFor = (folders: readonly string[]) =>
  otherProcess(
    `process.stdout.write('ready');
    process.stdin.once('data', () => {
      const won = process.argv.slice(1).filter((folder) => openDataFolder(folder).is === 'opened');
      process.stdout.write(JSON.stringify(won));
    });`,
    ...folders,
  );

describe('a data folder', () => {
  it('is .redress here, or wherever REDRESS_DATA says', () => {
    expect(dataPath({})).toBe(join(process.cwd(), '.redress'));
    expect(dataPath({ REDRESS_DATA: '' })).toBe(join(process.cwd(), '.redress'));
    expect(dataPath({ REDRESS_DATA: '/data/redress' })).toBe('/data/redress');
  });

  it('is made with its parents and is its owner’s alone, even where it was there before with other rights', () => {
    const deep = join(path, 'a', 'b');
    open(deep).release();
    chmodSync(deep, 0o755);
    const folder = open(deep);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
    expect(existsSync(join(folder.file('sim', 'stripe.json'), '..'))).toBe(true);
  });

  it('that can not be one is told of in words, with what to do', () => {
    const file = join(path, 'file');
    writeFileSync(file, '');
    for (const not of [file, join(file, 'below')])
      expect(() => openDataFolder(not)).toThrow(`The data folder ${not} can't be made or written to (E`);
  });

  it('tells where its stack runs, until that is released', () => {
    const folder = open(path);
    folder.announce('http://127.0.0.1:8787');
    expect(runningStack(path)).toEqual({ url: 'http://127.0.0.1:8787', pid: process.pid });
    folder.release();
    expect(runningStack(path)).toBeUndefined();
    expect(readdirSync(path)).toEqual([]);
  });
});

describe('the lock of a data folder', () => {
  it('refuses a second stack, in this process too, and names who holds it', () => {
    const folder = open(path);
    expect(openDataFolder(path)).toEqual({ is: 'in-use', pid: process.pid });
    folder.release();
    open(path).release();
  });

  it('refuses another process, and is taken over when that one was killed', async () => {
    const { child, says } = otherStack();
    expect(await says()).toBe('opened');
    expect(openDataFolder(path)).toEqual({ is: 'in-use', pid: child.pid });
    expect(runningStack(path)).toEqual({ url: 'http://127.0.0.1:1', pid: child.pid });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(runningStack(path)).toBeUndefined();
    open(path).release();
    expect(readdirSync(path)).toEqual([]);
  });

  it.each([
    ['a recycled process number', JSON.stringify({ pid: process.pid, started: 'another boot/1' })],
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: 'x/1' })],
    ['half a text', '{"pid":1'],
    ['nothing', ''],
  ])('is taken over from %s', (_what, text) => {
    writeFileSync(join(path, 'lock'), text);
    open(path).release();
  });

  it('that was left behind goes to exactly one of several that find it at once', async () => {
    const folders = Array.from({ length: 40 }, (_, at) => join(path, String(at)));
    for (const folder of folders) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, started: 'x/1' }));
    }
    const rivals = Array.from({ length: 4 }, () => rivalFor(folders));
    await Promise.all(rivals.map((rival) => rival.says()));
    for (const { child } of rivals) child.stdin.write('go');
    const won = (await Promise.all(rivals.map((rival) => rival.says()))).flatMap(
      (text) => JSON.parse(text) as string[],
    );
    expect(won.toSorted()).toEqual(folders.toSorted());
    for (const { child } of rivals) child.kill('SIGKILL');
    await Promise.all(rivals.map(({ child }) => once(child, 'exit')));
  });

  it('released late does not take away the lock of the next', () => {
    const first = open(path);
    const next = JSON.stringify({ pid: 1, started: 'the next' });
    writeFileSync(join(path, 'lock'), next);
    first.release();
    expect(readFileSync(join(path, 'lock'), 'utf8')).toBe(next);
  });
});

it('A killed process is dead even before its parent has collected it', async () => {
  // The parent becomes a `sleep`, which never collects a child.
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(String((await once(parent.stdout, 'data'))[0]));
  await expect
    .poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8'), { interval: 5, timeout: 240_000 })
    .toBe('sleep\n');
  const child = processId(pid);
  expect([isAlive(child), isAlive({ ...child, started: `${child.started}0` })]).toEqual([true, false]);
  process.kill(pid, 'SIGKILL');
  await expect
    .poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), { interval: 5, timeout: 240_000 })
    .toContain(') Z ');
  expect(isAlive(child)).toBe(false);
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});

it('A secret file is replaced whole, with rights for its owner only', () => {
  const file = join(path, 'key.json');
  writeFileSync(file, 'old', { mode: 0o644 });
  writeSecretFile(file, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(path)).toEqual(['key.json']);
});
