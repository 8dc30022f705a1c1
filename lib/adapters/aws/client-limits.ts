/**
 * How long one call to AWS may take, for whoever creates a client: `new DynamoDBClient({ ...clientLimits() })`. Three attempts of
 * at most three seconds are less than the patience of any webhook sender; the SDK waits some hundred milliseconds between them.
 */
export function clientLimits(
  limits: { readonly connectMs?: number; readonly requestMs?: number; readonly attempts?: number } = {},
) {
  const { connectMs = 1000, requestMs = 3000, attempts = 3 } = limits;
  return {
    maxAttempts: attempts,
    // Without `throwOnRequestTimeout` the SDK only prints a warning when the time is over.
    requestHandler: { connectionTimeout: connectMs, requestTimeout: requestMs, throwOnRequestTimeout: true },
  };
}
