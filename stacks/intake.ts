/// <reference path="../.sst/platform/config.d.ts" />

import type { Shared } from './deploy.ts';
import { fn } from './function.ts';
import { encrypts } from './keys.ts';
import { readsSettings } from './secrets.ts';
import { appendsTo, writesState } from './tables.ts';

/** The two functions that webhooks come to. They hold no API credential, and can't decrypt what they have stored. */
export function intake(shared: Shared) {
  const of = {
    // A platform gives up after 5 to 10 seconds; what took longer comes again.
    timeoutSeconds: 10,
    environment: { ...shared.environment, ...shared.settingsEnvironment, ...shared.keyEnvironment },
    permissions: [
      ...appendsTo(shared.tables),
      ...writesState(shared.tables),
      ...readsSettings(shared.secrets),
      ...encrypts(shared.keys),
    ],
  };
  return { receiveReturn: fn('receive-return', of), receiveGateway: fn('receive-gateway', of) };
}

export interface Routes {
  readonly receiveReturn: sst.aws.Function;
  readonly receiveGateway: sst.aws.Function;
  readonly operator: sst.aws.Function;
}

/** Bounds of the whole API per second, beside those that the functions keep for each connection and merchant. */
const throttling = { throttlingRateLimit: 500, throttlingBurstLimit: 1000 };
const people = { throttlingRateLimit: 20, throttlingBurstLimit: 50 };

const routes = {
  returns: 'POST /webhooks/returns/{connection}',
  gateways: 'POST /webhooks/gateways/{connection}',
  operator: 'ANY /v1/{proxy+}',
};

/** One HTTP API: webhooks are authenticated by their signature, people and tools by their token, at the door and again inside. */
export function api({ receiveReturn, receiveGateway, operator }: Routes, { settings }: Shared) {
  const made = new sst.aws.ApiGatewayV2('Api', {
    cors: false,
    accessLog: { retention: '1 month' },
    transform: {
      stage: (stage) => {
        stage.defaultRouteSettings = { detailedMetricsEnabled: true, ...throttling };
        stage.routeSettings = [
          { routeKey: routes.returns, ...throttling },
          { routeKey: routes.gateways, ...throttling },
          { routeKey: routes.operator, ...people },
        ];
      },
    },
  });
  const tokens = made.addAuthorizer({
    name: 'Tokens',
    jwt: { issuer: settings.tokenIssuer, audiences: [settings.tokenAudience] },
  });
  made.route(routes.returns, receiveReturn.arn, { name: 'Returns' });
  made.route(routes.gateways, receiveGateway.arn, { name: 'Gateways' });
  made.route(routes.operator, operator.arn, { name: 'Operator', auth: { jwt: { authorizer: tokens.id } } });
  return made;
}
