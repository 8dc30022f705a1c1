import { readFileSync, writeFileSync } from 'node:fs';
import type { ProfileName } from './profiles.ts';

/** A life that broke a promise once, as small as it could be made: it must never again. */
export interface Saved {
  readonly name: string;
  readonly profile: ProfileName;
  readonly seed: string;
  /** What it broke when it was found. */
  readonly broke: string;
  readonly faults: readonly string[];
  readonly deeds: readonly string[];
}

const file = new URL('./saved-seeds.json', import.meta.url);

export const savedSeeds = (): readonly Saved[] => JSON.parse(readFileSync(file, 'utf8')) as readonly Saved[];

/** Throws where there is one of that name. */
export function save(one: Saved): void {
  const all = savedSeeds();
  if (all.some(({ name }) => name === one.name)) throw new Error(`there is a saved seed ${one.name}`);
  writeFileSync(file, `${JSON.stringify([...all, one], null, 2)}\n`);
}
