import type { Connection, Credentials } from '../../app/ports/connections.ts';
import type { Tended } from '../../app/ports/source.ts';
import { type ClientWorld, openSource } from '../kit/open.ts';
import { sourcesTended } from './tended.ts';

/** The port `Tended` over its list. */
export const openTended = (credentials: Credentials, world: ClientWorld): Tended => ({
  open: (connection) => openSource(sourcesTended, connection, credentials, world),
});

/** Whether anything is ever asked of this connection: each gateway is, and a shop whose folder has a client. */
export const isAsked = ({ kind, platform }: Connection): boolean => kind === 'gateway' || sourcesTended.has(platform);
