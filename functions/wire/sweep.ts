import { sweepHandler } from '../sweep.ts';
import { common } from './parts.ts';
import { queuesOf } from './queues.ts';

const needs = { ...common(process.env, 'sweep'), queues: queuesOf(process.env) };
export const handler = sweepHandler(needs, needs.logger);
