import { world } from './world.ts';

/** A world in which one payment of 100.00 was captured and is known. */
export async function ready(options: Parameters<typeof world>[0] = {}) {
  const w = world(options);
  w.pay('pi_one', 10_000, { order: '1001' });
  await w.run(5000);
  return w;
}
