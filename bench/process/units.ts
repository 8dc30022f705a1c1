import { startInnerStack } from '../inner-stack.ts';
import type { Metered } from '../meter.ts';
import { withFolder } from '../temporary.ts';

/** One refund after the other, each alone on the stack. Argument: how many are counted. Tells what all of them consumed. */
const [count = 0] = process.argv.slice(2).map(Number);
await withFolder(async (path) => {
  const inner = await startInnerStack(path);
  await inner.refund(['warm'], 1);
  inner.meter.reset();
  for (let index = 0; index < count; index += 1) await inner.refund([`unit${index}`], 1);
  process.send?.(inner.meter.read() satisfies Metered);
  await inner.stack.stop();
});
process.disconnect?.();
