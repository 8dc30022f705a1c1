import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

import { programOf } from './program.ts';
import type { Rendered } from './rendered.ts';
import { root } from './root.ts';
import { startRpc } from './rpc.ts';

/**
 * Renders `sst.config.ts` offline: SST's own platform code runs the program under Pulumi's mocks, and every resource that it asks for is
 * written down. A proof of what the program asks for, not of a deployment: no rule of AWS is checked, no condition evaluated.
 */
export const platform = join(root, '.sst/platform');

/** `sst install` puts the platform there; without it nothing can be rendered. */
export const installed = (): boolean => existsSync(join(platform, 'src/auto/run.ts')) && existsSync(lockFile);

const lockFile = join(root, '.sst/provider-lock.json');

export interface RenderOptions {
  readonly stage: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Changes of files before they are bundled, for tests that break the stack: path from the root → text to text. */
  readonly patches?: Readonly<Record<string, (text: string) => string>>;
}

/** What the program was given and asked for. Throws with the child's own words where it failed. */
export async function render({ stage, env = {}, patches = {} }: RenderOptions): Promise<Rendered> {
  const id = `${stage}.${process.pid}.${Math.random().toString(36).slice(2, 8)}`;
  const work = join(root, '.sst/render', id);
  const program = join(platform, `render.${id}.mjs`);
  mkdirSync(work, { recursive: true });
  const rpc = await startRpc(work);
  try {
    await bundle({ stage, work, program, patches });
    const out = join(work, 'rendered.json');
    const child = spawn(process.execPath, [program], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: work, SST_SERVER: rpc.url, RENDER_OUT: out, ...settingsForTests, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString('utf8')}`.slice(-8000);
      });
    await once(child, 'close');
    if (!existsSync(out)) throw new Error(`the program could not be rendered: ${said}`);
    const rendered = JSON.parse(readFileSync(out, 'utf8')) as Rendered;
    const problems = [...rendered.problems, ...rpc.problems];
    return { ...rendered, problems };
  } finally {
    await rpc.stop();
    rmSync(program, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

/** What an installation decides, as somebody might. */
const settingsForTests = {
  REDRESS_CONNECTIONS: 'stripe-eu=stripe,shopify-eu=shopify',
  REDRESS_TOKEN_ISSUER: 'https://issuer.example',
  REDRESS_TOKEN_AUDIENCE: 'redress',
  REDRESS_TOKEN_KEYS: '{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}',
  REDRESS_ALARM_MAIL: 'oncall@example.com',
};

interface Bundling {
  readonly stage: string;
  readonly work: string;
  readonly program: string;
  readonly patches: NonNullable<RenderOptions['patches']>;
}

const externals = [
  '@pulumi/*',
  '@pulumiverse/*',
  '@sst-provider/*',
  '@aws-sdk/*',
  'undici',
  'esbuild',
  'archiver',
  'glob',
  'vite',
];

async function bundle({ stage, work, program, patches }: Bundling): Promise<void> {
  const entry = join(work, 'entry.mjs');
  writeFileSync(entry, programOf({ root, platform }));
  const cli = {
    command: 'deploy',
    dev: false,
    paths: { home: work, root, work, platform },
    state: { version: {} },
    env: {},
  };
  const app = {
    name: 'redress',
    stage,
    removal: stage === 'production' ? 'retain' : 'remove',
    protect: stage === 'production',
    providers: {},
  };
  await build({
    entryPoints: [entry],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    nodePaths: [join(platform, 'node_modules')],
    inject: [join(platform, 'src/shim/run.js')],
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: 'false' },
    external: externals,
    banner: {
      js: [
        'import { createRequire as __require } from "node:module";',
        'const require = __require(import.meta.url);',
        'const __filename = import.meta.filename; const __dirname = import.meta.dirname;',
      ].join('\n'),
    },
    plugins: [globals(patches)],
    logLevel: 'error',
  });
}

/** What SST's compiler puts in front of a program's files: its components, and each provider under its alias. */
function globals(patches: Bundling['patches']): Plugin {
  const providers = JSON.parse(readFileSync(lockFile, 'utf8')) as { alias: string; package: string }[];
  const lines = [
    ...providers.map((one) => `import * as ${one.alias} from ${JSON.stringify(one.package)};`),
    `import * as sst from ${JSON.stringify(join(platform, 'src/components'))};`,
  ].join(' ');
  return {
    name: 'globals',
    setup(setup) {
      setup.onLoad({ filter: /\/(?:stacks\/[^/]+|sst\.config)\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const patch = patches[path.slice(root.length + 1)];
        if (path.startsWith(join(root, '.sst'))) return undefined;
        return { contents: `${lines}\n${patch === undefined ? text : patch(text)}`, loader: 'ts' };
      });
    },
  };
}
