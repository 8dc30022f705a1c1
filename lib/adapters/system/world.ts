import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, Ids, Pause } from '../../app/ports/world.ts';
import { instant } from '../../domain/time.ts';
import { randomBytes } from '../kit/random.ts';

/** Waits on the machine's clock. */
export const systemPause: Pause = async (ms) => {
  await wait(ms);
};

/** The machine's clock. */
export const systemClock: Clock = { now: () => instant(Date.now()) };

/** 128 bits from the operating system, as hex. */
export const randomIds: Ids = { random: () => randomBytes(16).toString('hex') };
