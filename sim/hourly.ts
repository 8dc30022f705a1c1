import type { VelocityLimits } from '../lib/app/velocity.ts';
import { minute } from '../lib/domain/time.ts';
import type { Chances } from './chance.ts';

/** How much the machine may approve in an hour, and a deployment whose policy approves whatever it sees. */
export interface Hourly extends VelocityLimits {
  /** Virtual milliseconds from the beginning. */
  readonly wrongPolicyAt: number;
}

/** The version of a policy that asks nobody about anything. */
export const wrongPolicy = { version: 'simulated-wrong', approvalLimit: '100000.00' } as const;

/** A life has a dozen refunds of some tens of euros at most, within two hours. */
export function hourlyOf(chance: Pick<Chances, 'fixed'>): Hourly | undefined {
  const is = (what: string) => chance.fixed(`hourly ${what}`);
  if (is('any') < 0.4) return undefined;
  const limit = (of: string) => ({
    refunds: 1 + Math.floor(is(`${of} refunds`) * 4),
    amount: is(`${of} amount`) < 0.5 ? '1000.00' : '75.00',
  });
  return {
    ofEach: is('of each') < 0.8 ? limit('each') : undefined,
    ofAll: is('of all') < 0.5 ? limit('all') : undefined,
    wrongPolicyAt: Math.floor(is('policy') * 30 * minute),
  };
}
