import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { File } from './violation.ts';

const root = join(import.meta.dirname, '..', '..');

/** Every text file that is or could be committed. Reads `.gitignore` itself: a copy without git is held to the same laws. */
export function tree(): readonly File[] {
  const ignored = ignoredNames(readFileSync(join(root, '.gitignore'), 'utf8'));
  return readdirSync(root)
    .flatMap((name) => within(join(root, name), name, ignored))
    .flatMap((path) => {
      const text = readFileSync(path, 'utf8');
      return text.includes('\0') ? [] : [{ path: relative(root, path).split(sep).join('/'), text }];
    });
}

function within(path: string, name: string, ignored: (name: string) => boolean): string[] {
  if (name === '.git' || ignored(name)) return [];
  try {
    return readdirSync(path).flatMap((inner) => within(join(path, inner), inner, ignored));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}

/** The two kinds of line our `.gitignore` has: `name/` anywhere, and `*.ending`. */
export function ignoredNames(text: string): (name: string) => boolean {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const odd = lines.find((line) => !/^(?:[\w.-]+\/?|\*\.\w+)$/.test(line));
  if (odd !== undefined)
    throw new Error(
      `.gitignore has "${odd}", which test/law/tree.ts does not understand: teach it, or write it as name/ or *.ending`,
    );
  const names = new Set(lines.map((line) => line.replace(/\/$/, '')));
  const endings = lines.filter((line) => line.startsWith('*')).map((line) => line.slice(1));
  return (name) => names.has(name) || endings.some((ending) => name.endsWith(ending));
}
