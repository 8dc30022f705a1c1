/** What mutants are planted in, and the tests that have to notice. No braces: Stryker's command line splits at commas. */
export interface Group {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

/**
 * By what they guard. Each has to reach the threshold by itself, and with the tests beside the code: `at-most-once.test.ts` and the spine would
 * notice most mutants, a second later each.
 */
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
  legs: {
    mutate: ['leg', 'held-leg', 'known', 'state'].map((name) => `lib/domain/refund/${name}.ts`),
    tests: ['lib/domain/refund/!(at-most-once).test.ts', 'lib/domain/payment.test.ts'],
  },
  decisions: {
    mutate: ['lib/domain/refund/decide.ts', 'lib/domain/refund/decision.ts', 'lib/domain/refund/learn.ts'],
    tests: ['lib/domain/refund/!(at-most-once).test.ts', 'lib/domain/payment.test.ts'],
  },
  steps: {
    mutate: ['lib/domain/refund/step.ts', 'lib/domain/refund/next.ts'],
    tests: ['lib/domain/refund/step.test.ts', 'lib/domain/refund/next.test.ts'],
  },
  told: {
    mutate: ['lib/domain/refund/tell.ts', 'lib/domain/refund/status.ts', 'lib/domain/refund/key.ts'],
    tests: ['lib/domain/refund/tell.test.ts', 'lib/domain/refund/status.test.ts', 'lib/domain/refund/key.test.ts'],
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
