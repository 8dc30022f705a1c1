import { readWork } from '../../lib/adapters/aws/work-message.ts';
import { velocity } from '../../lib/app/velocity.ts';
import { assessHandler } from '../assess.ts';
import { calling } from './calling.ts';
import { limitsIn, required } from './env.ts';
import { common, maxReceives } from './parts.ts';

const of = required(process.env, [
  'REDRESS_APPROVAL_LIMIT',
  'REDRESS_POLICY_VERSION',
  'REDRESS_HOURLY_LIMIT',
  'REDRESS_HOURLY_LIMIT_OF_ALL',
]);
const policy = { version: of.REDRESS_POLICY_VERSION, approvalLimit: of.REDRESS_APPROVAL_LIMIT };
const parts = common(process.env, 'assess');
const needs = { ...calling(process.env, parts), policy, velocity: velocity(parts, limitsIn(process.env)) };
export const handler = assessHandler(needs, { read: readWork, maxReceives }, needs.logger);
