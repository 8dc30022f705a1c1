import type { Row } from './row.ts';

export interface MeasureSettings {
  /** A smoke run: few rounds, figures that mean nothing. */
  readonly quick: boolean;
  readonly progress: (line: string) => void;
}

/** One experiment; its rows' names begin with its own and a point. */
export type Measure = (settings: MeasureSettings) => Promise<readonly Row[]>;
