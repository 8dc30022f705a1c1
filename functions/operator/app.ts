import type { Context } from 'hono';
import { HonoBase } from 'hono/hono-base';
import { LinearRouter } from 'hono/router/linear-router';
import { showGateways } from '../../lib/app/accounts.ts';
import { switches } from '../../lib/app/control.ts';
import { evidenceBundle } from '../../lib/app/evidence-bundle.ts';
import { NewerVersion } from '../../lib/app/journal.ts';
import {
  approveRefund,
  denyRefund,
  type Operated,
  type OperateNeeds,
  type Person,
  switchAccount,
  switchSending,
} from '../../lib/app/operate.ts';
import type { BooksReader } from '../../lib/app/ports/books.ts';
import type { DeadLetters } from '../../lib/app/ports/dead-letters.ts';
import type { Queues } from '../../lib/app/ports/queues.ts';
import type { Bearer, TokenVerifier } from '../../lib/app/ports/tokens.ts';
import { Unavailable } from '../../lib/app/ports/unavailable.ts';
import { isReason, longestReason } from '../../lib/app/reason.ts';
import { redrive } from '../../lib/app/redrive.ts';
import { type RestoreNeeds, restoreOf } from '../../lib/app/restore.ts';
import { listRefunds, refundHistory, showRefund } from '../../lib/app/show.ts';
import { showConnections } from '../../lib/app/show-connections.ts';
import { type TestConnectionNeeds, testConnection } from '../../lib/app/test-connection.ts';
import { type Action, may } from '../../lib/domain/access.ts';
import { correlationId, parseRefundId, type RefundId } from '../../lib/domain/ids.ts';
import { type Status, statuses } from '../../lib/domain/refund/status.ts';
import { queueNames } from '../../lib/domain/refund/work.ts';
import { auditPage } from './audit.ts';
import { body, fitsKey, notNow, problem } from './body.ts';
import { found, notices, replay } from './notices.ts';
import { restoreStep } from './restore.ts';

export type OperatorNeeds = OperateNeeds &
  TestConnectionNeeds &
  RestoreNeeds & {
    readonly tokens: TokenVerifier;
    readonly books: BooksReader;
    readonly queues: Queues;
    readonly deadLetters: DeadLetters;
  };

/**
 * The operator API. The tenant comes from the token and is part of every key that is read: another merchant's refund is the same 404
 * as none (F129).
 */
export function operatorApi(needs: OperatorNeeds, tell: (code: string) => void): HonoBase {
  // One router in place of the package's choice among three.
  const api = new HonoBase({ router: new LinearRouter() });
  const ask = asking(needs, tell);
  api.get('/v1/refunds', (c) => ask(c, 'read', (bearer) => list(needs, c, bearer)));
  api.get('/v1/refunds/:id', (c) => ask(c, 'read', (bearer) => one(needs, c, bearer)));
  api.get('/v1/refunds/:id/events', (c) => ask(c, 'read', (bearer) => events(needs, c, bearer)));
  api.get('/v1/refunds/:id/evidence', (c) => ask(c, 'read', (bearer) => evidence(needs, c, bearer)));
  api.post('/v1/refunds/:id/approve', (c) => ask(c, 'approve', (bearer) => approved(needs, c, bearer)));
  api.post('/v1/refunds/:id/deny', (c) =>
    ask(c, 'deny', (bearer) => decided(c, (id) => denyRefund(needs, person(needs, bearer), id, seenBy(c)))),
  );
  api.post('/v1/find', (c) => ask(c, 'read', (bearer) => found(needs, c, bearer)));
  api.get('/v1/sending', (c) => ask(c, 'read', async ({ merchant }) => body(c, await switches(needs, merchant))));
  api.get('/v1/gateways', (c) =>
    ask(c, 'read', async ({ merchant }) =>
      body(c, {
        ...(await switches(needs, merchant)),
        restore: await restoreOf(needs, merchant),
        gateways: await showGateways(needs, merchant),
      }),
    ),
  );
  api.get('/v1/restore', (c) => ask(c, 'read', async ({ merchant }) => body(c, await restoreOf(needs, merchant))));
  api.post('/v1/restore/:step{begin|reconcile|end}', (c) =>
    ask(c, 'restore', (bearer) => restoreStep(needs, c, person(needs, bearer))),
  );
  api.get('/v1/notices', (c) => ask(c, 'read', (bearer) => notices(needs, c, bearer)));
  api.post('/v1/notices/replay', (c) => ask(c, 'replay', (bearer) => replay(needs, c, person(needs, bearer))));
  api.post('/v1/queues/:queue/redrive', (c) => ask(c, 'replay', (bearer) => redriven(needs, c, bearer)));
  api.get('/v1/connections', (c) =>
    ask(c, 'read', async ({ merchant }) => body(c, { connections: await showConnections(needs, merchant) })),
  );
  api.post('/v1/connections/:name/test', (c) => ask(c, 'test-connection', (bearer) => tested(needs, c, bearer)));
  api.get('/v1/audit/:part{entries|heads}', (c) => ask(c, 'audit', (bearer) => auditPage(needs, c, bearer)));
  api.post('/v1/sending', (c) => ask(c, 'switch-sending', (bearer) => sending(needs, c, bearer)));
  api.notFound((c) => problem(c, 'not-found', 'There is nothing at this path.'));
  // The package would write the error with its causes, which may quote items, and answer: then nobody hears of a bug.
  api.onError((error) => {
    throw error;
  });
  return api;
}

