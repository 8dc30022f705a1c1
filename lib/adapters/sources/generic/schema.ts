import * as z from 'zod/mini';

/** Spelt so that it means the same to readers of the schema with and without Unicode patterns. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const noControl = /^[^\u0000-\u001f\u007f-\u009f]*$/;

/**
 * The body of a webhook in our own format. Unknown fields are let pass at the top, where Standard Webhooks has its own, and
 * refused inside `data`: a misspelt `fee` must not become a refund without it. Published as `schema.json`, which is made from this.
 */
const text = (longest: number) =>
  z.string().check(z.minLength(1), z.maxLength(longest), z.regex(noControl, 'has a control character'));

/** Fewer decimals than the currency has are fine; whether there are too many is seen when it is known. */
const amount = z
  .string()
  .check(
    z.regex(
      /^(?:0|[1-9]\d{0,14})(?:\.\d{1,4})?$/,
      'is not a decimal string such as "12.30" (no sign, exponent or comma)',
    ),
  );
/** What is worth nothing is left out: a zero here is more often a slip than a gift. */
const positive = z
  .string()
  .check(
    z.regex(
      /^(?!0(?:\.0+)?$)(?:0|[1-9]\d{0,14})(?:\.\d{1,4})?$/,
      'is not a decimal string above zero such as "12.30" (no sign, exponent or comma)',
    ),
  );

const line = z.strictObject({
  /** The shop's id of the order line; one entry per line. */
  id: text(100),
  /** How many of it have come back, all told. */
  quantity: z.int().check(z.minimum(1), z.maximum(1_000_000)),
  /** For the whole line, without tax. */
  price: positive,
  /** For the whole line, on top of the price. */
  tax: z.optional(amount),
  sku: z.optional(text(200)),
  reason: z.optional(text(500)),
  condition: z.optional(text(200)),
});

const data = z.strictObject({
  return: text(100),
  order: text(100),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'is not three upper-case letters')),
  /** In the order in which they are to be used. */
  payments: z.optional(
    z
      .array(
        z.strictObject({
          connection: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not the name of a connection')),
          reference: text(255),
        }),
      )
      .check(z.maxLength(10)),
  ),
  lines: z.array(line).check(z.maxLength(1000)),
  shipping: z.optional(z.strictObject({ amount, tax: z.optional(amount) })),
  fees: z.optional(
    z
      .array(
        z.strictObject({
          kind: z.string().check(z.regex(/^[a-z][a-z0-9_-]{0,39}$/, 'is not lower-case letters, digits, - and _')),
          amount: positive,
        }),
      )
      .check(z.maxLength(20)),
  ),
});

export const types = ['return.approved', 'return.received', 'return.cancelled'] as const;

export const body = z.looseObject({ type: z.enum(types), data });

export type Body = z.infer<typeof body>;

/** The published form: JSON Schema, draft 2020-12. */
export const jsonSchema = (): object => ({
  title: 'A return, as a cumulative snapshot',
  description:
    'The cumulative state of one return. The refund is the sum of price and tax over the lines, plus shipping and its tax, minus fees, never below zero. Delivered as a Standard Webhook.',
  ...z.toJSONSchema(body, { io: 'input', target: 'draft-2020-12' }),
});
