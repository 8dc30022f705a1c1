import type { IncomingMessage } from 'node:http';
import { leadsHere } from '../lib/adapters/kit/base-url.ts';

/**
 * Whether a browser sends this for a page that is not ours. Any page may send to this machine, and one whose name was made to lead here
 * reads the answer as well; but a browser says whose page it is, and what name it asked for, and no page can change either.
 */
export function isFromAPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  const own = `http://${host}`;
  return !leadsHere(own) || (origin !== undefined && origin !== own) || !['none', 'same-origin'].includes(String(site));
}