const person = (needs: OperatorNeeds, { person: id, merchant }: Bearer): Person => ({
  id,
  merchant,
  correlation: correlationId(needs.ids.random()),
});

/** Authenticate, authorise, act; every answer that is no success is problem+json. */
const asking =
  (needs: OperatorNeeds, tell: (code: string) => void) =>
  async (c: Context, action: Action, act: (bearer: Bearer) => Promise<Response>): Promise<Response> => {
    const token = /^Bearer ([A-Za-z0-9._~+/=-]+)$/.exec(c.req.header('authorization') ?? '')?.[1];
    const bearer = token === undefined ? undefined : await needs.tokens.verify(token, needs.clock.now());
    if (bearer === undefined)
      return problem(c, 'unauthorised', 'Send "Authorization: Bearer" with a token that is valid now.');
    if (!may(bearer.role, action)) return problem(c, 'forbidden', `The role ${bearer.role} may not do this.`);
    try {
      return await act(bearer);
    } catch (error) {
      if (error instanceof Unavailable) return notNow(c, error, tell);
      if (error instanceof NewerVersion) return newer(needs, c, error);
      throw error;
    }
  };

/** While two versions run side by side, or after the newer one was taken back (F143). */
function newer(needs: OperatorNeeds, c: Context, { stream }: NewerVersion): Response {
  needs.log.alarm('newer-version', { stream });
  return problem(c, 'unavailable', 'A newer version wrote what this one can not read. Try again after the upgrade.');
}

