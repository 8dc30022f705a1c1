import type { Play } from './play.ts';

/** One story: what happens, and what must have come of it. `expected` is in minor units of EUR, over all its payments. */
export interface Story {
  readonly name: string;
  readonly title: string;
  /** Says in a sentence what the reader should see. */
  readonly point: string;
  readonly expected: { readonly refunds: number; readonly amountMinor: number };
  run(play: Play): Promise<void>;
}

/** Fails the story where something was answered or decided that must not be. */
export function must(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}
