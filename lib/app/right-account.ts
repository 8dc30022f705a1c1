import { backoff } from '../domain/tempo.ts';
import type { Heard } from './account-gate.ts';
import { attempt, heardOfRead, spareMs } from './gateway-call.ts';
import type { Gateway, Identified } from './ports/gateway.ts';
import { type Acted, type ExecuteNeeds, holdIfTooLong, holdLeg, type Turn, wait } from './turn.ts';

/** Opened gateways that said to be the account their connection states. Of one environment, in memory; only what was confirmed. */
export type ConfirmedAccounts = Pick<WeakSet<Gateway>, 'has' | 'add'>;

/**
 * Before the first request that moves money through an opened gateway: does the credential lead to the account that the connection
 * states in `settings.accountId`? A credential of another account would pay with somebody else's money, where a payment of that name
 * exists, and would be believed to have nothing where it does not (F83). Undefined: go on. Asked once per environment, connection and
 * credential, not per refund; nothing is asked where no account is stated. It goes under the pass of the refund, whose gate is told what
 * came of it: a credential that is refused here is refused there too.
 */
export async function checkAccount(
  needs: ExecuteNeeds,
  turn: Turn,
  tell: (heard: Heard) => void,
): Promise<Acted | undefined> {
  const { gateway, connection, leg, loaded, author } = turn;
  const stated = connection.settings.accountId;
  if (stated === undefined || needs.confirmed.has(gateway)) return undefined;
  const limitMs = needs.tempo.gatewayLimitMs;
  if (spareMs(needs) < 0) return 'busy';
  const about = { correlation: author.correlation, connection, refund: loaded.id, leg: leg.leg };
  const identified = await attempt<Identified>(needs, 'identify', about, async () =>
    gateway.identify === undefined ? { is: 'cannot-tell', why: 'no-such-verb' } : gateway.identify({ limitMs }),
  );
  tell(heardOfRead(identified));
  if (identified.is === 'account' && identified.id === stated) return void needs.confirmed.add(gateway);
  if (identified.is === 'account') return holdLeg(needs, turn, ['wrong-account']);
  // Nothing is sent on a guess; for as long as anybody should wait for an answer, and then a person must see it.
  return (await holdIfTooLong(needs, turn)) ?? wait(needs, turn, (tries) => backoff(needs.tempo.askAgainMs, tries));
}
