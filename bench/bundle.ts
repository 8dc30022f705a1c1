import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { bundling } from '../stacks/bundle.ts';

export const root = resolve(import.meta.dirname, '..');

/** What SST's command line itself sets where it bundles a function for Node 24 (`pkg/runtime/node/build.go` of SST 4.17). */
export const ofSst = {
  bundle: true,
  platform: 'node',
  target: 'es2024',
  keepNames: true,
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  banner: {
    js: [
      `import { createRequire as topLevelCreateRequire } from 'module';`,
      `const require = topLevelCreateRequire(import.meta.url);`,
      `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
      `const __filename = topLevelFileUrlToPath(import.meta.url)`,
      `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
    ].join('\n'),
  },
} as const satisfies BuildOptions;

const { format, minify, splitting, esbuild } = bundling;
/** Without source maps, which nothing reads before an error is written down. */
const asDeployed = {
  ...ofSst,
  mainFields: [...ofSst.mainFields],
  format,
  minify,
  splitting,
  external: ['sharp', 'pg-native', ...esbuild.external],
};

/** Functions by name: those whose root says `export const handler`. */
export const functionNames: readonly string[] = readdirSync(join(root, 'functions/wire'))
  .filter((file) => !file.endsWith('.test.ts'))
  .filter((file) => /^export const handler/m.test(readFileSync(join(root, 'functions/wire', file), 'utf8')))
  .map((file) => file.replace(/\.ts$/, ''));

/** A file, by its path from the root; or a text, which may import what the project may. */
export type Entry = { readonly file: string } | { readonly text: string };
export const functionEntry = (name: string): Entry => ({ file: `functions/wire/${name}.ts` });

/** Bytes are of JavaScript, minified, as it lies in the function's package. */
export interface Bundle {
  /** All files: what is deployed, whether or not it is ever loaded. */
  readonly all: number;
  /** What the entry loads before it can be called; the rest waits for the first message that needs it. */
  readonly start: number;
  readonly packages: ReadonlySet<string>;
  /** Our own files that are loaded at start, by their path from the root. */
  readonly ownAtStart: readonly string[];
  /** Packages that are looked for outside the bundle at start: such a function would not start. */
  readonly missingAtStart: readonly string[];
}

/** Bundles as a deployment does, into a folder where there is one: there the entry is `entry.mjs`. */
export async function bundle(entry: Entry, of: { folder?: string; plugins?: Plugin[] } = {}): Promise<Bundle> {
  const { metafile } = await build({
    ...asDeployed,
    ...('file' in entry
      ? { entryPoints: { entry: entry.file } }
      : {
          stdin: { contents: entry.text, resolveDir: root, sourcefile: 'entry.ts', loader: 'ts' },
          entryNames: 'entry',
        }),
    absWorkingDir: root,
    outdir: of.folder ?? join(root, 'nowhere'),
    write: of.folder !== undefined,
    metafile: true,
    logLevel: 'silent',
    plugins: of.plugins ?? [],
  });
  return sizesOf(metafile);
}

function sizesOf({ outputs }: Metafile): Bundle {
  const [entry] = Object.entries(outputs).filter(([path]) => path.endsWith('entry.mjs'));
  if (entry === undefined) throw new Error('the bundle has no entry');
  const atStart = reached(outputs, entry[0]);
  const all = Object.keys(outputs);
  const bytes = (paths: readonly string[]) => paths.reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
  const inputs = (paths: readonly string[]) =>
    paths.flatMap((path) =>
      Object.entries(outputs[path]?.inputs ?? {})
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([input]) => input),
    );
  return {
    all: bytes(all),
    start: bytes(atStart),
    packages: new Set(inputs(all).flatMap((path) => packageOf(path) ?? [])),
    ownAtStart: inputs(atStart).filter((path) => packageOf(path) === undefined),
    missingAtStart: atStart.flatMap((path) => outsideOf(outputs[path])),
  };
}

/** The files that a file loads by static imports, itself or through another, and itself. */
function reached(outputs: Metafile['outputs'], from: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(from)) return [...seen];
  seen.add(from);
  for (const { kind, path, external } of outputs[from]?.imports ?? [])
    if (kind === 'import-statement' && external !== true) reached(outputs, path, seen);
  return [...seen];
}

const outsideOf = (output: Metafile['outputs'][string] | undefined): readonly string[] =>
  (output?.imports ?? [])
    .filter(({ kind, external }) => external === true && kind !== 'dynamic-import')
    .map(({ path }) => path)
    .filter((path) => !isBuiltin(path));

/** The innermost package of a path: of what a package brings for itself alone, that one. */
const packageOf = (path: string): string | undefined => path.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1];
