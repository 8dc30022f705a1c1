import { type Currency, print } from '../../lib/domain/money.ts';
import type { Play } from './play.ts';
import type { Story } from './story.ts';

export interface Money {
  readonly refunds: number;
  readonly amountMinor: number;
}

export interface Compared {
  readonly story: string;
  /** What the gateway really did. */
  readonly gateway: Money;
  /** What our journal says. */
  readonly journal: Money;
  readonly agree: boolean;
  /** Where they do not agree: why. */
  readonly problem?: string;
}

const paid = new Set(['refunded', 'pending']);

/** The gateway's truth beside the journal, and both beside what the story promised. */
export async function compare(story: Story, play: Play, failure: string | undefined): Promise<Compared> {
  const truth = await play.truth();
  const legs = (await play.journal()).flatMap((refund) => (refund.legs ?? []).filter((leg) => paid.has(leg.state)));
  const gateway = { refunds: truth.length, amountMinor: sum(truth) };
  const journal = { refunds: legs.length, amountMinor: sum(legs) };
  const captured = sum(play.payments);
  const problem =
    failure ??
    (differ(gateway, journal) ? 'the gateway and the journal disagree' : undefined) ??
    (gateway.amountMinor > captured ? 'more was refunded than captured' : undefined) ??
    (differ(gateway, story.expected) ? 'something else happened than the story promises' : undefined);
  return {
    story: story.name,
    gateway,
    journal,
    agree: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
  };
}

const sum = (parts: readonly { readonly amountMinor: number }[]) =>
  parts.reduce((all, part) => all + part.amountMinor, 0);
const differ = (a: Money, b: Money) => a.refunds !== b.refunds || a.amountMinor !== b.amountMinor;

export const words = ({ refunds, amountMinor }: Money): string =>
  refunds === 0
    ? 'no refund'
    : `${refunds} refund${refunds === 1 ? '' : 's'}, ${print({ amountMinor: BigInt(amountMinor), currency: 'EUR' as Currency })}`;
