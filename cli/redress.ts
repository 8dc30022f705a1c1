#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// A command is over in the time that it takes to read its code: what was read once is kept, beside the packages and not where others write.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/redress'));
// Imported only now, so that it is read from there.
const { run } = await import('./run.ts');

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
