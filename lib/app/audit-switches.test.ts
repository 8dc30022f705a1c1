import { describe, expect, it } from 'vitest';
import { type Entry, type Sealed, sealEntry } from '../domain/chain.ts';
import { parseConnection } from '../domain/ids.ts';
import { audit } from './audit.ts';
import type { Switched } from './control.ts';
import type { Item } from './ports/table.ts';

const connection = parseConnection('stripe-demo')!;
const hash = (text: string) => text;
const stream = 'demo#control';
const events: readonly Switched[] = [
  { type: 'control.sending-stopped', v: 1, reason: 'a' },
  { type: 'control.account-stopped', v: 1, connection, reason: 'b' },
  { type: 'control.sending-resumed', v: 1, reason: 'c' },
];

const begun = (restored: number) =>
  ({ type: 'control.restore-begun', v: 1, restored, since: 0, reason: 'd' }) as Switched;
const ended = (restored: number) => ({ type: 'control.restore-ended', v: 1, restored, reason: 'e' }) as Switched;

const reportOn = (marks: Item, facts = events) => {
  const sealed: Sealed[] = [];
  for (const event of facts) {
    const previous = sealed.at(-1)?.digest ?? '';
    const number = sealed.length + 1;
    const entry = { v: 1, stream, number, at: 0, actor: 'a', cause: 'c', correlation: 'c_1', writer: 'w_1' };
    sealed.push(sealEntry({ ...entry, previous, events: [event] } as unknown as Entry<Switched>, hash));
  }
  const head = { pk: stream, version: BigInt(sealed.length), digest: sealed.at(-1)?.digest ?? '', ...marks };
  return audit({ streams: new Map([[stream, sealed]]), state: new Map<string, Item>([[stream, head]]) }, hash);
};

describe('the audit of the switches', () => {
  it('F90 F137 finds nothing where the marks follow from the facts', () => {
    expect(reportOn({ 'stopped.stripe-demo': true })).toMatchObject({ breaks: [], switches: [] });
    expect(reportOn({}, [])).toMatchObject({ switches: [] });
  });

  it.each<readonly [string, Item, readonly object[]]>([
    ['a stop that was taken away', {}, [{ mark: 'stopped.stripe-demo', stored: 'unset' }]],
    [
      'a stop that nobody recorded',
      { stopped: true, 'stopped.stripe-demo': true },
      [{ mark: 'stopped', stored: 'set' }],
    ],
    [
      "another account's",
      { 'stopped.other': true },
      [
        { mark: 'stopped.other', stored: 'set' },
        { mark: 'stopped.stripe-demo', stored: 'unset' },
      ],
    ],
  ])('F90 F137 finds %s', (_what, marks, wrong) => {
    expect(reportOn(marks)).toMatchObject({ breaks: [], switches: wrong });
  });

  it.each<readonly [string, Item, readonly Switched[], readonly object[]]>([
    ['finds the mark of a restore under way', { restoring: 1n }, [begun(1)], []],
    ['finds it missing', {}, [begun(1)], [{ mark: 'restoring', stored: 'unset' }]],
    ['knows the end of it', { restored: 1n }, [begun(1), ended(1)], []],
    [
      'finds one that nobody began',
      { restored: 1n, restoring: 2n },
      [begun(1), ended(1)],
      [{ mark: 'restoring', stored: 'set' }],
    ],
    ['takes the highest of two', { restoring: 2n }, [begun(2), begun(1)], []],
    ['takes it for under way after the end of an older one', { restored: 1n, restoring: 2n }, [begun(2), ended(1)], []],
  ])('F116 F137 %s', (_what, marks, facts, wrong) => {
    expect(reportOn(marks, facts)).toMatchObject({ breaks: [], switches: wrong });
  });
});
