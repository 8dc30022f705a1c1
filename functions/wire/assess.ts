import { readWork } from '../../lib/adapters/aws/work-message.ts';
import { assessHandler } from '../assess.ts';
import { calling } from './calling.ts';
import { required } from './env.ts';
import { common, maxReceives } from './parts.ts';

const of = required(process.env, ['REDRESS_APPROVAL_LIMIT', 'REDRESS_POLICY_VERSION']);
const policy = { version: of.REDRESS_POLICY_VERSION, approvalLimit: of.REDRESS_APPROVAL_LIMIT };
const needs = { ...calling(process.env, common(process.env, 'assess')), policy };
export const handler = assessHandler(needs, { read: readWork, maxReceives }, needs.logger);
