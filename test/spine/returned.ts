/** What a shop posts, in as few words as a test needs. */
export interface Returned {
  readonly return: string;
  readonly order?: string;
  /** None where left out: then the order's payment is meant. */
  readonly payment?: string | readonly string[];
  /** The gateway connection the payments are named at. */
  readonly at?: string;
  readonly lines: readonly Line[];
  readonly fees?: readonly { readonly kind: string; readonly amount: string }[];
  readonly trigger?: 'approved' | 'received' | 'cancelled';
  readonly currency?: string;
}

export interface Line {
  readonly id: string;
  readonly quantity?: number;
  readonly price: string;
  readonly tax?: string;
}

export const line = (price: string, id = 'l1', quantity = 1): Line => ({ id, price, quantity });

/** One line of that price on that payment. */
export const returned = (
  name: string,
  price: string,
  payment?: string | readonly string[],
  more: Partial<Returned> = {},
): Returned => ({
  return: name,
  lines: [line(price)],
  ...(payment === undefined ? {} : { payment }),
  ...more,
});

/** As the `generic` source takes it. */
export function bodyOf(of: Returned, gateway: string): string {
  const connection = of.at ?? gateway;
  const payments = of.payment?.length && {
    payments: [of.payment].flat().map((reference) => ({ connection, reference })),
  };
  return JSON.stringify({
    type: `return.${of.trigger ?? 'approved'}`,
    data: {
      return: of.return,
      order: of.order ?? '1001',
      currency: of.currency ?? 'EUR',
      ...payments,
      lines: of.lines.map(({ id, quantity, price, tax }) => ({
        id,
        sku: 'sku',
        quantity: quantity ?? 1,
        price,
        tax: tax ?? '0',
        reason: 'size',
        condition: 'new',
      })),
      ...(of.fees && { fees: of.fees }),
    },
  });
}
