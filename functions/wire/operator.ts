import { tokenVerifier } from '../../lib/adapters/kit/tokens.ts';
import { operatorHandler } from '../operator/index.ts';
import { required } from './env.ts';
import { blindOf, common, connectionsOf } from './parts.ts';
import { deadLettersOf, queuesOf } from './queues.ts';

const of = required(process.env, ['REDRESS_TOKEN_ISSUER', 'REDRESS_TOKEN_AUDIENCE', 'REDRESS_TOKEN_KEYS']);
const tokens = tokenVerifier({
  issuer: of.REDRESS_TOKEN_ISSUER,
  audience: of.REDRESS_TOKEN_AUDIENCE,
  keys: JSON.parse(of.REDRESS_TOKEN_KEYS),
});
const connections = connectionsOf(process.env);
const needs = {
  ...common(process.env, 'operator'),
  connections,
  blind: blindOf(connections),
  tokens,
  queues: queuesOf(process.env),
  deadLetters: deadLettersOf(process.env),
};
export const handler = operatorHandler(needs, needs.logger);
