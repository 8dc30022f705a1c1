import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Locked, lock } from './folder-lock.ts';
import { isAlive, type ProcessId, thisProcess } from './process-id.ts';
import { writeSecretFile } from './secret-file.ts';

/** The folder of one embedded run, held by this process. */
export interface DataFolder {
  readonly path: string;
  /** The path of a file in it; folders on the way are made. */
  file(...names: readonly string[]): string;
  /** Tells the CLI where this stack is. */
  announce(url: string): void;
  /** Takes the announcement back and lets the next stack in. */
  release(): void;
}

export type Opened =
  | { readonly is: 'opened'; readonly folder: DataFolder }
  /** Two stacks on one folder would run two engines on one file. */
  | { readonly is: 'in-use'; readonly pid: number };

/** A running stack, as its announcement tells. */
export interface Stack {
  readonly url: string;
  readonly pid: number;
}

/** `REDRESS_DATA`, or `.redress` beside where the command was given. */
export const dataPath = (env: Readonly<Record<string, string | undefined>>): string =>
  resolve(env.REDRESS_DATA || '.redress');

/** Makes the folder, readable by its owner only, and locks it. A lock left by a killed process is taken over. */
export function openDataFolder(path: string): Opened {
  const locked = lockIn(path);
  if (locked.is === 'held') return { is: 'in-use', pid: locked.by.pid };
  const stackFile = join(path, stackFileName);
  rmSync(stackFile, { force: true });
  return {
    is: 'opened',
    folder: {
      path,
      file: (...names) => {
        const file = join(path, ...names);
        mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
        return file;
      },
      announce: (url) => writeSecretFile(stackFile, JSON.stringify({ url, ...thisProcess() })),
      release: () => {
        rmSync(stackFile, { force: true });
        locked.release();
      },
    },
  };
}

/** Throws a sentence for whoever starts a stack: the system's own names a call, and not what the path is for. */
function lockIn(path: string): Locked {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // It may have been there before, with other rights.
    chmodSync(path, 0o700);
    return lock(join(path, 'lock'), thisProcess());
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(
      `The data folder ${path} can't be made or written to (${code}). Make room or mend its rights, or set REDRESS_DATA to another folder.`,
      { cause },
    );
  }
}

/** The stack that runs on a folder, or undefined: a killed one leaves its announcement behind. */
export function runningStack(path: string): Stack | undefined {
  try {
    const stack = JSON.parse(readFileSync(join(path, stackFileName), 'utf8')) as Stack & ProcessId;
    return isAlive(stack) ? { url: stack.url, pid: stack.pid } : undefined;
  } catch {
    return undefined;
  }
}

const stackFileName = 'stack.json';
