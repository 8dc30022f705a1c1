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
    // Webhooks are taken although somebody else in the account uses up what may run at once (F125): a hundred take 500/s in 0.2 s each.
    reserved: 100,
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
  const bounds = Promise.withResolvers<Bound[]>();
  const made = new sst.aws.ApiGatewayV2('Api', {
    cors: false,
    accessLog: { retention: '1 month' },
    transform: {
      stage: (stage) => {
        stage.defaultRouteSettings = { detailedMetricsEnabled: true, ...throttling };
        stage.routeSettings = $util.output(bounds.promise);
      },
    },
  });
  const tokens = made.addAuthorizer({
    name: 'Tokens',
    jwt: { issuer: settings.tokenIssuer, audiences: [settings.tokenAudience] },
  });
  const returns = made.route(routes.returns, receiveReturn.arn, { name: 'Returns' });
  const gateways = made.route(routes.gateways, receiveGateway.arn, { name: 'Gateways' });
  const auth = { jwt: { authorizer: tokens.id } };
  const peoples = made.route(routes.operator, operator.arn, { name: 'Operator', auth });
  bounds.resolve([bound(returns, throttling), bound(gateways, throttling), bound(peoples, people)]);
  return made;
}

type Bound = aws.types.input.apigatewayv2.StageRouteSetting;

/**
 * Names a route by what AWS made of it, so that the stage is made after it: a stage that names a route which is not there yet is
 * refused. What a route does not say is not taken from the stage's default.
 */
const bound = ({ nodes }: ReturnType<sst.aws.ApiGatewayV2['route']>, limits: typeof throttling): Bound => ({
  routeKey: nodes.route.routeKey,
  detailedMetricsEnabled: true,
  ...limits,
});
