import { second } from '../lib/domain/time.ts';
import type { Promised } from './promises.ts';

/** What holds where a credential is refused, a clock is wrong, or our own code can't get past something. */

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

export const ofOnCall: readonly Promised[] = [proofsAreNotAhead, timeGoesOn, credentialDecidesNothing, poisonRests];
