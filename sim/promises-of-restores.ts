import { anyHeldInDoubt } from './books.ts';
import { restoring } from './forgotten.ts';
import type { Promised } from './promises.ts';
import { legNameOf, live, type Seen } from './seen.ts';

/** What holds after the store was put back to an earlier instant: counted over all that was true, also what the store forgot. */

const nothingBeforeTheEnd: Promised = {
  name: 'nothing-before-the-end',
  says: 'From the instant at which tables are put back until their restore has ended, no right to send is given.',
  written: (seen, { stream, events }) =>
    restoring(seen) && events.some(({ type }) => type === 'leg.sending')
      ? `${stream} sends before the end of restore ${seen.forgotten.deployment}`
      : undefined,
};

const sendsInItsEpoch: Promised = {
  name: 'sends-in-its-epoch',
  says: 'The right to send is given only by a deployment that states the restore epoch that the journal has come to.',
  written: ({ forgotten }, { stream, events, deployment }) =>
    forgotten.journal !== deployment &&
    forgotten.journal === forgotten.deployment &&
    events.some(({ type }) => type === 'leg.sending')
      ? `${stream} sends in epoch ${deployment}, the journal is of ${forgotten.journal}`
      : undefined,
};

const forgottenKeysRest: Promised = {
  name: 'forgotten-keys-rest',
  says: 'A key that was used in a time that is forgotten is used for nothing else.',
  written: ({ forgotten }, { stream, events }) => {
    const again = events.find(({ type, key }) => type === 'leg.sending' && forgotten.keys.has(String(key)));
    return again && `${stream} uses ${String(again.key)} anew`;
  },
};

const paidOncePerReturn: Promised = {
  name: 'paid-once-per-return',
  says: 'No more than a return ever stated goes out for it, whichever of its refunds were forgotten.',
  asked: ({ forgotten: { deployment, returns, stated } }, _, refunds) => {
    if (deployment === 0) return undefined;
    const sums = new Map<string, bigint>();
    for (const { key, amountMinor } of live(refunds)) {
      const of = returns.get(legNameOf(key)?.split('/')[0] ?? '');
      if (of !== undefined) sums.set(of, (sums.get(of) ?? 0n) + BigInt(amountMinor));
    }
    const over = [...sums].find(([name, sum]) => sum > (stated.get(name) ?? 0n));
    return over && `${over[1]} went out for ${over[0]}, which states ${stated.get(over[0])}`;
  },
};

/** Refunds of ours at the gateway that no leg of the journal answers to. */
export const unclaimed = ({ refunds, books }: Seen) =>
  live(refunds).filter(({ id, key }) => {
    const [refund = '', number] = legNameOf(key)?.split('/') ?? [];
    if (number === undefined) return false;
    return !books.legsOf.get(refund)?.some((leg) => leg.theirs.has(id));
  });

const forgottenIsCounted: Promised = {
  name: 'forgotten-is-counted',
  says: 'A refund that was forgotten is a leg’s again or counts against its payment, whichever webhooks were lost.',
  atEnd: (seen) => {
    if (seen.forgotten.deployment === 0 || anyHeldInDoubt(seen.books)) return undefined;
    const made = unclaimed(seen).reduce((all, { amountMinor }) => all + BigInt(amountMinor), 0n);
    const counted = [...seen.books.payments.values()].reduce((all, { others }) => all + others, 0n);
    return made > counted ? `${made} of ours is no leg’s, and ${counted} is counted` : undefined;
  },
};

const restoresEnd: Promised = {
  name: 'restores-end',
  says: 'A restore whose operator goes on comes to its end, and sending with it.',
  atEnd: (seen) =>
    restoring(seen)
      ? `restore ${seen.forgotten.deployment} has not ended, the journal is of ${seen.forgotten.journal}`
      : undefined,
};

export const ofRestores: readonly Promised[] = [
  nothingBeforeTheEnd,
  sendsInItsEpoch,
  forgottenKeysRest,
  paidOncePerReturn,
  forgottenIsCounted,
  restoresEnd,
];
