import { defineConfig } from 'vitest/config';

/** What mutants are judged by: tests of milliseconds beside the code. No engine is started and nothing listens on a port. */
export default defineConfig({
  test: {
    exclude: ['lib/app/account-gate.test.ts', 'lib/app/sweep.test.ts', 'lib/domain/return-withdraw.test.ts'],
    maxWorkers: 1,
    include: [
      'lib/domain/**/*.test.ts',
      'lib/app/**/*.test.ts',
      'lib/adapters/kit/{random,hmac}.test.ts',
      'lib/adapters/{gateways,sources}/*/{verify,money}.test.ts',
    ],
  },
});
