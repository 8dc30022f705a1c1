import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A file of `bench/process` in a process of its own, its output thrown away, its errors on our stderr. */
export function child(name: string, args: readonly (string | number)[] = [], execArgv: string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(`./process/${name}.ts`, import.meta.url));
  return fork(path, args.map(String), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv });
}

/**
 * The first message of a process; an Error with the end of what it printed where it ends without one. `heard` is told what it
 * says meanwhile.
 */
export async function messageOf<T>(process: ChildProcess, heard?: (line: string) => void): Promise<T> {
  let said = '';
  process.stderr?.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-2000);
    heard?.(chunk.toString('utf8').trimEnd());
  });
  const ended = once(process, 'exit').then(([code]) => {
    throw new Error(`a process of the bench ended with ${code}: ${said}`);
  });
  const message = once(process, 'message').then(([content]) => content as T);
  return await Promise.race([message, ended]);
}

/** Lets a process end by itself, or ends it. */
export async function end(process: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, 'exit');
  process.kill(signal);
  await exited;
}
