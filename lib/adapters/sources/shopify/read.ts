import type { Connection } from '../../../app/ports/connections.ts';
import type { RawRequest, Reading } from '../../../app/ports/gateway.ts';
import type { Notice, Subject } from '../../../domain/notice.ts';
import { sha256Hex } from '../../kit/hmac.ts';
import { asObject, canonical, type JsonObject, readJson } from '../../kit/json.ts';

/**
 * A verified body as a hint. Only the body is signed, so what it is is told by its own shape and never by a header; its name is made of
 * this connection's shop, that shape and the body. The same body under another topic or shop is the same hint, or kept as one that
 * nobody acts on where a header contradicts the body (F127). A return may be announced twice in the same words, as approved and then as
 * processed: its hint is named by the delivery too, which is not signed, and can do no more than make us ask once more. No amount is
 * read here: the shop is asked.
 */
export function read(raw: RawRequest, connection: Connection): Reading {
  const json = readJson(raw.body);
  if (!json.ok) return { is: 'unreadable', problem: json.problem };
  const body = asObject(json.value);
  if (body === undefined) return { is: 'unreadable', problem: 'is not a JSON object' };
  const { shop = '' } = connection.settings;
  const named = header(raw, 'shop-domain');
  if (named !== undefined && named.toLowerCase() !== shop.toLowerCase())
    return { is: 'foreign', problem: 'a header names another shop' };
  const shape = shapeOf(body);
  const topic = header(raw, 'topic');
  const content = canonical(body);
  const id = sha256Hex(canonical([shop, shape, content]));
  const event = header(raw, 'event-id') ?? header(raw, 'webhook-id') ?? '';
  const sameness = sha256Hex(content);
  const subject = shape === 'other' || !agrees(topic, shape) ? undefined : subjectOf(body, shape);
  const notice: Notice =
    subject === undefined
      ? // Not under the name of the hint that the same body is with honest headers: it must not stand in its way.
        { kind: 'unknown', id: sha256Hex(canonical([id, 'unknown'])), sameness, type: typeOf(topic, shape) }
      : {
          kind: 'hint',
          id: shape === 'return' ? sha256Hex(canonical([id, event])) : id,
          sameness,
          type: typeOf(topic, shape),
          subject,
        };
  return { is: 'notices', notices: [notice] };
}

type Shape = 'refund' | 'return' | 'other';

/** https://shopify.dev/docs/api/webhooks: a refund has refund lines and transactions, a return has a status and its own lines. */
function shapeOf(body: JsonObject): Shape {
  const refund = Array.isArray(body.refund_line_items) && Array.isArray(body.transactions);
  const returned = typeof body.status === 'string' && (Array.isArray(body.return_line_items) || isObject(body.order));
  if (refund === returned) return 'other';
  return refund ? 'refund' : 'return';
}

const isObject = (value: unknown) => asObject(value) !== undefined;

/** A topic is not signed. It can only make a hint worthless, never make one. */
function agrees(topic: string | undefined, shape: Shape): boolean {
  if (topic === undefined) return true;
  return shape === 'refund' ? topic === 'refunds/create' : /^returns\/[a-z_]+$/.test(topic);
}

function subjectOf(body: JsonObject, shape: 'refund' | 'return'): Subject | undefined {
  const id = gid(body, shape === 'refund' ? 'Refund' : 'Return');
  if (id === undefined) return undefined;
  if (shape === 'return') return { return: id, is: 'return', id };
  const of = asObject(body.return);
  if (of === undefined) return { return: refundAlone(id), is: 'refund', id };
  const whole = gid(of, 'Return');
  return whole === undefined ? undefined : { return: whole, is: 'return', id: whole };
}

/** The name here of a refund that belongs to no return. */
export const refundAlone = (id: string): string => `refund/${id.split('/').at(-1)}`;

/** `gid://shopify/Return/1`, or made of the number in `id`. */
function gid(body: JsonObject, kind: 'Refund' | 'Return'): string | undefined {
  const { admin_graphql_api_id: given, id } = body;
  if (typeof given === 'string') return new RegExp(`^gid://shopify/${kind}/\\d{1,20}$`).test(given) ? given : undefined;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? `gid://shopify/${kind}/${id}` : undefined;
}

/** Of either family: `x-shopify-topic`, `shopify-topic`. */
const header = (raw: RawRequest, name: string): string | undefined =>
  raw.headers[`shopify-${name}`] ?? raw.headers[`x-shopify-${name}`];

/** For people; the header's word only where it has the form of a topic. */
const typeOf = (topic: string | undefined, shape: Shape): string =>
  topic !== undefined && /^[a-z_]{1,40}\/[a-z_]{1,40}$/.test(topic) ? topic : shape;
