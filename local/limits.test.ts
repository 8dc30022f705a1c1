import { describe, expect, it } from 'vitest';
import { embedded } from '../lib/domain/tempo.ts';
import { second } from '../lib/domain/time.ts';
import { visibilitySeconds } from './aws.ts';
import { workerTimeoutMs } from './stack.ts';

describe('the limits of the embedded run', () => {
  it('F69 hide a message for at least six times as long as its function may run', () => {
    expect(visibilitySeconds * second).toBeGreaterThanOrEqual(6 * workerTimeoutMs);
  });

  it('F69 give up no lease while the function that took it may still run: it took it after it began', () => {
    expect(embedded.leaseMs).toBeGreaterThanOrEqual(workerTimeoutMs);
  });

  it('F87 leave a function the time to wait for its turn, to ask and to record the answer', () => {
    const { latestStartMs, gatewayLimitMs, gateWaitMs } = embedded;
    expect(workerTimeoutMs).toBeGreaterThanOrEqual(gateWaitMs + latestStartMs + gatewayLimitMs + second);
  });
});
