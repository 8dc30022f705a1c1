import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for as long as `work` takes; also gone when whoever started this process, or its user, ends it before. */
export async function withFolder<T>(work: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), 'redress-bench-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  const giveUp = () => {
    remove();
    // Engines end with the process that started them.
    process.exit(1);
  };
  process.once('disconnect', giveUp);
  process.once('SIGINT', giveUp);
  process.once('SIGTERM', giveUp);
  try {
    return await work(path);
  } finally {
    process.off('disconnect', giveUp);
    process.off('SIGINT', giveUp);
    process.off('SIGTERM', giveUp);
    remove();
  }
}
