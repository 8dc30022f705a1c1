import { describe, expect, it } from 'vitest';
import { type ConnectionName, parseConnection, parseMerchant } from '../domain/ids.ts';
import { instant, plus } from '../domain/time.ts';
import { openDoor } from './door.ts';
import type { Connection } from './ports/connections.ts';

const now = instant(1_000_000);
const limits = { connection: { perSecond: 1, burst: 2 }, merchant: { perSecond: 1, burst: 3 } };
const connection = (text: string, of = 'demo'): Connection => {
  const [name, merchant] = [parseConnection(text), parseMerchant(of)];
  if (name === undefined || merchant === undefined) throw new Error('not a name');
  return { name, merchant, kind: 'source', platform: 'generic', mode: 'test', settings: {} };
};
const a = connection('a');

describe('the door', () => {
  it("F27 keeps a merchant's connections apart, and merchants apart", () => {
    const door = openDoor(limits);
    const admit = (of: Connection) => door.admit(of, now).is;
    expect([admit(a), admit(a), admit(a)]).toEqual(['in', 'in', 'flooded']);
    expect([admit(connection('b')), admit(connection('b'))]).toEqual(['in', 'flooded']);
    expect(admit(connection('c', 'other'))).toBe('in');
  });

  it('F27 takes nothing from a merchant for what it refuses', () => {
    const door = openDoor(limits);
    for (let flood = 0; flood < 100; flood += 1) door.admit(a, now);
    expect(door.admit(connection('b'), now).is).toBe('in');
    expect(door.admit(a, plus(now, 1000)).is).toBe('in');
  });

  it('F27 F28 writes the first line of a kind, and then one for many', () => {
    const door = openDoor(limits);
    const count = (ms: number, name: ConnectionName = a.name) => door.count('flooded', name, plus(now, ms));
    expect([count(0), count(1), count(9999), count(10_000), count(10_001)]).toEqual([
      1,
      undefined,
      undefined,
      3,
      undefined,
    ]);
    expect(count(10_002, connection('b').name)).toBe(1);
    expect(door.count('rejected mismatch', a.name, now)).toBe(1);
  });
});
