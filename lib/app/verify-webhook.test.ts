import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../adapters/kit/hmac.ts';
import { memoryConnections } from '../adapters/memory/connections.ts';
import { memoryLog } from '../adapters/memory/log.ts';
import { seededIds, settableClock } from '../adapters/memory/world.ts';
import { reader } from '../adapters/sources/generic/index.ts';
import { sign } from '../adapters/sources/generic/sign.ts';
import { correlationId, parseConnection, parseMerchant } from '../domain/ids.ts';
import { t0 } from '../domain/refund/given.ts';
import { minute, plus, second } from '../domain/time.ts';
import { openDoor } from './door.ts';
import { type Connection, Secret } from './ports/connections.ts';
import { verifyWebhook } from './verify-webhook.ts';

const [older, newer, strange] = ['older', 'newer', 'strange'].map(
  (name) => new Secret(`whsec_${Buffer.from(name.padEnd(32, '.')).toString('base64')}`),
) as [Secret, Secret, Secret];
const connection: Connection = {
  name: parseConnection('generic-demo')!,
  merchant: parseMerchant('demo')!,
  kind: 'source',
  platform: 'generic',
  mode: 'test',
  settings: {},
};
const about = { merchant: 'demo', connection: 'generic-demo', correlation: 'c_1' };

/** A receiving function and a sender whose clock is `aheadMs` before ours. */
function receiving(burst = 100) {
  const verifySecrets = [
    { secret: newer.reveal(), version: 'v2' },
    { secret: older.reveal(), version: 'v1' },
  ];
  const rate = { perSecond: 1, burst };
  const needs = {
    clock: settableClock(t0),
    log: memoryLog(),
    connections: memoryConnections({
      indexKey: { version: '1', key: 'k' },
      connections: [{ ...connection, verifySecrets }],
    }),
    door: openDoor({ connection: rate, merchant: { perSecond: 1, burst: 1000 } }),
    hashBytes: sha256Hex,
  };
  const ids = seededIds('messages');
  const send = (aheadMs = 0, secret = newer, id = `msg_${ids.random()}`) => {
    const text = JSON.stringify({ id });
    const headers = sign(text, { secret, id, at: plus(needs.clock.now(), aheadMs) });
    return receive({ body: new TextEncoder().encode(text), headers });
  };
  const receive = (raw: { body: Uint8Array; headers: Readonly<Record<string, string>> }) =>
    verifyWebhook(needs, { connection, reader, raw, correlation: correlationId('1') });
  return { ...needs, send, receive };
}

describe('a webhook', () => {
  it('F20 is verified by any live secret, which is named', async () => {
    const { send, log } = receiving();
    expect(await send()).toEqual({ is: 'verified', secretVersion: 'v2' });
    expect(await send(0, older)).toEqual({ is: 'verified', secretVersion: 'v1' });
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['F1 by a stranger', 0, strange, 'mismatch', 'No live secret of this connection'],
    ['F6 too old', -6 * minute, newer, 'too-old', 'more than five minutes ago'],
    ['F7 from the future', 6 * minute, newer, 'from-the-future', 'more than five minutes ahead'],
  ])('%s is refused and noted, once for many', async (_, aheadMs, secret, code, detail) => {
    const { send, log, clock } = receiving();
    for (let n = 0; n < 3; n += 1) {
      expect(await send(aheadMs, secret)).toEqual({
        is: 'fault',
        fault: { code: 'bad-signature', detail: expect.stringContaining(detail) },
      });
    }
    expect(log.lines).toEqual([{ is: 'note', code: 'webhook-rejected', about: { ...about, code, count: 1 } }]);
    clock.advance(10 * second);
    await send(aheadMs, secret);
    expect(log.lines[1]).toMatchObject({ about: { code, count: 3 } });
  });

  it.each([
    [{}, 'The signature header is missing.'],
    [{ 'webhook-signature': 'v1,AAAA' }, 'The signature header is not in the form this scheme has.'],
  ])('F1 with the headers %j is told what is wrong with them', async (headers, detail) => {
    const { receive } = receiving();
    expect(await receive({ body: new Uint8Array(), headers })).toEqual({
      is: 'fault',
      fault: { code: 'bad-signature', detail },
    });
  });

  it('F1 F6 is noted for each reason by itself', async () => {
    const { send, log } = receiving();
    await send(0, strange);
    await send(-6 * minute);
    await send(0, strange);
    expect(log.lines.map((line) => 'about' in line && line.about.code)).toEqual(['mismatch', 'too-old']);
  });

  it('F27 beyond what is taken at once is told when to come again; a forger takes nothing from it', async () => {
    const { send, log, clock } = receiving(2);
    for (let n = 0; n < 5; n += 1) await send(0, strange);
    const answers = [await send(), await send(), await send(), await send()];
    expect(answers.map((one) => one.is)).toEqual(['verified', 'verified', 'fault', 'fault']);
    expect(answers[2]).toEqual({
      is: 'fault',
      fault: {
        code: 'flooded',
        retryAfterMs: 1000,
        detail: expect.stringContaining('send it again after Retry-After'),
      },
    });
    const floods = log.lines.filter((line) => line.is === 'note' && line.code === 'webhook-flooded');
    expect(floods).toEqual([{ is: 'note', code: 'webhook-flooded', about: { ...about, count: 1 } }]);
    clock.advance(second);
    expect(await send()).toMatchObject({ is: 'verified' });
  });
});

describe('a sender whose clock is wrong', () => {
  it.each([-8, 8])(
    'F26 by %i minutes is heard once five messages agree, and somebody is told once',
    async (minutes) => {
      const { send, log, clock } = receiving();
      const answers: string[] = [];
      for (let n = 0; n < 7; n += 1) {
        clock.advance(second);
        answers.push((await send(minutes * minute)).is);
      }
      expect(answers).toEqual(['fault', 'fault', 'fault', 'fault', 'verified', 'verified', 'verified']);
      const alarms = log.lines.filter((line) => line.is === 'alarm');
      expect(alarms).toEqual([{ is: 'alarm', code: 'clock-skewed', about: { ...about, code: `${minutes * 60}s` } }]);
      clock.advance(minute);
      await send(minutes * minute);
      expect(log.alarms()).toEqual(['clock-skewed']);
      expect(await send(2 * minutes * minute)).toMatchObject({ is: 'fault' });
      // What is in time by our clock stays so, whatever that clock is said to be.
      expect(await send(0)).toMatchObject({ is: 'verified' });
    },
  );

  it('F26 is heard though a forger shouts between its messages', async () => {
    const { send } = receiving();
    for (let n = 0; n < 4; n += 1) await send(-8 * minute);
    for (let n = 0; n < 20; n += 1) await send(-8 * minute, strange);
    expect(await send(-8 * minute)).toMatchObject({ is: 'verified' });
  });

  it('F26 is not believed for one message that comes again and again', async () => {
    const { send, log } = receiving();
    for (let n = 0; n < 9; n += 1) expect(await send(-8 * minute, newer, 'msg_same')).toMatchObject({ is: 'fault' });
    expect(log.alarms()).toEqual([]);
  });

  it('F26 is alarmed within the tolerance too, and opens nothing for a forger', async () => {
    const { send, log } = receiving();
    for (let n = 0; n < 5; n += 1) expect(await send(-2 * minute)).toMatchObject({ is: 'verified' });
    expect(log.alarms()).toEqual(['clock-skewed']);
    for (let n = 0; n < 9; n += 1) expect(await send(-8 * minute, strange)).toMatchObject({ is: 'fault' });
    expect(await send(-8 * minute)).toMatchObject({ is: 'fault' });
  });
});
