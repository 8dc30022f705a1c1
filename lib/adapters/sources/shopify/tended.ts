import type { OpenTended } from '../../kit/open.ts';
import { shopOf } from './graphql.ts';
import { tendingOf } from './tending.ts';

/** Of the shop that `client.ts` opens, only what its subscriptions need. */
export const open: OpenTended = (connection, credential, world) => {
  const tending = tendingOf(shopOf(connection, credential, world));
  return tending === undefined ? {} : { tending };
};
