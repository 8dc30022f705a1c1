import { minute } from '../lib/domain/time.ts';
import { chances } from './chance.ts';
import { type Flow, flowKnobs } from './flows.ts';
import { capturedMinor, emptyLife } from './life.ts';
import { faultName, plannedFaults } from './planned.ts';
import { allPromises } from './promises.ts';
import { type Broken, watchedWorld } from './watched.ts';

/** The death of a process: before it asks the world outside for something, when that is done, and when it has been told. */
export const deaths = ['kill-before', 'kill-after', 'kill-after-reply'] as const;

/** What asks and changes nothing: by the first word after who asks. */
const questions = /^\S+ (?:entries|get|index|secrets|vault|look|find)\b/;

/** Around a question the world is the same, whenever the process dies: it had not asked yet, or nobody heard the answer. */
const tellsApart = (place: string): boolean => {
  const [kind = '', site = ''] = place.split(' at ');
  return kind === 'kill-before' || !questions.test(site);
};

export interface Lived {
  readonly broken: Broken | undefined;
  /** Every place to die in this life. */
  readonly places: readonly string[];
  readonly struck: readonly string[];
  readonly facts: ReadonlySet<string>;
}

/** A flow lived through with these deaths in it. */
export async function liveThrough(flow: Flow, plan: readonly string[]): Promise<Lived> {
  const faults = plannedFaults(new Set(plan), flow.always ?? (() => undefined));
  const { w, seen, broken, until, end } = watchedWorld(
    { seed: 'crashes', profile: 'calm', knobs: flowKnobs, faults },
    allPromises,
  );
  const life = emptyLife();
  const payment = { id: 'pi_canary1', amountMinor: capturedMinor, currency: 'EUR', order: 'order-1' };
  const seeded = w.account.simulator.seedPayment(payment, w.time.now());
  if (seeded.is === 'seeded') w.account.emit(seeded.webhooks);
  flow.play(w, life);
  await until(5 * minute);
  faults.stop();
  w.queues.redrive();
  await until(40 * minute);
  await end(life);
  return {
    broken: broken(),
    places: faults.met.flatMap((met) =>
      deaths.filter((kind) => met.kinds.includes(kind)).map((kind) => faultName(kind, met)),
    ),
    struck: faults.struck,
    facts: new Set([...seen.streams.values()].flat().flatMap(({ events }) => events.map(({ type }) => type))),
  };
}

export interface Enumerated {
  readonly flow: string;
  /** How many there are to die in, and how many were died in. */
  readonly places: number;
  readonly lived: number;
  readonly pairs: number;
  readonly broken: readonly { readonly plan: readonly string[]; readonly broken: Broken }[];
}

/** So many pairs of all there are, chosen by `seed`; and around a question one death, or all three. */
export interface Sample {
  readonly pairs: number;
  readonly aroundQuestions: 'one' | 'all';
  readonly seed: string;
}

/**
 * All deaths of a flow that leave different worlds, each by itself, and ordered pairs: the second is one that the life with the first of them came by, since what is done
 * after a death is in no flow that anybody wrote.
 */
export async function enumerate(flow: Flow, sample: Sample): Promise<Enumerated> {
  const { places } = await liveThrough(flow, []);
  const chance = chances(`${sample.seed} ${flow.name}`);
  const broken: { plan: readonly string[]; broken: Broken }[] = [];
  const lived = async (plan: readonly string[]): Promise<Lived> => {
    const one = await liveThrough(flow, plan);
    if (one.broken !== undefined) broken.push({ plan, broken: one.broken });
    return one;
  };
  const alone = sample.aroundQuestions === 'all' ? places : places.filter(tellsApart);
  for (const place of alone) await lived([place]);
  for (let pair = 0; pair < sample.pairs; pair += 1) {
    const first = places[chance.between('first', 0, places.length - 1)] ?? '';
    const once = await lived([first]);
    const after = once.places.slice(once.places.indexOf(first) + 1);
    const second = after[chance.between('second', 0, after.length - 1)];
    if (second !== undefined) await lived([first, second]);
  }
  return { flow: flow.name, places: places.length, lived: alone.length, pairs: sample.pairs, broken };
}
