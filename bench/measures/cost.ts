import { billOf, type Units, unitsOfOne } from '../bill.ts';
import { child, messageOf } from '../child.ts';
import type { Measure } from '../measure.ts';
import type { Metered } from '../meter.ts';
import { type Priced, prices } from '../prices.ts';
import { type Row, row } from '../row.ts';

/** What a million refunds cost, ours and as they are usually written, from the same counts and the same prices. */
export const cost: Measure = async ({ quick, progress }) => {
  const count = quick ? 1 : 10;
  const counted = await messageOf<Metered>(child('units', [count]));
  const usual = await messageOf<Metered>(child('cost', [count]));
  // Webhooks of one life: the same on both sides, as our journal counted them.
  const webhooks = counted.notices / count;
  const ours = unitsOfOne({ counted, count, webhooks });
  const baseline = unitsOfOne({ counted: usual, count, webhooks });
  progress(`cost: ${billOf(ours).toFixed(2)} dollars a million against ${billOf(baseline).toFixed(2)}`);
  return rows(count, ours, baseline);
};

function rows(n: number, ours: Units, baseline: Units): Row[] {
  const total = { name: 'cost.baseline-million', value: billOf(baseline) };
  return [
    row({ name: 'cost.million', value: billOf(ours), unit: 'dollars', n, against: total, goal: '<= 0.8' }),
    row({ ...total, unit: 'dollars', n }),
    ...(Object.keys(prices) as Priced[]).flatMap((name) => {
      const { unit } = prices[name];
      const against = { name: `cost.baseline-${name}`, value: baseline[name] };
      return [row({ name: `cost.${name}`, value: ours[name], unit, n, against }), row({ ...against, unit, n })];
    }),
  ];
}
