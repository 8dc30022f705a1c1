import { describe, expect, it } from 'vitest';
import type { Bench } from './gateway-bench.ts';

/** Answers that no gateway means. Run through `gatewayContract`. */
export function believesNothingUnreadable(bench: Bench): void {
  describe('believes no answer it can not read', () => {
    it.each([
      ['an HTML page', '<!doctype html><title>Welcome</title>'],
      ['nothing', ''],
      ['half an object', '{"id": "re_1", "object": "ref'],
      ['a word', '"succeeded"'],
      ['a number', '1'],
      ['null', 'null'],
      ['a list', '[]'],
      ['another object', '{"object":"charge","id":"ch_1"}'],
      ['an empty object', '{}'],
      ['a repeated key', '{"status":"succeeded","status":"failed"}'],
    ])('F80 200 with %s is unknown, and tells a search nothing', async (_name, body) => {
      const mishap = { is: 'answer', status: 200, body } as const;
      bench.server.mishaps.push(mishap, mishap, mishap);
      expect(await bench.gateway.refund(bench.order())).toEqual({ is: 'unknown', why: 'unreadable', spoiled: false });
      expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'cannot-tell' });
      expect(await bench.look()).toMatchObject({ is: 'cannot-tell' });
      expect(bench.server.requests).toBe(3);
    });

    it.each([400, 401, 403, 404, 418])('F80 %i from something that is not the gateway is unknown', async (status) => {
      bench.server.mishaps.push({ is: 'answer', status, body: '<h1>proxy</h1>' }, { is: 'answer', status, body: '' });
      expect(await bench.gateway.refund(bench.order())).toEqual({ is: 'unknown', why: 'unreadable', spoiled: false });
      expect(await bench.look()).toMatchObject({ is: 'cannot-tell' });
    });

    it('F80 an answer that breaks off half-way is unknown, though the refund was made', async () => {
      bench.server.mishaps.push({ is: 'cut-off' });
      expect(await bench.gateway.refund(bench.order())).toEqual({ is: 'unknown', why: 'unreadable', spoiled: false });
      expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'found' });
    });

    it.each([301, 302, 307, 308])('F81 a redirect (%i) is not followed', async (status) => {
      bench.server.mishaps.push({ is: 'answer', status, headers: { location: '/elsewhere' }, body: '' });
      expect(await bench.gateway.refund(bench.order())).toEqual({ is: 'unknown', why: 'redirected', spoiled: false });
      expect(bench.server.requests).toBe(1);
    });
  });
}
