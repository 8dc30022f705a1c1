/** A message waits in whole seconds, at most 15 minutes: SQS's limit (DelaySeconds 900). Below zero is at once. */
export const delaySeconds = (delayMs: number): number => Math.min(Math.max(Math.ceil(delayMs / 1000), 0), 900);
