import type { Context } from 'aws-lambda';

/** What a use case needs, and how long the invocation still lives that works on it. */
export const living = <N extends object>(
  needs: N,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): N & { readonly remainingMs: () => number } => ({
  ...needs,
  remainingMs: () => context.getRemainingTimeInMillis(),
});
