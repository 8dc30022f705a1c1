import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin, PluginBuild } from 'esbuild';
import { root } from './bundle.ts';

const list = join(root, 'lib/adapters/gateways/clients.ts');

/**
 * Bundles as if every gateway were there so many times: each copy has a line in the list of clients and a folder of its own, whose files
 * are modules of their own. Only the vendor's package is one, as npm would have it.
 */
export const copies = (count: number): Plugin => ({
  name: 'copies',
  setup: (builder) => {
    builder.onLoad({ filter: /[/]gateways[/]clients\.ts$/ }, () => ({
      contents: manifold(readFileSync(list, 'utf8'), count),
      loader: 'ts',
    }));
    builder.onResolve({ filter: /\?copy=\d+$/ }, ({ path, resolveDir }) => {
      const [file = '', copy = ''] = path.split('?copy=');
      return { path: join(resolveDir, file), namespace: `copy-${copy}` };
    });
    for (let n = 0; n < count; n += 1) copy(builder, `copy-${n}`);
  },
});

/** The files of one copy's folder are its own; what they import of anything else is everybody's. */
function copy(builder: PluginBuild, namespace: string): void {
  builder.onResolve({ filter: /^\./, namespace }, ({ path, resolveDir }) => {
    const target = join(resolveDir, path);
    return { path: target, ...(dirname(dirname(target)) === dirname(list) && { namespace }) };
  });
  builder.onLoad({ filter: /\.ts$/, namespace }, ({ path }) => ({
    contents: readFileSync(path, 'utf8'),
    loader: 'ts',
    resolveDir: dirname(path),
  }));
}

/** Each line of a folder so many times over, under names of their own. Throws where there is no such line. */
export function manifold(text: string, count: number): string {
  const line = /^ {2}(\w+)(: once\(async \(\) => \(await import\('\.[^']+)('.*)$/gm;
  if (text.match(line) === null) throw new Error('clients.ts has no line of a folder that could be copied');
  return text.replace(line, (_, name: string, before: string, after: string) =>
    Array.from({ length: count }, (_none, n) => `  ${name}${n}${before}?copy=${n}${after}`).join('\n'),
  );
}
