/** What mutants are planted in, by what it guards. Each group has to reach the threshold by itself. No braces: Stryker splits at commas. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  money: [
    'lib/domain/money.ts',
    'lib/domain/balance.ts',
    'lib/domain/payment.ts',
    'lib/adapters/gateways/*/money.ts',
    'lib/adapters/sources/*/money.ts',
  ],
  refund: ['lib/domain/refund/*.ts'],
  journal: ['lib/domain/chain.ts', 'lib/domain/json.ts', 'lib/app/journal.ts'],
  signatures: [
    'lib/adapters/kit/hmac.ts',
    'lib/adapters/gateways/*/verify.ts',
    'lib/adapters/sources/*/verify.ts',
    'lib/adapters/sources/*/secret.ts',
    'lib/app/verify-webhook.ts',
  ],
  pace: [
    'lib/domain/pace.ts',
    'lib/domain/breaker.ts',
    'lib/domain/tempo.ts',
    'lib/domain/turns.ts',
    'lib/app/retry.ts',
    'lib/app/starts.ts',
  ],
};
