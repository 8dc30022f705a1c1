import type { Instant } from '../../domain/time.ts';

/** The only source of time for domain and app. */
export interface Clock {
  now(): Instant;
}

/** The only source of chance. */
export interface Ids {
  /** At least 120 random bits as letters and digits, at most 32 characters. */
  random(): string;
}

/** Waits. In the simulation it is virtual; nothing in domain or app waits in another way. */
export type Pause = (ms: number) => Promise<void>;
