import { relayHandler } from '../relay.ts';
import { common } from './parts.ts';
import { queuesOf } from './queues.ts';

const needs = { ...common(process.env, 'relay'), queues: queuesOf(process.env) };
export const handler = relayHandler(needs, needs.logger);
