import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commands } from '../../cli/commands.ts';
import { said } from '../../cli/said.ts';
import { sign as signStripe } from '../../lib/adapters/gateways/stripe/sign.ts';
import { Secret } from '../../lib/app/ports/connections.ts';
import { instant } from '../../lib/domain/time.ts';
import { awsClients } from '../../local/aws.ts';
import { dataFolder, patienceMs, type Running, removeFolder, root, start } from './process.ts';

const execute = promisify(execFile);

describe('npx redress', () => {
  const data = dataFolder();
  let stack: Running;
  beforeAll(async () => {
    vi.stubEnv('REDRESS_DATA', data);
    stack = await start(data);
  });
  afterAll(async () => {
    await stack.stop();
    vi.unstubAllEnvs();
    removeFolder(data);
  });

  /** As a process of its own, as its users have it. */
  const apart = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    execute(process.execPath, ['cli/redress.ts', ...args], {
      cwd: root,
      env: { ...process.env, REDRESS_DATA: data },
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  /** The same in this process, without the half second that a new one takes. */
  async function redress(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const { code, out, err } = await said(...args);
    return { code, stdout: out, stderr: err };
  }
  const json = async <T>(...args: string[]) => JSON.parse((await redress(...args, '--json')).stdout) as T;
  type Sent = { status: number; refund: { id: string; status: string; reasons: string[] } };

  it('send-return signs and sends a real webhook and follows its refund to the end', async () => {
    const { code, stdout } = await apart('send-return', '--amount', '42.00');
    expect(code).toBe(0);
    expect(stdout).toMatch(/202[\s\S]*refund\.approved[\s\S]*leg\.accepted[\s\S]*refunded {2}42\.00 EUR/);
  });

  it('show prints a refund with its legs and its history', async () => {
    const { refund } = await json<Sent>('send-return', '--amount', '10.00', '--currency', 'USD');
    const { code, stdout } = await redress('show', refund.id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/refunded {2}10\.00 USD[\s\S]*leg 1 {2}refunded[\s\S]*leg\.sending/);
    expect(stdout).toMatch(/ {2}version 3\n/);
    expect(stdout).toMatch(
      /request 1 {2}.* under rf_\w+-1-1-\w+, epoch 1: accepted \(succeeded, re_sim\w+, says the answer\)/,
    );
    expect((await redress('show', 'rf_00000000000000000000')).code).toBe(1);
  });

  it('approve lets a held refund go on, deny closes one, and list finds both', async () => {
    const held = await json<Sent>('send-return', '--amount', '600.00');
    const other = await json<Sent>('send-return', '--amount', '700.00');
    expect([held.refund.status, other.refund.status]).toEqual(['held', 'held']);
    const listed = await redress('list', '--held');
    expect(listed.stdout).toMatch(/rf_\w+ {2}held {2}\(over-limit\) {2}600\.00 EUR .* age \d+ \w+ {2}next 20/);
    expect((await json<{ refunds: object[] }>('list', '--unknown')).refunds).toEqual([]);
    expect((await redress('list', '--due')).code).toBe(0);
    expect((await redress('approve', held.refund.id, '--seen', '7')).stderr).toContain('has changed since you looked');
    expect((await redress('approve', held.refund.id, '--seen', '1')).code).toBe(0);
    expect(await json('deny', other.refund.id)).toMatchObject({ status: 'denied', reasons: ['by-person'] });
    expect((await redress('approve', other.refund.id)).stderr).toContain('Only a held refund can be approved.');
    await stack.until((found) => found.some((one) => one.id === held.refund.id && one.status === 'refunded'));
    const { refunds } = await json<{ refunds: { id: string }[] }>('list', '--status', 'denied');
    expect(refunds.map((refund) => refund.id)).toEqual([other.refund.id]);
  });

  it('F82 gateways tells how each account is asked now', async () => {
    expect((await redress('gateways')).stdout).toMatch(
      /stripe-demo {2}breaker closed {2}at most 24.3 requests a second/,
    );
    expect(await json('gateways')).toMatchObject({ gateways: [{ connection: 'stripe-demo', state: 'closed' }] });
  });

  it('F90 stop-sending keeps every approved refund from being sent, and resume-sending lets them go', async () => {
    expect((await redress('stop-sending', 'a', 'test', 'of', 'the', 'switch')).code).toBe(0);
    expect((await redress('gateways')).stdout).toContain('STOPPED  all sending');
    await redress('send-return', '--amount', '5.00', '--return', 'RMA-switch', '--no-wait');
    await stack.until((found) => found[0]?.status === 'approved', { query: '?return=RMA-switch' });
    expect(await json('audit', 'verify')).toMatchObject({ ok: true });
    const [waits] = await stack.refunds('?return=RMA-switch');
    expect(waits?.status).toBe('approved');
    expect((await redress('list', '--return', 'RMA-switch')).stdout).toContain('STOPPED  all sending');
    expect((await redress('show', String(waits?.id))).stdout).toContain('STOPPED  all sending');
    // Nothing that has ended is said to wait for it.
    expect((await redress('list', '--status', 'denied')).stdout).not.toContain('STOPPED');
    expect((await redress('resume-sending', 'the', 'test', 'is', 'over')).code).toBe(0);
    await stack.until((found) => found[0]?.status === 'refunded', { query: '?return=RMA-switch' });
  });

  it('F90 stop-sending of one account leaves the others, and wants one that exists', async () => {
    expect((await redress('stop-sending', '--connection', 'stripe-dmeo', 'typing')).stderr).toContain(
      'Nothing was stopped',
    );
    const stopped = await redress('stop-sending', '--connection', 'stripe-demo', 'a', 'test');
    expect(stopped).toMatchObject({ code: 0, stdout: 'sending through stripe-demo is stopped\n' });
    expect(await json('gateways')).toMatchObject({ sending: 'running', stoppedAccounts: ['stripe-demo'] });
    await redress('send-return', '--amount', '5.00', '--return', 'RMA-account', '--no-wait');
    await stack.until((found) => found[0]?.status === 'approved', { query: '?return=RMA-account' });
    expect(await json('resume-sending', '--connection', 'stripe-demo', 'over')).toEqual({
      sending: 'running',
      connection: 'stripe-demo',
    });
    await stack.until((found) => found[0]?.status === 'refunded', { query: '?return=RMA-account' });
  });

  it('F22 notices lists what nobody acts on, and replay takes one up again once the reason is gone', async () => {
    const told = (id: string, type: string, payment: string) => {
      const object = { id: `issfr_${id}`, object: 'radar.early_fraud_warning', charge: payment, livemode: false };
      const made = { id, object: 'event', livemode: false, type, data: { object: { ...object, created: 1 } } };
      const body = JSON.stringify(made);
      const secret = new Secret(stack.ready.connections['stripe-demo']?.secret ?? '');
      const headers = { 'content-type': 'application/json', ...signStripe(body, secret, instant(Date.now())) };
      return fetch(`${stack.url}/webhooks/gateways/stripe-demo`, { method: 'POST', body, headers });
    };
    const quarantined = async () =>
      (await json<{ notices: { notice: string; code: string }[] }>('notices', '--quarantined')).notices;
    expect((await told('evt_odd', 'invoice.celebrated', 'ch_none')).status).toBe(200);
    expect((await told('evt_early', 'radar.early_fraud_warning.created', 'ch_early')).status).toBe(202);
    await expect.poll(quarantined, { timeout: patienceMs }).toMatchObject([
      { notice: 'demo#notice#stripe-demo#evt_early', code: 'payment-unknown' },
      { notice: 'demo#notice#stripe-demo#evt_odd', code: 'invoice.celebrated' },
    ]);
    expect((await redress('notices', '--quarantined')).stdout).toMatch(/evt_odd .*\(nobody here reads what it is\)/);
    expect(await redress('replay', 'demo#notice#stripe-demo#evt_odd')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('its content was not kept'),
    });
    expect((await stack.operate('/v1/notices/replay', 'viewer')).status).toBe(403);
    await stack.pay('pi_early', 1000, 'early');
    expect(await redress('replay', 'demo#notice#stripe-demo#evt_early')).toMatchObject({
      code: 0,
      stdout: 'demo#notice#stripe-demo#evt_early is taken up again\n',
    });
    await expect.poll(quarantined, { timeout: patienceMs }).toHaveLength(1);
    expect(await json('audit', 'verify')).toMatchObject({ ok: true });
  });

  it('F72 redrive puts dead letters back on their queue, and prints what they are about', async () => {
    const { sqs } = JSON.parse(readFileSync(join(data, 'endpoints.json'), 'utf8')) as { sqs: string };
    const client = awsClients({ dynamo: sqs, sqs, kms: sqs }).sqs;
    const QueueUrl = `${sqs}/000000000000/assess-dead`;
    const letter = (stream: string) =>
      JSON.stringify({ v: 1, queue: 'assess', merchant: 'demo', stream, correlation: 'c_test' });
    for (const MessageBody of [letter('demo#notice#generic-demo#msg_dead'), 'no message of ours'])
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { code, stdout } = await redress('redrive', 'assess');
    client.destroy();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'demo#notice#generic-demo#msg_dead\n1 put back on assess; 1 that are no messages of ours stay where they are\n',
    });
    expect((await stack.operate('/v1/queues/assess/redrive', 'viewer')).status).toBe(403);
    expect((await stack.operate('/v1/queues/nowhere/redrive', 'operator')).status).toBe(404);
    expect(await json('redrive', 'assess')).toEqual({ queue: 'assess', moved: [], unreadable: 0, more: false });
  });

  it('F83 connections lists all there are, tests one by asking it, and disables and enables an account', async () => {
    const { stdout } = await redress('connections', 'list');
    expect(stdout).toMatch(/^generic-demo {2}source generic, test$/m);
    expect(stdout).toMatch(/^stripe-demo {2}gateway stripe, test {2}.*accountId=acct_sim/m);
    expect(await redress('connections', 'test', 'stripe-demo')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /settings[\s\S]*1 count now[\s\S]*answers as acct_sim, as the setting accountId says/,
      ),
    });
    expect(await json('connections', 'test', 'generic-demo')).toMatchObject({ ok: true });
    expect(await json('connections', 'test', 'shopify-demo')).toMatchObject({ ok: true });
    await stack.faults({ revoked: true });
    expect((await redress('connections', 'test', 'stripe-demo')).stdout).toMatch(
      /WRONG {2}asked .*refuses the credential/,
    );
    await stack.faults({});
    expect((await redress('connections', 'test', 'stripe-dmeo')).stderr).toContain('There is no connection');
    await redress('connections', 'disable', 'stripe-demo', 'a', 'test');
    expect((await redress('connections', 'list')).stdout).toMatch(/stripe-demo {2}gateway stripe, test {2}STOPPED/);
    expect((await redress('connections', 'enable', 'stripe-demo', 'over')).code).toBe(0);
    expect((await redress('connections', 'disable', 'generic-demo', 'no')).stderr).toContain('Nothing was stopped');
  });

  it('one refund is followed by one correlation id, from its webhook to what the gateway says days later', async () => {
    await stack.faults({ failLater: 1 });
    const { refund } = await json<Sent>('send-return', '--amount', '8.00', '--return', 'RMA-followed');
    await stack.until((found) => found[0]?.status === 'held', { query: '?return=RMA-followed' });
    const { events } = await json<{ events: { type: string; actor: string; cause: string; correlation: string }[] }>(
      'show',
      refund.id,
    );
    const [first] = events;
    const id = first?.correlation ?? '';
    // It waits first where the return was faster than the news of its payment.
    const told = events.filter(({ type }) => type !== 'refund.waiting');
    expect(told.map(({ actor, type }) => `${actor} ${type}`)).toEqual([
      'assess refund.requested',
      'assess refund.approved',
      'execute leg.sending',
      'execute leg.accepted',
      'reconcile leg.failed',
      'reconcile leg.held',
    ]);
    expect(new Set(events.map(({ correlation }) => correlation))).toEqual(new Set([id]));
    expect((await redress('show', refund.id)).stdout).toContain(`followed by ${id}`);
    const lines = () =>
      stack
        .logs()
        .split('\n')
        .filter((line) => line.includes(`"${id}"`))
        .map((line) => JSON.parse(line) as Record<string, string>);
    const by = (name: string) =>
      lines()
        .filter((line) => line.function_name === name)
        .map(({ message, code, alarm }) => alarm ?? [message, code].join(' ').trim());
    await expect.poll(() => by('reconcile'), { timeout: patienceMs }).toContain('news-taken');
    expect(by('receive-return')).toEqual(['notice-recorded']);
    expect(by('relay')).toEqual(expect.arrayContaining(['work-hinted assess', 'work-hinted execute']));
    expect(by('assess')).toContain('work-done');
    expect(by('execute')).toEqual(expect.arrayContaining(['gateway.attempt', 'work-done']));
    expect(by('reconcile')).toEqual(expect.arrayContaining(['news-taken', 'refund-held']));
    // What joins the delivery of the gateway's webhook, under an id of its own, to the refund.
    const news = events.at(-1)?.cause ?? '';
    expect(news).toMatch(/^demo#notice#stripe-demo#evt_/);
    const taken = () => lines().flatMap(({ message, stream }) => (message === 'news-taken' ? [stream] : []));
    await expect.poll(taken, { timeout: patienceMs }).toContain(news);
    expect(stack.logs()).toMatch(new RegExp(`"receive-gateway".*${news}|${news}.*"receive-gateway"`));
  });

  it('F103 evidence shows the keys, the digests and the balance of a refund, and no reference of its payment', async () => {
    const { refund } = await json<Sent>('send-return', '--amount', '7.00');
    const { code, stdout } = await redress('evidence', refund.id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/asked under rf_[\s\S]*re_sim\w+ {2}succeeded[\s\S]*[0-9a-f]{64}[\s\S]*capturedMinor=700/);
    expect(stdout).not.toMatch(/pi_/);
    expect((await redress('evidence', 'rf_00000000000000000000')).code).toBe(1);
  });

  it.each([
    [['frobnicate'], 'there is no command'],
    [['show', 'rf_1', '--amount', '3'], 'show takes no --amount'],
  ])('wrong use %j says what was wrong, prints help and exits 2', async (args, sentence) => {
    const { code, stdout, stderr } = await apart(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('redress send-return --amount 42.00');
    expect(stdout).toBe('');
  });

  it('says in a sentence that no stack runs, where none does', async () => {
    const nowhere = dataFolder();
    const env = { ...process.env, REDRESS_DATA: nowhere };
    const failed = await execute(process.execPath, ['cli/redress.ts', 'list'], { cwd: root, env }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('No stack runs on') });
    removeFolder(nowhere);
  });

  /** By each way that the help names: the words that follow, for a stack with a refund, two held ones and a quarantined notice. */
  const examples = (of: Examples): Readonly<Record<string, readonly string[]>> => ({
    'send-return --amount 42.00': [
      '--amount',
      '3.00',
      '--connection',
      'generic-demo',
      '--order',
      of.order,
      '--no-wait',
    ],
    list: [],
    'show ID': [of.refund],
    'find ID': [of.order],
    'approve ID': [of.held[0]],
    'deny ID': [of.held[1]],
    'evidence ID': [of.refund],
    'notices --quarantined': ['--quarantined'],
    'replay NOTICE': [of.notice],
    gateways: [],
    'stop-sending REASON': ['a', 'test'],
    'resume-sending REASON': ['over'],
    'redrive QUEUE': ['notify'],
    'connections list': ['list'],
    'connections test NAME': ['test', 'stripe-demo'],
    'connections disable NAME REASON': ['disable', 'stripe-demo', 'a', 'test'],
    'connections enable NAME REASON': ['enable', 'stripe-demo', 'over'],
    'restore status': ['status'],
    'restore begin REASON --since INSTANT': ['begin', 'a', 'test', '--since', '2026-11-21T12:00:00Z'],
    'restore reconcile': ['reconcile'],
    'restore end REASON': ['end', 'a', 'test'],
    'audit verify': ['verify'],
  });
  interface Examples {
    readonly order: string;
    readonly refund: string;
    readonly held: readonly [string, string];
    readonly notice: string;
  }
  /** What a command line begins with: a line of the help that names no further option. */
  const ways = commands.flatMap(({ name, help }) =>
    help.filter(([typed]) => !typed.startsWith('[')).map(([typed]) => `${name} ${typed}`.trim()),
  );

  it('every command, by every way it has, works by address and token and answers in one JSON value', async () => {
    const first = await json<Sent & { order: string }>('send-return', '--amount', '9.00', '--order', 'order-all');
    const held = [
      await json<Sent>('send-return', '--amount', '600.00'),
      await json<Sent>('send-return', '--amount', '601.00'),
    ];
    const of = examples({
      order: first.order,
      refund: first.refund.id,
      held: [held[0]?.refund.id ?? '', held[1]?.refund.id ?? ''],
      notice: 'demo#notice#stripe-demo#evt_odd',
    });
    expect(Object.keys(of).sort()).toEqual([...ways].sort());
    vi.stubEnv('REDRESS_DATA', join(data, 'nowhere'));
    vi.stubEnv('REDRESS_URL', stack.url);
    vi.stubEnv('REDRESS_TOKEN', stack.ready.tokens.admin ?? '');
    vi.stubEnv('REDRESS_SHOP_SECRET', stack.ready.connections['generic-demo']?.secret ?? '');
    try {
      for (const way of ways) {
        const [name = ''] = way.split(' ');
        const { code, stdout, stderr } = await redress(name, ...(of[way] ?? []), '--json');
        // A notice whose content was not kept can't be taken up again, and tables that were never restored need no restore: answers too.
        const expected = name === 'replay' || (name === 'restore' && way !== 'restore status') ? 1 : 0;
        expect({ way, code, stderr: code === expected ? '' : stderr }).toEqual({ way, code: expected, stderr: '' });
        if (code === 0) expect(typeof JSON.parse(stdout), way).toBe('object');
      }
    } finally {
      for (const name of ['REDRESS_URL', 'REDRESS_TOKEN', 'REDRESS_SHOP_SECRET']) vi.stubEnv(name, '');
      vi.stubEnv('REDRESS_DATA', data);
    }
  });

  it('F137 an auditor elsewhere verifies every entry by its own sums, and is given no reference', async () => {
    const here = await json<{ ok: boolean; entries: number }>('audit', 'verify');
    vi.stubEnv('REDRESS_DATA', join(data, 'nowhere'));
    vi.stubEnv('REDRESS_URL', stack.url);
    vi.stubEnv('REDRESS_TOKEN', stack.ready.tokens.auditor ?? '');
    const told: string[] = [];
    const { fetch: real } = globalThis;
    vi.stubGlobal('fetch', async (...of: Parameters<typeof fetch>) => {
      const response = await real(...of);
      told.push(await response.clone().text());
      return response;
    });
    try {
      expect(await json('audit', 'verify')).toMatchObject({ ok: true, entries: here.entries, breaks: [] });
      expect(told.length).toBeGreaterThan(2);
      expect(told.join()).not.toMatch(/pi_[0-9a-f]{8}|sk_test|whsec_/);
      expect((await redress('stop-sending', 'not for auditors')).stderr).toContain('auditor');
      // One byte changed on the way is found by whoever adds up.
      vi.stubGlobal('fetch', async (...of: Parameters<typeof fetch>) => {
        const response = await real(...of);
        return new Response((await response.text()).replace('refund.approved', 'refund.approvec'), response);
      });
      const { code, stdout } = await redress('audit', 'verify', '--json');
      expect(code).toBe(1);
      const { breaks } = JSON.parse(stdout) as { breaks: { why: string }[] };
      expect(new Set(breaks.map(({ why }) => why))).toEqual(new Set(['changed']));
    } finally {
      vi.unstubAllGlobals();
      for (const name of ['REDRESS_URL', 'REDRESS_TOKEN']) vi.stubEnv(name, '');
      vi.stubEnv('REDRESS_DATA', data);
    }
  });

  it('asks a stack that runs elsewhere by its address, as whoever its token says', async () => {
    vi.stubEnv('REDRESS_DATA', join(data, 'nowhere'));
    try {
      vi.stubEnv('REDRESS_URL', stack.url);
      expect((await redress('list')).stderr).toContain('REDRESS_TOKEN');
      vi.stubEnv('REDRESS_TOKEN', stack.ready.tokens.viewer ?? '');
      expect(await redress('list', '--json')).toMatchObject({ code: 0 });
      expect((await redress('stop-sending', 'a test')).stderr).toContain('viewer');
      expect(await redress('send-return', '--amount', '1.00')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('send-return takes --connection SHOP'),
      });
      expect((await redress('audit', 'verify')).stderr).toContain('viewer');
      expect((await redress('connections', 'test', 'stripe-demo')).stderr).toContain('viewer');
      vi.stubEnv('REDRESS_URL', 'http://redress.example');
      expect((await redress('list')).stderr).toContain('https://');
    } finally {
      vi.stubEnv('REDRESS_URL', '');
      vi.stubEnv('REDRESS_TOKEN', '');
      vi.stubEnv('REDRESS_DATA', data);
    }
  });
});
