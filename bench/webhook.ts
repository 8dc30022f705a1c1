import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { Secret } from '../lib/app/ports/connections.ts';
import { instant } from '../lib/domain/time.ts';

export interface Webhook {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A return of two lines, as shops send them: 700 bytes, signed now. `payment` is named by its id at the simulated gateway. */
export function returnWebhook(of: {
  readonly name: string;
  readonly payment: string;
  readonly secret: string;
}): Webhook {
  const line = (id: string, sku: string, price: string, tax: string) => ({
    id,
    sku,
    quantity: 1,
    price,
    tax,
    reason: 'size',
    condition: 'new',
  });
  const body = JSON.stringify({
    type: 'return.approved',
    data: {
      return: `RMA-${of.name}`,
      order: `order-${of.name}`,
      currency: 'EUR',
      payments: [{ connection: 'stripe-demo', reference: of.payment }],
      lines: [line('line-1', 'SKU-4711-M', '20.00', '4.00'), line('line-2', 'SKU-0815-L', '12.50', '2.50')],
      shipping: { amount: '5.00', tax: '1.00' },
      fees: [{ kind: 'restocking', amount: '2.00' }],
    },
  });
  const message = { secret: new Secret(of.secret), id: `msg_${of.name}`, at: instant(Date.now()) };
  return { body, headers: { host: 'bench.example', 'user-agent': 'bench', ...sign(body, message) } };
}

/** What one such return refunds, in minor units. */
export const returnAmountMinor = 4300;

/** The webhook as API Gateway (HTTP API, payload 2.0) hands it on. */
export const apiGatewayEvent = ({ body, headers }: Webhook, requestId: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: 'POST /webhooks/returns/{connection}',
  rawPath: '/webhooks/returns/generic-demo',
  rawQueryString: '',
  headers: { ...headers },
  pathParameters: { connection: 'generic-demo' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'bench.example',
    domainPrefix: 'bench',
    http: {
      method: 'POST',
      path: '/webhooks/returns/generic-demo',
      protocol: 'HTTP/1.1',
      sourceIp: '127.0.0.1',
      userAgent: 'bench',
    },
    requestId,
    routeKey: 'POST /webhooks/returns/{connection}',
    stage: '$default',
    time: '25/Nov/2026:08:00:00 +0000',
    timeEpoch: 1_795_000_000_000,
  },
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
});

/** A Lambda context with ten seconds left. */
export const lambdaContext = (name: string): Context => {
  const endsAt = performance.now() + 10_000;
  const refuse = () => {
    throw new Error('handlers return promises');
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    memoryLimitInMB: '256',
    awsRequestId: 'bench',
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'bench',
    getRemainingTimeInMillis: () => Math.max(0, endsAt - performance.now()),
    done: refuse,
    fail: refuse,
    succeed: refuse,
  };
};
