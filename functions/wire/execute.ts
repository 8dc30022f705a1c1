import { readWork } from '../../lib/adapters/aws/work-message.ts';
import { executeHandler } from '../execute.ts';
import { calling } from './calling.ts';
import { common, maxReceives } from './parts.ts';
import { queuesOf } from './queues.ts';

const needs = { ...calling(process.env, common(process.env, 'execute')), queues: queuesOf(process.env) };
export const handler = executeHandler(needs, { read: readWork, maxReceives }, needs.logger);
