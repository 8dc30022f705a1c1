import type { Context } from 'aws-lambda';
import { mostRecent, recentNotices } from '../../lib/app/recent.ts';
import { tendHandler } from '../tend.ts';
import { asking } from './asking.ts';
import { common } from './parts.ts';
import { sealerOf } from './sealing.ts';

const needs = {
  ...asking(process.env, common(process.env, 'tend')),
  vault: sealerOf(process.env),
  recent: recentNotices(mostRecent),
};

/** Whose connections there are is in their secret, which may change between two runs. */
export const handler = async (event: unknown, context: Context) =>
  tendHandler({ ...needs, merchants: await needs.connections.merchants() }, needs.logger)(event, context);
