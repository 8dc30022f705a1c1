/** What mutants are planted in, and the tests that have to notice. No braces: Stryker's command line splits at commas. */
export interface Group {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

/** By what they guard. Each has to reach the threshold by itself. */
export const groups: Readonly<Record<string, Group>> = {
  money: {
    mutate: [
      'lib/domain/money.ts',
      'lib/domain/balance.ts',
      'lib/domain/payment.ts',
      'lib/adapters/gateways/*/money.ts',
      'lib/adapters/sources/*/money.ts',
    ],
    tests: [
      'lib/domain/money.test.ts',
      'lib/domain/books.test.ts',
      'lib/domain/payment.test.ts',
      'lib/adapters/gateways/*/money.test.ts',
      'lib/adapters/sources/*/money.test.ts',
    ],
  },
  refund: {
    mutate: ['lib/domain/refund/*.ts'],
    // Without `at-most-once.test.ts`, which would notice most of them, a second later each.
    tests: ['lib/domain/refund/!(at-most-once).test.ts', 'lib/domain/payment.test.ts'],
  },
  journal: {
    mutate: ['lib/domain/chain.ts', 'lib/domain/json.ts', 'lib/app/journal.ts'],
    tests: ['lib/domain/chain.test.ts', 'lib/domain/json.test.ts', 'lib/app/journal.test.ts'],
  },
  signatures: {
    mutate: [
      'lib/adapters/kit/hmac.ts',
      'lib/adapters/gateways/*/verify.ts',
      'lib/adapters/sources/*/verify.ts',
      'lib/adapters/sources/*/secret.ts',
      'lib/app/verify-webhook.ts',
    ],
    tests: [
      'lib/adapters/kit/hmac.test.ts',
      'lib/adapters/gateways/*/verify.test.ts',
      'lib/adapters/gateways/stripe/stripe.test.ts',
      'lib/adapters/sources/*/verify.test.ts',
      'lib/adapters/sources/generic/generic.test.ts',
      'lib/adapters/sources/shopify/shopify.test.ts',
      'lib/app/verify-webhook.test.ts',
    ],
  },
  pace: {
    mutate: [
      'lib/domain/pace.ts',
      'lib/domain/breaker.ts',
      'lib/domain/tempo.ts',
      'lib/domain/turns.ts',
      'lib/app/retry.ts',
      'lib/app/starts.ts',
    ],
    tests: [
      'lib/domain/pace.test.ts',
      'lib/domain/breaker.test.ts',
      'lib/domain/time.test.ts',
      'lib/domain/turns.test.ts',
      'lib/app/retry.test.ts',
      'lib/app/starts.test.ts',
    ],
  },
};
