import { createHash, randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessId } from './process-id.ts';

export type Locked =
  | { readonly is: 'locked'; readonly release: () => void }
  | { readonly is: 'held'; readonly by: ProcessId };

/**
 * A lock file that says whose it is. It comes into being with its text, never empty (a hard link of a finished file), and what a
 * killed process left behind is taken over. Two that find the same left-over lock do not both get it: replacing a lock needs
 * the lock named after its text, and whoever has that looks again before replacing.
 */
export function lock(path: string, me: ProcessId): Locked {
  const text = JSON.stringify(me);
  for (;;) {
    if (createWith(path, text)) return held(path, text);
    const found = readIfThere(path);
    if (found === undefined) continue;
    const holder = parse(found);
    if (holder !== undefined && isAlive(holder)) return { is: 'held', by: holder };
    const claim = lock(`${path}.${digest(found)}`, me);
    if (claim.is === 'held') return claim;
    try {
      if (readIfThere(path) !== found) continue;
      replace(path, text);
      return held(path, text);
    } finally {
      claim.release();
    }
  }
}

function held(path: string, text: string): Locked {
  return {
    is: 'locked',
    release: () => {
      if (readIfThere(path) === text) rmSync(path, { force: true });
    },
  };
}

function createWith(path: string, text: string): boolean {
  const beside = writeBeside(path, text);
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

function replace(path: string, text: string): void {
  renameSync(writeBeside(path, text), path);
}

function writeBeside(path: string, text: string): string {
  const beside = `${path}.${randomUUID()}.new`;
  writeFileSync(beside, text, { mode: 0o600, flag: 'wx', flush: true });
  return beside;
}

/** Undefined for what nobody can have written whole: such a lock has no holder. */
function parse(text: string): ProcessId | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessId> | null;
    return typeof value?.pid === 'number' && typeof value.started === 'string'
      ? { pid: value.pid, started: value.started }
      : undefined;
  } catch {
    return undefined;
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
