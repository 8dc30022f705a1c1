import { spawnSync } from 'node:child_process';
import { installed } from './render/render.ts';
import { root } from './render/root.ts';

/** Checks `sst.config.ts` and `stacks/` against SST's own types, which are there only where its platform is installed. */
if (!installed()) {
  process.stdout.write(
    "skipped: SST's platform is not installed (npm run infra:install), so the stacks' types were not checked\n",
  );
} else {
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.infra.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