async function list(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const { status, order, return: of, due, cursor } = c.req.query();
  if (status !== undefined && !statuses.includes(status as Status)) {
    return problem(c, 'bad-request', `status is one of ${statuses.join(', ')}.`);
  }
  if (cursor !== undefined && !/^\d{13}#rf_[0-9a-f]{20}$/.test(cursor))
    return problem(c, 'bad-request', 'cursor is taken from the last page.');
  if (order !== undefined && !fitsKey(order)) return problem(c, 'bad-request', 'No order has so long a name.');
  if (due !== undefined && due !== 'now') return problem(c, 'bad-request', 'due takes one word: now.');
  const page = await listRefunds(needs, {
    merchant,
    ...(status !== undefined && { status: status as Status }),
    ...(order !== undefined && { order }),
    ...(of !== undefined && { return: of }),
    ...(due !== undefined && { dueBy: needs.clock.now() }),
    ...(cursor !== undefined && { cursor }),
  });
  return body(c, { refunds: page.refunds, cursor: page.cursor ?? null });
}

/** `If-Match: "3"`: the version of the refund that the person looked at. Without it the decision is about whatever is held now. */
function seenBy(c: Context): number | undefined {
  const match = /^"(\d{1,9})"$/.exec(c.req.header('if-match') ?? '');
  // Anything else that is sent here was meant to protect, and does: no refund has this version.
  if (match === null) return c.req.header('if-match') === undefined ? undefined : -1;
  return Number(match[1]);
}

const refundOf = (c: Context): RefundId | undefined => parseRefundId(c.req.param('id') ?? '');
const noRefund = (c: Context) =>
  problem(
    c,
    'not-found',
    'There is no refund with this id. Other ids are looked for by POST /v1/find, or redress find.',
  );

async function one(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const id = refundOf(c);
  const shown = id && (await showRefund(needs, merchant, id));
  return shown === undefined ? noRefund(c) : body(c, shown);
}

async function evidence(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const id = refundOf(c);
  const bundle = id && (await evidenceBundle(needs, merchant, id));
  return bundle === undefined ? noRefund(c) : body(c, bundle);
}

async function events(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const id = refundOf(c);
  const entries = id === undefined ? [] : await refundHistory(needs, merchant, id);
  const flat = entries.flatMap(({ number, at, actor, cause, correlation, events: facts }) =>
    facts.map((event) => ({ ...event, number, at, actor, cause, correlation })),
  );
  return entries.length === 0 ? noRefund(c) : body(c, { events: flat });
}

async function decided(c: Context, act: (id: RefundId) => Promise<Operated>): Promise<Response> {
  const id = refundOf(c);
  if (id === undefined) return noRefund(c);
  const result = await act(id);
  return result.is === 'done' ? body(c, { id, result: 'done' }) : problem(c, result.fault.code, result.fault.detail);
}

/** `{"gatewayHasNothing": true}`: the person has looked there, and says so. Without a body it is a plain yes. */
async function approved(needs: OperatorNeeds, c: Context, bearer: Bearer): Promise<Response> {
  const text = await c.req.text();
  const asked = text === '' ? {} : wordOf(text);
  if (asked === undefined)
    return problem(c, 'bad-request', 'Send no body, or {"gatewayHasNothing": true} after you have looked there.');
  const { word } = asked;
  return decided(c, (id) => approveRefund(needs, person(needs, bearer), id, seenBy(c), word));
}

function wordOf(text: string): { readonly word?: 'absent' } | undefined {
  try {
    const given = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const names = Object.keys(given ?? {});
    if (given?.gatewayHasNothing === true && names.length === 1) return { word: 'absent' };
    return given !== null && typeof given === 'object' && names.length === 0 ? {} : undefined;
  } catch {
    return undefined;
  }
}

async function redriven(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const queue = queueNames.find((name) => name === c.req.param('queue'));
  if (queue === undefined)
    return problem(c, 'not-found', `There is no such queue; there are ${queueNames.join(', ')}.`);
  return body(c, await redrive(needs, merchant, queue));
}

async function tested(needs: OperatorNeeds, c: Context, { merchant }: Bearer): Promise<Response> {
  const name = c.req.param('name') ?? '';
  const checked = await testConnection(needs, { merchant, name, correlation: correlationId(needs.ids.random()) });
  return checked === undefined
    ? problem(c, 'not-found', 'There is no connection of this name.')
    : body(c, { connection: name, ok: checked.every((one) => one.ok), checked });
}

async function sending(needs: OperatorNeeds, c: Context, bearer: Bearer): Promise<Response> {
  const asked: unknown = await c.req.json().catch(() => undefined);
  const { to, reason, connection } = (asked ?? {}) as { to?: unknown; reason?: unknown; connection?: unknown };
  if (
    (connection !== undefined && typeof connection !== 'string') ||
    (to !== 'stopped' && to !== 'running') ||
    !isReason(reason)
  ) {
    return problem(
      c,
      'bad-request',
      `Send {"to": "stopped" | "running", "reason": "…"} with a reason of at most ${longestReason} characters, and "connection" for one account.`,
    );
  }
  const who = person(needs, bearer);
  const result =
    connection === undefined
      ? await switchSending(needs, who, to, reason)
      : await switchAccount(needs, who, connection, { to, reason });
  const done = { sending: to, ...(connection !== undefined && { connection }) };
  return result.is === 'done' ? body(c, done) : problem(c, result.fault.code, result.fault.detail);
}
