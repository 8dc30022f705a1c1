import { setTimeout as wait } from 'node:timers/promises';

/** Something that works in the background until it is told to stop. */
export interface Running {
  /** Takes up nothing new, and resolves when what was under way has ended. May be called twice. */
  stop(): Promise<void>;
}

/** One line for whoever watches the terminal. Never holds a body, a header or the text of a foreign error. */
export type Report = (line: string) => void;

export const reportToStderr: Report = (line) => {
  process.stderr.write(`${line}\n`);
};

/** Starts `loop`, which has to return soon after its signal is aborted. */
export function running(loop: (stopping: AbortSignal) => Promise<void>): Running {
  const stopping = new AbortController();
  const ended = loop(stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}

/** Resolves after `ms`, or at once when stopping. */
export async function pause(ms: number, stopping: AbortSignal): Promise<void> {
  // The only rejection of this timer is the abort, and being told to stop is no failure.
  await wait(ms, undefined, { signal: stopping }).catch(() => undefined);
}

/** What of an error may be printed: its name and where it was thrown. Messages can quote what was being read. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`;
  const place = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return place === undefined ? error.name : `${error.name} ${place.trim()}`;
}
