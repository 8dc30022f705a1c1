import type { Connection } from '../../../app/ports/connections.ts';
import type { RawRequest, Reading } from '../../../app/ports/gateway.ts';
import type { Capture, GatewayNotice, News, Notice } from '../../../domain/notice.ts';
import { sha256Hex } from '../../kit/hmac.ts';
import { asObject, canonical, type JsonObject, readJson } from '../../kit/json.ts';
import {
  chargeCapture,
  disputeEvidence,
  fraudWarning,
  idOf,
  idsOf,
  intentCapture,
  paymentNames,
  refundEvidence,
} from './evidence.ts';
import { orderOf } from './translate.ts';

/** An Event (docs.stripe.com/api/events/object) whose signature holds, as the one notice it is. */
export function read(raw: RawRequest, connection: Connection): Reading {
  const json = readJson(raw.body);
  if (!json.ok) return { is: 'unreadable', problem: json.problem };
  const event = asObject(json.value);
  const id = idOf(event?.id);
  if (event === undefined || id === undefined || typeof event.type !== 'string' || event.type === '') {
    return { is: 'unreadable', problem: 'is not an event: it has no id or no type' };
  }
  const foreign = foreignTo(event, connection);
  if (foreign !== undefined) return { is: 'foreign', problem: foreign };
  return { is: 'notices', notices: [toNotice(id, event.type, event, connection)] };
}

/** The connection's mode and account are bound to its endpoint; an event of another is not ours to act on (F24, F25). */
function foreignTo(event: JsonObject, connection: Connection): string | undefined {
  if (event.livemode !== (connection.mode === 'live')) return `is not an event of ${connection.mode} mode`;
  // Only events of connected accounts name one (docs.stripe.com/connect/webhooks). An endpoint that is bound to none must not act on
  // any, and one that is bound to one must not act on the platform's own.
  const account = event.account ?? undefined;
  return account === connection.settings.account ? undefined : "is an event of another account than this connection's";
}

function toNotice(id: string, type: string, event: JsonObject, connection: Connection): Notice {
  // Version 2 events are thin: they name an object and say nothing about it (F22).
  const object = event.object === 'event' ? asObject(asObject(event.data)?.object) : undefined;
  const news = object === undefined ? undefined : newsOf(type, object, connection.settings.orderMetadataKey);
  const common = { id, type: type.slice(0, 100) };
  if (news !== undefined)
    return { ...common, kind: 'gateway', news, sameness: samenessOf(type, news) } satisfies GatewayNotice;
  return { ...common, kind: 'unknown', sameness: sha256Hex(canonical([type, idOf(object?.id) ?? null])) };
}

/**
 * Undefined for what we do not act on, and for what is of a known type but can't be read: both are kept and shown, neither
 * moves anything. `charge.refunded` is among the first: each refund has news of its own.
 */
function newsOf(type: string, object: JsonObject, orderField?: string): News | undefined {
  switch (type) {
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated': {
      const evidence = refundEvidence(object);
      const payment = paymentNames(object);
      return evidence === undefined || payment.length === 0 ? undefined : { about: 'refund', evidence, payment };
    }
    case 'charge.succeeded':
    case 'charge.captured':
      return captureNews(chargeCapture(object), paymentNames(object), orderOf(object, orderField));
    case 'payment_intent.succeeded':
      return captureNews(intentCapture(object), idsOf(object.id, object.latest_charge), orderOf(object, orderField));
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
    case 'charge.dispute.closed': {
      const dispute = disputeEvidence(object);
      const payment = paymentNames(object);
      return dispute === undefined || payment.length === 0 ? undefined : { about: 'dispute', dispute, payment };
    }
    case 'radar.early_fraud_warning.created':
    case 'radar.early_fraud_warning.updated': {
      const warning = fraudWarning(object);
      const payment = paymentNames(object);
      return warning === undefined || payment.length === 0 ? undefined : { about: 'fraud-warning', warning, payment };
    }
    default:
      return undefined;
  }
}

function captureNews(
  capture: Capture | undefined,
  payment: readonly string[],
  order: string | undefined,
): News | undefined {
  if (capture === undefined) return undefined;
  return { about: 'capture', capture, payment, ...(order === undefined ? {} : { order }) };
}

/** Every field that could change what we do. Not `pending_webhooks`, which counts down with each delivery of the same event. */
const samenessOf = (type: string, news: News): string => sha256Hex(canonical([type, news]));
