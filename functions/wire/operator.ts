import { dynamoBooks, manySegments } from '../../lib/adapters/aws/books-reader.ts';
import { openGateways } from '../../lib/adapters/gateways/open.ts';
import { tokenVerifier } from '../../lib/adapters/kit/tokens.ts';
import { readers } from '../../lib/adapters/readers.ts';
import { isAsked, openTended } from '../../lib/adapters/sources/open-tended.ts';
import { mostRecent, recentNotices } from '../../lib/app/recent.ts';
import { operatorHandler } from '../operator/index.ts';
import { connected } from './connected.ts';
import { credentialsOf } from './connections.ts';
import { required } from './env.ts';
import { common, tablesOf } from './parts.ts';
import { deadLettersOf, queuesOf } from './queues.ts';
import { sealerOf } from './sealing.ts';

const of = required(process.env, ['REDRESS_TOKEN_ISSUER', 'REDRESS_TOKEN_AUDIENCE', 'REDRESS_TOKEN_KEYS']);
const tokens = tokenVerifier({
  issuer: of.REDRESS_TOKEN_ISSUER,
  audience: of.REDRESS_TOKEN_AUDIENCE,
  keys: JSON.parse(of.REDRESS_TOKEN_KEYS),
});
const own = common(process.env, 'operator');
const credentials = credentialsOf(process.env);
const needs = {
  ...connected(process.env, own),
  books: dynamoBooks({ ...tablesOf(process.env), segments: manySegments }),
  vault: sealerOf(process.env),
  recent: recentNotices(mostRecent),
  credentials,
  readers,
  isAsked,
  gateways: openGateways(credentials, own),
  sources: openTended(credentials, own),
  tokens,
  queues: queuesOf(process.env),
  deadLetters: deadLettersOf(process.env),
};
export const handler = operatorHandler(needs, needs.logger);
