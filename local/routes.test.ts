import { describe, expect, it } from 'vitest';
import { matcher } from './routes.ts';

const routes = [
  { route: 'ANY /v1/{proxy+}' },
  { route: 'POST /webhooks/returns/{connection}' },
  { route: 'ANY /webhooks/returns/{connection}' },
  { route: 'GET /v1/refunds/{id}' },
  { route: 'GET /v1/refunds/open' },
  { route: 'GET /healthz' },
];

describe('a route', () => {
  it.each([
    ['GET', '/healthz', 'GET /healthz', {}],
    ['POST', '/webhooks/returns/generic-demo', 'POST /webhooks/returns/{connection}', { connection: 'generic-demo' }],
    ['PUT', '/webhooks/returns/generic-demo', 'ANY /webhooks/returns/{connection}', { connection: 'generic-demo' }],
    ['GET', '/v1/refunds/open', 'GET /v1/refunds/open', {}],
    ['GET', '/v1/refunds/a%20b', 'GET /v1/refunds/{id}', { id: 'a b' }],
    ['GET', '/v1/refunds/rf_1/events', 'ANY /v1/{proxy+}', { proxy: 'refunds/rf_1/events' }],
    ['DELETE', '/v1/refunds/open', 'ANY /v1/{proxy+}', { proxy: 'refunds/open' }],
  ])('%s %s goes to the most specific pattern', (method, path, route, parameters) => {
    expect(matcher(routes).match(method, path)).toEqual({ route: { route }, parameters });
  });

  it.each([
    ['POST', '/healthz'],
    ['GET', '/healthz/'],
    ['GET', '/'],
    ['GET', '/v1'],
    ['GET', '/v1/'],
    ['POST', '/webhooks/returns/'],
    ['POST', '/webhooks/returns/a/b'],
    ['POST', '/webhooks/returns/%ff'],
  ])('%s %s matches none', (method, path) => {
    expect(matcher(routes).match(method, path)).toBeUndefined();
  });

  it('has a method and a path', () => {
    expect(() => matcher([{ route: '/healthz' }])).toThrow('not a route');
  });
});
