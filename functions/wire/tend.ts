import type { Context } from 'aws-lambda';
import { openTended } from '../../lib/adapters/sources/open-tended.ts';
import { mostRecent, recentNotices } from '../../lib/app/recent.ts';
import { tendHandler } from '../tend.ts';
import { connected } from './connected.ts';
import { credentialsOf } from './connections.ts';
import { common } from './parts.ts';
import { sealerOf } from './sealing.ts';

const own = common(process.env, 'tend');
const needs = {
  ...connected(process.env, own),
  sources: openTended(credentialsOf(process.env), own),
  vault: sealerOf(process.env),
  recent: recentNotices(mostRecent),
};

/** Whose connections there are is in their secret, which may change between two runs. */
export const handler = async (event: unknown, context: Context) =>
  tendHandler({ ...needs, merchants: await needs.connections.merchants() }, needs.logger)(event, context);
