import { describe, expect, it } from 'vitest';
import { readable } from './events.ts';

describe('a stored event', () => {
  it.each([
    ['leg.sending', 1, true],
    ['leg.sending', 2, false],
    ['leg.noted', 1, true],
    ['leg.surplus-failed', 1, true],
    ['refund.requested', 1, true],
    ['refund.teleported', 1, false],
    ['refund.teleported', 0, false],
    ['refund.teleported', -1, false],
    ['leg.sending', 0, false],
    ['leg.sending', Number.NaN, false],
    ['constructor', 1, false],
    ['', 1, false],
  ])('F143 %s of version %i is read: %s', (type, v, expected) => expect(readable({ type, v })).toBe(expected));
});
