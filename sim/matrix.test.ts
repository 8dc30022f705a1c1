import { expect, it } from 'vitest';
import { cellsOf, matrixLines } from './matrix.ts';

it('counts what struck each kind of call, whatever it was about, and names what never did', () => {
  const sites = new Map([
    ['execute write refund rf_0123456 leg.sending', ['busy', 'freeze']],
    ['execute write refund rf_abcdefa leg.unknown', ['busy', 'freeze']],
    ['webhook', ['webhook-lost']],
  ]);
  const struck = [
    'busy at execute write refund rf_0123456 leg.sending (3)',
    'busy at execute write refund rf_abcdefa leg.unknown (1)',
  ];
  const cells = cellsOf({ sites, struck });
  expect(Object.fromEntries(cells)).toEqual({
    'execute write refund | busy': 2,
    'execute write refund | freeze': 0,
    'webhook | webhook-lost': 0,
  });
  expect(matrixLines(cells)).toEqual([
    'execute write refund  busy 2',
    'webhook               ',
    '3 cells, 2 at zero:',
    '  execute write refund | freeze',
    '  webhook | webhook-lost',
  ]);
});
