import { second } from '../lib/domain/time.ts';
import type { Promised } from './promises.ts';
import type { Fact, Seen, SeenEntry } from './seen.ts';

/** What holds where a credential is refused, a clock is wrong, our own code can't get past something, or a policy approves whatever it sees. */

/** Two clocks of which each is within this of the truth are as near to one another as the promise needs; and a second has no parts on a wire. */
const mostAhead = 31 * second;

const proofsAreNotAhead: Promised = {
  name: 'proofs-are-not-ahead',
  says: 'Nobody whose clock is ahead of the truth by more than the promise allows says that a gateway has nothing: it would prove it too early.',
  written: (_, { stream, events, at, writtenAt }) =>
    at > writtenAt + mostAhead && events.some(({ type }) => type === 'leg.absent')
      ? `${stream} has an absence that is dated ${at - writtenAt} ms ahead`
      : undefined,
};

const timeGoesOn: Promised = {
  name: 'time-goes-on',
  says: 'No right to send is dated before what led to it, by more than two clocks may be apart.',
  written: (seen, { stream, events, at }) => {
    if (!events.some(({ type }) => type === 'leg.sending')) return undefined;
    const before = seen.streams.get(stream)?.at(-1)?.at ?? at;
    const most = seen.knobs.tempo.skewMs;
    return before - at > most ? `${stream} sends ${before - at} ms before the entry that it follows` : undefined;
  },
};

/** What a gateway says to whoever it does not let in (401, 403). */
const refusals: ReadonlySet<unknown> = new Set(['unauthorized', 'forbidden']);

const credentialDecidesNothing: Promised = {
  name: 'credential-decides-nothing',
  says: 'A credential that is refused says nothing about a refund: none is refused for it, and none is put in doubt.',
  written: (_, { stream, events }) => {
    const wrong = events.find(
      ({ type, code, refusal }) =>
        (type === 'leg.refused' && refusals.has(code)) || (type === 'leg.unknown' && refusals.has(refusal)),
    );
    return wrong && `${stream} has ${wrong.type} because of a credential`;
  },
};

/**
 * The sweep asks anew every few seconds until the first message has been tried five times, each of these messages is tried as often, and people
 * move all of them back from the dead letters, some times: hundreds. Whoever never sets aside comes to thousands within hours.
 */
const mostTries = 2000;

const poisonRests: Promised = {
  name: 'poison-rests',
  says: 'What our own code can’t get past is tried some times and then rests, in front of a person.',
  tried: (stream, times) => (times > mostTries ? `${stream} was tried ${times} times` : undefined),
};

/** What is counted within this of an hour's end may be counted as the next one's: clocks differ, and a function takes its time. */
const hourMs = 60 * 60 * second;
const edgeMs = 3 * 60 * second;

/** The hour in which an approval was counted for certain, by the clock of whoever made it; undefined at its edges. */
const hourOf = (at: number): number | undefined =>
  at % hourMs >= edgeMs && at % hourMs < hourMs - edgeMs ? Math.floor(at / hourMs) : undefined;

/** Minor units that an entry approves with nobody having looked at the refund; undefined where it approves nothing, or a person had a part in it. */
function approvedByMachine(seen: Seen, { stream, events, actor }: SeenEntry): bigint | undefined {
  const approved = events.find(({ type }) => type === 'refund.approved');
  if (approved === undefined || actor.startsWith('person:')) return undefined;
  const before = (seen.streams.get(stream) ?? []).flatMap((entry) => entry.events);
  if (before.some(({ type }) => type === 'refund.resumed')) return undefined;
  return (approved.legs as Fact[]).reduce((sum, { amountMinor }) => sum + BigInt(String(amountMinor)), 0n);
}

const noFasterThanItsLimit: Promised = {
  name: 'no-faster-than-its-limit',
  says: 'The machine approves no more refunds in an hour, and no more money, than the hourly limits say, whatever its policy is; what is beyond waits for a person.',
  written: (seen, entry) => {
    const { hourly, clocks } = seen.knobs;
    const hour = hourOf(entry.at);
    // Whose clock is wrong counts in another hour than the others do.
    if (hourly === undefined || hour === undefined || (clocks?.wrong.length ?? 0) > 0) return undefined;
    const own = approvedByMachine(seen, entry);
    if (own === undefined) return undefined;
    const sums = [own];
    for (const [stream, entries] of seen.streams)
      for (const [n, one] of entries.entries()) {
        const before = { ...seen, streams: new Map([[stream, entries.slice(0, n)]]) };
        const sum = hourOf(one.at) === hour ? approvedByMachine(before, one) : undefined;
        if (sum !== undefined) sums.push(sum);
      }
    const whole = sums.reduce((all, one) => all + one, 0n);
    for (const limit of [hourly.ofEach, hourly.ofAll])
      if (limit !== undefined && (sums.length > limit.refunds || whole > BigInt(limit.amount.replace('.', ''))))
        return `${entry.stream} is refund ${sums.length} of its hour, ${whole} in all, of ${limit.refunds} and ${limit.amount}`;
    return undefined;
  },
};

export const ofOnCall: readonly Promised[] = [
  proofsAreNotAhead,
  timeGoesOn,
  credentialDecidesNothing,
  poisonRests,
  noFasterThanItsLimit,
];
