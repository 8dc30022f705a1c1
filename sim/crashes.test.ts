import { describe, expect, it } from 'vitest';
import { enumerate, liveThrough } from './crashes.ts';
import { flows } from './flows.ts';

/** Of pairs some, which are others for each `SIM_SEED`. */
const sample = {
  pairs: Number(process.env.SIM_PAIRS ?? (process.env.SIM_ALL === '1' ? 100 : 5)),
  aroundQuestions: process.env.SIM_ALL === '1' ? 'all' : 'one',
  seed: process.env.SIM_SEED ?? 'crashes',
} as const;

describe('a process that dies', () => {
  it.each(flows)(
    'F66 F73 F88 once or twice on the way of a refund that is $name breaks no promise',
    async (flow) => {
      const untouched = await liveThrough(flow, []);
      expect(untouched.broken).toBeUndefined();
      expect(flow.comesTo.filter((fact) => !untouched.facts.has(fact))).toEqual([]);
      const { places, lived, pairs, broken } = await enumerate(flow, sample);
      expect(broken).toEqual([]);
      expect(places).toBeGreaterThan(100);
      expect(lived).toBeGreaterThan(places / 3);
      process.stdout.write(`${flow.name}: ${lived} deaths of ${places} and ${pairs} pairs\n`);
    },
    3_600_000,
  );

  it('does die where it is told to', async () => {
    const [flow] = flows;
    const { places } = await liveThrough(flow!, []);
    const sending = places.find((place) => place.startsWith('kill-after at execute refund'));
    const lived = await liveThrough(flow!, [sending!]);
    expect(lived.struck).toEqual([sending]);
    expect(lived.facts.has('leg.unknown') || lived.facts.has('leg.accepted')).toBe(true);
  });
});
