import { readWork } from '../../lib/adapters/aws/work-message.ts';
import { reconcileHandler } from '../reconcile.ts';
import { calling } from './calling.ts';
import { common, maxReceives } from './parts.ts';

const needs = calling(process.env, common(process.env, 'reconcile'));
export const handler = reconcileHandler(needs, { read: readWork, maxReceives }, needs.logger);
