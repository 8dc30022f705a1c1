import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { endLeftover, pidFileOf } from './leftover.ts';

export interface Dynoxide {
  readonly endpoint: string;
  /** Undefined where somebody else's endpoint is used. */
  readonly pid: number | undefined;
  /** Resolves when the engine has ended. May be called twice. */
  stop(): Promise<void>;
}

export interface DynoxideOptions {
  /** Where the data lives; in memory without it. */
  readonly dbPath?: string;
  /** A free one without it. */
  readonly port?: number;
  /** Done to the file while no engine has it. */
  readonly beforeStart?: (dbPath: string) => void;
}

/** An engine starts in some 15 ms; a machine that needs this long has other troubles. */
const readyWithinMs = 10_000;
const stopWithinMs = 5_000;

/**
 * Starts the DynamoDB engine on 127.0.0.1 and waits until it answers. `REDRESS_DYNAMODB_ENDPOINT` names another endpoint to be
 * used instead. An engine that a killed process left behind on the same file is ended first.
 */
export async function startDynoxide(options: DynoxideOptions = {}): Promise<Dynoxide> {
  const elsewhere = process.env.REDRESS_DYNAMODB_ENDPOINT;
  if (elsewhere !== undefined && elsewhere !== '') {
    return { endpoint: elsewhere, pid: undefined, stop: async () => undefined };
  }
  const dbPath = options.dbPath === undefined ? undefined : resolve(options.dbPath);
  if (dbPath !== undefined) {
    await mkdir(dirname(dbPath), { recursive: true });
    await endLeftover(dbPath);
    options.beforeStart?.(dbPath);
  }
  // Between finding a free port and using it, somebody else may take it.
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const engine = launch(port, dbPath);
    // At once: if we are killed while it starts, the next start finds it by this.
    if (dbPath !== undefined) await writeFile(pidFileOf(dbPath), `${engine.pid} ${process.pid}\n`, { mode: 0o600 });
    if (await answers(engine, port)) return started(engine, port, dbPath);
    await end(engine);
    if (options.port !== undefined || attempt === 3)
      throw new Error(`the DynamoDB engine did not start on port ${port}`);
  }
}

function launch(port: number, dbPath: string | undefined): ChildProcess {
  const args = ['--host', '127.0.0.1', '--port', String(port), ...(dbPath === undefined ? [] : ['--db-path', dbPath])];
  // In a process group of its own: Ctrl-C reaches us alone, and we end the engine when our last write has been made.
  const engine = spawn(binary(), args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  engine.on('error', () => undefined);
  return engine;
}

function binary(): string {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch (cause) {
    throw new Error(
      `There is no DynamoDB engine for ${process.platform} ${process.arch} in node_modules. Set REDRESS_DYNAMODB_ENDPOINT to a DynamoDB endpoint of your own, such as http://127.0.0.1:8000.`,
      { cause },
    );
  }
}

/**
 * Whether this engine answers in time. Its own word that it listens comes first, since another process may have taken the port
 * and would answer in its place.
 */
async function answers(engine: ChildProcess, port: number): Promise<boolean> {
  const deadline = AbortSignal.timeout(readyWithinMs);
  const first = [
    once(engine, 'exit', { signal: deadline }),
    ...(engine.stderr ? [once(engine.stderr, 'data', { signal: deadline })] : []),
  ];
  const [said] = await Promise.race(first).catch(() => []);
  // On the same output it says what is wrong, before it ends.
  if (!String(said).includes('listening')) return false;
  while (!deadline.aborted && !hasEnded(engine)) {
    const answered = await fetch(`http://127.0.0.1:${port}/`, { signal: deadline }).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (answered) return !hasEnded(engine);
    await wait(5);
  }
  return false;
}

function started(engine: ChildProcess, port: number, dbPath: string | undefined): Dynoxide {
  // The last resort for an exit that nobody announced: every write is flushed, so nothing is lost by it.
  const endAtExit = () => void engine.kill('SIGKILL');
  process.once('exit', endAtExit);
  letGo(engine);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    pid: engine.pid,
    async stop() {
      await end(engine);
      process.off('exit', endAtExit);
      if (dbPath !== undefined) await rm(pidFileOf(dbPath), { force: true });
    },
  };
}

/** The engine alone does not keep this process alive. Its output stays open, or it would fail at its last word. */
function letGo(engine: ChildProcess): void {
  engine.unref();
  engine.stderr?.resume();
  if (engine.stderr instanceof Socket) engine.stderr.unref();
}

async function end(engine: ChildProcess): Promise<void> {
  if (hasEnded(engine)) return;
  engine.ref();
  const ended = once(engine, 'exit');
  engine.kill('SIGTERM');
  const force = setTimeout(() => engine.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(force);
}

const hasEnded = (engine: ChildProcess): boolean =>
  engine.pid === undefined || engine.exitCode !== null || engine.signalCode !== null;
