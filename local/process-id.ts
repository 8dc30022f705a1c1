import { readFileSync } from 'node:fs';

/**
 * A process that can be told from a later one with the same number: by when it was started, in ticks since a boot that has its
 * own id. Elsewhere than on Linux `started` is empty and the number alone has to do.
 */
export interface ProcessId {
  readonly pid: number;
  readonly started: string;
}

export const thisProcess = (): ProcessId => processId(process.pid);

/** Names a process that runs, so that it can be recognised later: a child, to be ended by the next start after a crash. */
export const processId = (pid: number): ProcessId => ({ pid, started: startOf(pid) ?? '' });

/** Whether this very process still runs. One that was killed and not yet collected by its parent does not. */
export function isAlive({ pid, started }: ProcessId): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (process.platform === 'linux') return startOf(pid) === started;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startOf(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The command's name stands in brackets and may hold anything, brackets too. State is field 3, start time field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields?.[0], fields?.[19]];
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined;
  return `${readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${ticks}`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
