import { describe, expect, it } from 'vitest';
import { Secret } from '../../app/ports/connections.ts';
import { plus } from '../../domain/time.ts';
import type { Bench } from './gateway-bench.ts';

/** What one request for a refund may come to. Run through `gatewayContract`. */
export function asksForRefunds(bench: Bench): void {
  describe('asks for a refund', () => {
    itGetsAnAnswerOrNone(bench);
    itIsRefused(bench);
    itSendsOnce(bench);
  });
}

function itGetsAnAnswerOrNone(bench: Bench): void {
  const { currency } = bench;

  it('and gets it, with the amount and the key it asked for', async () => {
    const outcome = await bench.gateway.refund(bench.order());
    const evidence = { amountMinor: 1250n, currency, key: 'rk_contract_1' };
    expect(outcome).toMatchObject({ is: 'accepted', evidence });
    const made = { payment: bench.folder.payment.id, amountMinor: 1250, currency, reference: 'rf_contract0001' };
    expect(bench.simulator.refunds()).toMatchObject([{ ...made, key: 'rk_contract_1' }]);
  });

  it('F57 and after a lost reply knows nothing until it finds exactly one', async () => {
    bench.fault({ lostReplies: 1 });
    expect(await bench.gateway.refund(bench.order())).toMatchObject({ is: 'unknown', spoiled: false });
    const found = await bench.find('rk_contract_1');
    expect(found).toMatchObject({ is: 'found', matches: [{ amountMinor: 1250n, currency, key: 'rk_contract_1' }] });
  });

  it('F58 and after a loss without effect finds none, and sends the same again', async () => {
    bench.fault({ down: true });
    expect(await bench.gateway.refund(bench.order())).toMatchObject({ is: 'unknown', spoiled: false });
    bench.fault({});
    expect(await bench.find('rk_contract_1')).toEqual({ is: 'absent' });
    expect(await bench.gateway.refund(bench.order())).toMatchObject({ is: 'accepted' });
    expect(bench.simulator.refunds()).toHaveLength(1);
  });

  it('and gives up at its limit, not knowing', async () => {
    bench.server.mishaps.push({ is: 'silence' });
    const outcome = await bench.gateway.refund(bench.order({ limitMs: 60 }));
    expect(outcome).toEqual({ is: 'unknown', why: 'timeout', spoiled: false });
  });

  it('F60 and after a stored server error learns that the key is spoiled', async () => {
    bench.fault({ errorRate: 1 });
    const failed = { is: 'unknown', why: 'server-error' };
    expect(await bench.gateway.refund(bench.order())).toEqual({ ...failed, spoiled: false });
    bench.fault({});
    const spoiled = bench.gateway.capabilities.keyRemembers === 'all';
    expect(await bench.gateway.refund(bench.order())).toMatchObject(spoiled ? { ...failed, spoiled } : {});
    const made = bench.simulator.refunds().length;
    expect(await bench.find('rk_contract_1')).toMatchObject({ is: made === 1 ? 'found' : 'absent' });
  });
}

function itIsRefused(bench: Bench): void {
  bench.unless('over-refund', 'and takes "more than is left" as what its own success would look like', async () => {
    const whole = BigInt(bench.folder.payment.amountMinor);
    const couldBeOurs = { is: 'refused', again: 'final', couldBeOurs: true };
    await bench.gateway.refund(bench.order({ amountMinor: whole - 1n }));
    for (const amountMinor of [2n, whole]) {
      const outcome = await bench.gateway.refund(bench.order({ amountMinor, key: `rk_other_${amountMinor}` }));
      expect(outcome).toMatchObject(couldBeOurs);
    }
    await bench.gateway.refund(bench.order({ amountMinor: 1n, key: 'rk_rest' }));
    const outcome = await bench.gateway.refund(bench.order({ amountMinor: 1n, key: 'rk_too_late' }));
    expect(outcome).toMatchObject(couldBeOurs);
  });

  it('F61 and when there were too many requests nothing was done', async () => {
    bench.fault({ rateLimit: 1 });
    const outcome = await bench.gateway.refund(bench.order());
    expect(outcome).toMatchObject({ is: 'refused', again: 'not-now', limited: true, couldBeOurs: false });
    expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'cannot-tell', weather: 'rate' });
    bench.fault({});
    expect(await bench.gateway.refund(bench.order())).toMatchObject({ is: 'accepted' });
  });

  it('F82 and nothing was done, nor will be for any refund of the account, when the credential is refused', async () => {
    const credential = new Secret(`${bench.folder.credential}x`);
    const wrong = bench.folder.open(bench.connection, credential, { clock: bench.server });
    const outcome = await wrong.refund(bench.order());
    expect(outcome).toMatchObject({ is: 'refused', again: 'account', couldBeOurs: false });
    const reference = bench.folder.payment.id;
    const account = { is: 'cannot-tell', weather: 'account' };
    expect(await wrong.find({ reference, keys: [], theirs: [], limitMs: 2000 })).toMatchObject(account);
    expect(await wrong.look({ reference, limitMs: 2000 })).toMatchObject(account);
  });

  it('never with an amount it can not express', async () => {
    for (const amountMinor of [0n, -1n, 10n ** 30n]) {
      const outcome = await bench.gateway.refund(bench.order({ amountMinor }));
      expect(outcome).toMatchObject({ is: 'refused', again: 'final', couldBeOurs: false });
      expect(bench.gateway.capabilities.accepts(amountMinor, bench.currency)).toBe(false);
    }
    expect(bench.server.requests).toBe(0);
  });
}

function itSendsOnce(bench: Bench): void {
  it('not after its time to start has passed: no request leaves', async () => {
    const outcome = await bench.gateway.refund(bench.order({ latestStart: plus(bench.server.now(), -1) }));
    expect(outcome).toEqual({ is: 'refused', code: 'not-started', again: 'not-now', couldBeOurs: false });
    expect(bench.server.requests).toBe(0);
  });

  it('with one request per call, even when the socket is reset', async () => {
    bench.server.mishaps.push({ is: 'reset' });
    const outcome = await bench.gateway.refund(bench.order());
    expect(outcome).toEqual({ is: 'unknown', why: 'connection', spoiled: false });
    expect(bench.server.requests).toBe(1);
  });

  it.each([409, 429, 500, 503])('F86 with one request per call, even when a %i says "try again"', async (status) => {
    const headers = { 'retry-after': '0' };
    bench.server.mishaps.push({ is: 'answer', status, headers, body: '{}' });
    await bench.gateway.refund(bench.order());
    expect(bench.server.requests).toBe(1);
  });

  it.each([429, 500, 503])(
    'F86 and asks what it has with one request, even when a %i says "try again"',
    async (status) => {
      const headers = { 'retry-after': '0' };
      bench.server.mishaps.push({ is: 'answer', status, headers, body: '{}' });
      expect(await bench.find('rk_contract_1')).toMatchObject({ is: 'cannot-tell', weather: 'silence' });
      expect(bench.server.requests).toBe(1);
    },
  );
}
