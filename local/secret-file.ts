import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file that only its owner may read. After a crash there is the old text or the new one, never a part: it is written
 * beside, flushed, and renamed.
 */
export function writeSecretFile(path: string, text: string): void {
  const beside = `${path}.${process.pid}.new`;
  // One left behind by a crash may have been made with other rights.
  rmSync(beside, { force: true });
  const file = openSync(beside, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  flushFolder(dirname(path));
}

/** Makes the new name itself outlive a power failure. */
function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
