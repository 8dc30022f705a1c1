import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { said } from './said.ts';
import { ask, reach } from './stack.ts';

afterEach(() => void vi.unstubAllEnvs());

/** All that a command writes where the stack is at `url`, and its exit code. */
async function saidOf(url: string, token: string, ...args: string[]) {
  vi.stubEnv('REDRESS_URL', url);
  vi.stubEnv('REDRESS_TOKEN', token);
  const { code, out, err } = await said(...args);
  return { code, text: out + err };
}

async function answering(status: number, body: string, ...args: string[]) {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    if (url === '/v1/gateways') response.writeHead(503).end('{"title":"Unavailable","detail":"Try again."}');
    else response.writeHead(status).end(body);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  try {
    const told = await saidOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token', ...args);
    return { ...told, asked };
  } finally {
    server.close();
  }
}

describe('a stack somewhere else', () => {
  it.each(['secret\nsecret', 'secret\u0001', 'Bearer secret', 'secret…'])(
    'F134 is not sent %j, which is not printed',
    async (token) => {
      const { code, text } = await saidOf('https://redress.example', token, 'list');
      expect(code).toBe(1);
      expect(text).toContain('REDRESS_TOKEN is no token');
      expect(text).not.toContain('secret');
    },
  );

  it.each([
    'https://me:hidden@redress.example',
    'https://redress.example/?key=hidden',
    'https://redress.example/#hidden',
    'https://redress.example/hidden',
    'http://hidden.example',
  ])('F134 is not asked at %s, which is not printed', async (url) => {
    const { code, text } = await saidOf(url, 'token', 'list');
    expect(code).toBe(1);
    expect(text).toContain('REDRESS_URL must be');
    expect(text).not.toContain('hidden');
  });

  it.each(['https://redress.example', 'https://redress.example/', 'http://127.0.0.1:1'])('may be at %s', (url) => {
    expect(reach({ REDRESS_URL: url, REDRESS_TOKEN: 'a.b-c_d' }).url).toBe(url.replace(/\/$/, ''));
  });

  it('F142 moves no cursor by what it says is wrong', async () => {
    const detail = 'No.\u001b]0;title\u0007\u009b2J\nrf_1  refunded \u202e';
    const { code, text } = await answering(404, JSON.stringify({ title: 'Not found', detail }), 'list');
    expect([code, text]).toEqual([1, 'Not found. No.?]0;title??2J?rf_1  refunded ?\n']);
  });

  it.each([
    'rf_0123456789abcdef0123',
    'demo#refund#rf_0123456789abcdef0123',
    'rf_0123456789abcdef0123-1-1-5e16b383',
    'rf_0123456789abcdef0123-told-5e16b383',
  ])('is asked to show the refund that %s names, and to decide about none but by its id', async (named) => {
    for (const [command, path] of [
      ['show', ''],
      ['evidence', '/evidence'],
    ] as const)
      expect((await answering(404, '{}', command, named)).asked).toEqual([
        `/v1/refunds/rf_0123456789abcdef0123${path}`,
      ]);
    for (const command of ['approve', 'deny'])
      expect((await answering(404, '{}', command, named)).asked).toEqual([`/v1/refunds/${encodeURIComponent(named)}`]);
  });

  it('is asked which webhook a refund came of, and of which shop', async () => {
    const refund = { id: 'rf_0123456789abcdef0123', status: 'denied', amountMinor: 500, currency: 'EUR', reasons: [] };
    const asked = { type: 'refund.requested', at: 0, actor: 'assess', correlation: 'c_1' };
    const events = [
      { ...asked, cause: 'demo#notice#my-shop#msg_1' },
      { ...asked, cause: 'operator' },
    ];
    const { code, text } = await answering(200, JSON.stringify({ ...refund, events }), 'show', refund.id);
    expect(code).toBe(0);
    expect(text).toContain('  came of demo#notice#my-shop#msg_1\n');
    expect(text).not.toContain('operator');
  });

  it('is shown a refund also where nobody says what is stopped', async () => {
    const refund = { id: 'rf_0123456789abcdef0123', status: 'held', amountMinor: 500, currency: 'EUR', reasons: [] };
    const { code, text } = await answering(200, JSON.stringify({ ...refund, events: [] }), 'show', refund.id);
    expect([code, text]).toEqual([0, expect.stringContaining('rf_0123456789abcdef0123  held')]);
    expect(text).toContain('whether something is stopped could not be asked: Unavailable. Try again.');
  });

  it('is asked what an id names, not in an address, since it may be a payment’s name; and says where there is nothing', async () => {
    const refund = {
      ...{
        id: 'rf_0123456789abcdef0123',
        status: 'denied',
        return: 'RMA-1',
        order: '1001',
        amountMinor: 500,
        currency: 'EUR',
      },
      ...{ reasons: ['by-person'], dueAt: null, createdAt: 0, by: 'payment' },
    };
    const amounts = { capturedMinor: 1000, availableMinor: 250, refundedMinor: 500, chargedBackMinor: 250 };
    const payment = {
      payment: 'pay_1',
      connection: 'stripe-eu',
      currency: 'EUR',
      ...amounts,
      disputes: 1,
      inFlight: 'rf_1/1',
    };
    const notice = {
      notice: 'demo#notice#my-shop#msg_1',
      receivedAt: 0,
      status: 'done',
      outcome: 'quarantined',
      code: 'wrong-kind',
    };
    const found = { refunds: [refund], payments: [payment], notices: [notice], more: true };
    const told = await answering(200, JSON.stringify(found), 'find', "pi_1'");
    expect([told.code, told.asked]).toEqual([0, ['/v1/find']]);
    expect(told.text).toContain('rf_0123456789abcdef0123  denied  (by-person)  5.00 EUR');
    expect(told.text).toContain(
      'payment pay_1 at stripe-eu  10.00 EUR captured, 5.00 EUR refunded, 2.50 EUR left, 2.50 EUR charged back, 1 open dispute(s), a request of rf_1/1 may be under way\n',
    );
    expect(told.text).toContain(
      'webhook demo#notice#my-shop#msg_1  1970-01-01T00:00:00.000Z  done  (quarantined, wrong-kind)\n',
    );
    expect(told.text).toContain("more: redress list --order 'pi_1'\\'''\n");
    const nothing = await answering(
      200,
      JSON.stringify({ refunds: [], payments: [], notices: [], more: false }),
      'find',
      'c_1',
    );
    expect([nothing.code, nothing.text]).toEqual([1, expect.stringContaining('A correlation id is in the logs only')]);
  });

  it('is sent a return that can be found, where nobody waits for its refund', async () => {
    vi.stubEnv('REDRESS_SHOP_SECRET', `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
    const args = ['--amount', '5.00', '--order', '1001', '--connection', 'my-shop', '--no-wait'];
    const { code, text } = await answering(202, '{"refunds":[]}', 'send-return', ...args);
    expect(code).toBe(0);
    expect(text).toMatch(/^return (RMA-\w+), order 1001: redress list --return '\1'$/m);
  });

  it('that answers as no stack does is told of in words', async () => {
    const { code, text } = await answering(502, '<html>', 'list');
    expect(code).toBe(1);
    expect(text).toMatch(/^http:.* answered 502, and not as a stack does\./);
  });

  it('that is gone is told of in words, and not in those of a socket', async () => {
    const { code, text } = await saidOf('http://127.0.0.1:1', 'token', 'list');
    expect(code).toBe(1);
    expect(text).toContain('Nobody answers at http://127.0.0.1:1.');
  });

  it('that is there and gives no answer is not said to be gone', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new DOMException('late', 'TimeoutError'));
    const { code, text } = await saidOf('http://127.0.0.1:1', 'token', 'list');
    vi.restoreAllMocks();
    expect(code).toBe(1);
    expect(text).toContain('http://127.0.0.1:1 gave no answer within 15 seconds. It may be busy;');
  });

  it('takes no connection for ever', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((listening) => {
      silent.listen(0, '127.0.0.1', listening);
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const sent = ask(url, '/webhooks/returns/my-shop', { method: 'POST', body: '{}' }, 50);
    await expect(sent).rejects.toThrow(`${url} gave no answer within 0.05 seconds.`);
    silent.closeAllConnections();
    silent.close();
  });

  it('F134 is sent nothing signed with what is no secret, which is not printed', async () => {
    vi.stubEnv('REDRESS_SHOP_SECRET', 'hidden');
    const args = ['--amount', '5.00', '--order', '1001', '--connection', 'my-shop'];
    const { code, text } = await saidOf('http://127.0.0.1:1', 'token', 'send-return', ...args);
    expect([code, text]).toEqual([1, expect.stringContaining('REDRESS_SHOP_SECRET is no verify secret')]);
    expect(text).not.toMatch(/hidden|Error/);
  });

  it('F142 may answer what a shop had a hand in: what is printed to be typed again is one command', async () => {
    const cursor = "1800000000000#demo#notice#shop#x';exit;'";
    const { text } = await answering(200, JSON.stringify({ notices: [], cursor }), 'notices', '--quarantined');
    expect(text).toContain(String.raw`--cursor '1800000000000#demo#notice#shop#x'\'';exit;'\'''`);
  });
});
