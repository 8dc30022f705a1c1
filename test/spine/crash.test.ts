import { describe, expect, it } from 'vitest';
import { type Flow, singleTroubles, wrongWith } from './crashes.ts';

describe('a store and processes that fail once', () => {
  it.each<Flow>(['plain', 'lost reply', 'lost request'])(
    'F66 F71 F88 F107 end with one refund, whatever goes wrong at any one call (%s)',
    async (flow) => {
      const wrong: string[] = [];
      for (const trouble of await singleTroubles(flow)) wrong.push(...(await wrongWith(flow, new Map([trouble]))));
      expect(wrong).toEqual([]);
    },
  );
});
