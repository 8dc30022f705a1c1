import { readWork } from '../../lib/adapters/aws/work-message.ts';
import { notifyHandler } from '../notify.ts';
import { asking } from './asking.ts';
import { common, maxReceives } from './parts.ts';

const needs = asking(process.env, common(process.env, 'notify'));
export const handler = notifyHandler(needs, { read: readWork, maxReceives }, needs.logger);
