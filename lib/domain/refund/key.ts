import type { Hash } from '../chain.ts';
import { type ConnectionName, type MerchantId, parseRefundId, type RefundId, refundId } from '../ids.ts';

/**
 * Idempotency keys at the gateway. A key derives from installation, refund, leg and epoch, never from the sending: however often
 * a request is repeated, under one epoch it is the same request. It also says whose it is, so that a refund found at the gateway
 * leads back here; the tag keeps two installations on one account apart. At most 38 characters (PayPal's limit is the
 * tightest), as long as leg and epoch stay below 100: a leg that failed ninety-nine times is in front of a person long before.
 */
export function keyOf(of: KeyParts, installation: string, hash: Hash, restored = 0): string {
  return `${of.refund}-${of.leg}-${of.epoch}-${tag(of, nameIn(installation, restored), hash)}`;
}

/**
 * After a restore a forgotten refund may be decided anew, under the same id and for another amount: its keys must not be those that were
 * used. So the tag covers the restore epoch; that of 0 is as if there were none.
 */
const nameIn = (installation: string, restored: number): string =>
  restored === 0 ? installation : `${installation}/${restored}`;

/** How many epochs of a leg a restored journal may have forgotten and still find. */
const forgottenEpochs = 5;

/** Every key under which a leg may have been sent before its table was restored, whatever of it the table still knows. */
export const keysBefore = (of: KeyParts, installation: string, hash: Hash, restored: number): string[] =>
  Array.from({ length: restored }, (_, before) => before).flatMap((before) =>
    Array.from({ length: of.epoch + forgottenEpochs }, (_, epoch) =>
      keyOf({ ...of, epoch: epoch + 1 }, installation, hash, before),
    ),
  );

export interface KeyParts {
  readonly refund: RefundId;
  readonly leg: number;
  readonly epoch: number;
}

/** The form of our keys. Anything else that stands where one is expected is somebody's free text. */
export const hasKeyForm = (text: string): boolean => form.test(text);

const form = /^(rf_[0-9a-f]{20})-([1-9]\d?)-([1-9]\d?)-([0-9a-f]{8})$/;

/** The parts of a key that this installation made, in this restore epoch or one before; undefined for any other text. */
export function readKey(text: string, installation: string, hash: Hash, restored = 0): KeyParts | undefined {
  const match = form.exec(text);
  // Stryker disable next-line StringLiteral: another text would be no refund's id either
  const refund = parseRefundId(match?.[1] ?? '');
  // Stryker disable next-line ConditionalExpression,LogicalOperator: only what has the form has a refund's id; the types do not know
  if (match === null || refund === undefined) return undefined;
  const parts = { refund, leg: Number(match[2]), epoch: Number(match[3]) };
  for (let epoch = 0; epoch <= restored; epoch += 1)
    if (tag(parts, nameIn(installation, epoch), hash) === match[4]) return parts;
  return undefined;
}

/** A refund's id follows from its return and its number there: two workers that decide the same refund meet in one id (F36). */
export function refundIdOf(
  of: { merchant: MerchantId; connection: ConnectionName; return: string; number: number },
  hash: Hash,
): RefundId {
  return refundId(hash(JSON.stringify([of.merchant, of.connection, of.return, of.number])).slice(0, 20));
}

const tag = ({ refund, leg, epoch }: KeyParts, installation: string, hash: Hash) =>
  hash(JSON.stringify([installation, refund, leg, epoch])).slice(0, 8);

/**
 * What a shop's record of one of our refunds is recognised by, and its idempotency key there. Written into the record's note, so that
 * the shop can be asked whether it knows before it is told again.
 */
export const toldReference = (refund: RefundId, installation: string, hash: Hash): string =>
  `${refund}-told-${hash(JSON.stringify([installation, refund, 'told'])).slice(0, 8)}`;

const toldForm = /\brf_[0-9a-f]{20}-told-[0-9a-f]{8}\b/g;

/** Every text of that form in a note, whoever wrote it. */
export const toldReferencesIn = (note: string): string[] => note.match(toldForm) ?? [];

/** The refund such a reference is about; undefined where this installation did not make it. */
export function readToldReference(text: string, installation: string, hash: Hash): RefundId | undefined {
  const refund = parseRefundId(text.slice(0, 23));
  // Stryker disable next-line ConditionalExpression: what is answered where there is none is undefined too
  return refund !== undefined && toldReference(refund, installation, hash) === text ? refund : undefined;
}
