import type { Clock, Ids } from '../../app/ports/world.ts';
import { instant } from '../../domain/time.ts';
import { randomBytes } from '../kit/random.ts';

/** The machine's clock. */
export const systemClock: Clock = { now: () => instant(Date.now()) };

/** 128 bits from the operating system, as hex. */
export const randomIds: Ids = { random: () => randomBytes(16).toString('hex') };
