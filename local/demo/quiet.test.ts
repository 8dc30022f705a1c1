import { describe, expect, it } from 'vitest';
import type { Entry } from '../../lib/domain/chain.ts';
import type { Event } from '../../lib/domain/events.ts';
import { listener } from './quiet.ts';

const entry = (stream: string, ...events: object[]) => ({ stream, events }) as unknown as Entry<Event>;
const notice = entry('n', { type: 'notice.recorded', kind: 'return' });

/** A listener in virtual time; `at` is what happens at which instant. */
function listening(at: Readonly<Record<number, () => void>> = {}) {
  let ms = 0;
  const world = {
    now: () => ms,
    wait: async (forMs: number) => {
      ms += forMs;
      at[ms]?.();
    },
  };
  return { ...listener(world), ms: () => ms };
}

describe('a listener to the journal', () => {
  it('waits until a notice that is under way was dealt with, and a moment longer', async () => {
    const one = listening({ 1000: () => one.hear(entry('n', { type: 'notice.settled' })) });
    one.hear(notice);
    await one.quiet();
    expect(one.ms()).toBe(1600);
  });

  it('takes a notice as dealt with that became a refund, and waits for the answer to a request', async () => {
    const one = listening({
      200: () => one.hear(entry('r', { type: 'refund.requested', notice: 'n' }, { type: 'leg.sending' })),
      900: () => one.hear(entry('r', { type: 'leg.accepted' })),
    });
    one.hear(notice);
    await one.quiet();
    expect(one.ms()).toBe(1500);
  });

  it('gives up after a while on what does not end', async () => {
    const one = listening();
    one.hear(notice);
    await one.quiet();
    expect(one.ms()).toBe(6000);
  });

  it('knows an entry of a story that was told before', () => {
    const one = listening();
    one.begin('plain');
    expect(one.hear(notice)).toBeUndefined();
    one.begin('five-times');
    expect(one.hear(entry('n', { type: 'notice.settled' }))).toBe('plain');
    expect(one.hear(entry('m', { type: 'notice.recorded', kind: 'return' }))).toBeUndefined();
  });
});
