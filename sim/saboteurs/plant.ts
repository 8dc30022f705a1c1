import { registerHooks } from 'node:module';
import type { ProfileName } from '../profiles.ts';

/** A bug that somebody could write: texts of the engine and what stands there instead. */
export interface Saboteur {
  readonly name: string;
  /** What the bug is, as its author would not say it. */
  readonly does: string;
  readonly patches: readonly (readonly [file: string, find: string, instead: string])[];
  /** The promise that catches it in the life below: take that promise out, and the test of this saboteur fails. */
  readonly breaks: string;
  /** The profile in which that shows soonest. */
  readonly profile: ProfileName;
  /** A seed of that profile in which it is caught by that promise first. */
  readonly seed: number;
  /** It must show in about one life of a hundred: who sees none of it looks at too few lives, or at none. */
  readonly canary?: true;
}

/** What is wrong with a text patch: it must be found exactly once, or nobody knows what it did. */
export function patched(source: string, [file, find, instead]: Saboteur['patches'][number]): string {
  const at = source.indexOf(find);
  if (at < 0) throw new Error(`the saboteur finds its place in ${file} no more: ${find}`);
  if (source.includes(find, at + 1)) throw new Error(`the saboteur finds two places in ${file}: ${find}`);
  return source.slice(0, at) + instead + source.slice(at + find.length);
}

/**
 * Plants a bug into every module that this thread loads from now on. Nothing on disk changes, and nothing outside `sim/` knows of it:
 * call it before the engine is imported for the first time.
 */
export function plant(saboteur: Saboteur): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const patches = saboteur.patches.filter(([file]) => url.endsWith(`/${file}`));
      if (patches.length === 0) return loaded;
      const source = patches.reduce(patched, String(loaded.source));
      return { ...loaded, source };
    },
  });
}
