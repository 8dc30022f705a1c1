import type { Breaker } from '../domain/breaker.ts';
import type { Account } from './accounts.ts';
import type { Log } from './ports/log.ts';

/** What people hear of an account's breaker: that it opened, once until it closes again, and that it closed. */
export function tellChange(log: Log, { merchant, connection }: Account, before: Breaker, after: Breaker): void {
  if (before.turn === after.turn) return;
  const about = { merchant, connection };
  if (after.is === 'closed') log.note('breaker-closed', about);
  const earlier = before.is === 'closed' ? undefined : before.reason;
  if (after.is !== 'open' || earlier === after.reason) return;
  log.alarm(after.reason === 'credential' ? 'credential-refused' : 'breaker-opened', { ...about, code: after.reason });
}
