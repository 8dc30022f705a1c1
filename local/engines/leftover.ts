import { readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Beside the data; holds the engine's process id and its owner's. */
export const pidFileOf = (dbPath: string): string => `${dbPath}.pid`;

const endWithinMs = 5_000;

/**
 * Ends the engine that a killed owner left behind on `dbPath`: two engines on one file do not refuse each other, and each would
 * overwrite what the other believes. A process id alone says nothing, since it may have been given to another process since:
 * the process must be an engine on this very file. Throws when its owner is still alive and at work.
 */
export async function endLeftover(dbPath: string): Promise<void> {
  const [pid = 0, owner = 0] = (await read(pidFileOf(dbPath))).trim().split(' ').map(Number);
  if (pid > 0 && (await isEngineOn(pid, dbPath))) {
    if ((await parentOf(pid)) === owner) {
      throw new Error(`Process ${owner} is running on ${dbPath}. Stop it first, or use another data folder.`);
    }
    await endProcess(pid, dbPath);
  }
  await rm(pidFileOf(dbPath), { force: true });
}

async function endProcess(pid: number, dbPath: string): Promise<void> {
  signal(pid, 'SIGTERM');
  const deadline = performance.now() + endWithinMs;
  while (await isEngineOn(pid, dbPath)) {
    if (performance.now() > deadline) signal(pid, 'SIGKILL');
    await wait(10);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself meanwhile, which is all we want.
  }
}

/** Also false for an engine that has ended and waits for its parent to notice: its command line is empty. */
async function isEngineOn(pid: number, dbPath: string): Promise<boolean> {
  const args = (await read(`/proc/${pid}/cmdline`)).split('\0');
  return basename(args[0] ?? '') === 'dynoxide' && args[args.indexOf('--db-path') + 1] === dbPath;
}

/** An orphan is adopted by another process, so a parent that is still the owner is alive. */
async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\s+(\d+)$/m.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0);
}

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
