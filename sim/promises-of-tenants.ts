import { demo } from './connections.ts';
import type { Promised } from './promises.ts';
import type { Fact, Seen, SeenEntry } from './seen.ts';
import { surelyHanded } from './settings.ts';

/** What holds where more than one merchant is on an installation: what is one's own is nobody else's, at the doors and behind them. */

/** Names of connections that an entry is about. What a notice says is its sender's word, and may name anybody's. */
function connectionsIn({ events }: SeenEntry): string[] {
  return events
    .filter(({ type }) => !type.startsWith('notice.'))
    .flatMap((fact) => {
      const legs = Array.isArray(fact.legs) ? (fact.legs as Fact[]) : [];
      const from = fact.return as Fact | undefined;
      return [fact.connection, from?.connection, ...legs.map(({ connection }) => connection)];
    })
    .filter((name) => typeof name === 'string');
}

const isOwn = ({ tenant }: Seen, name: string): boolean =>
  name === tenant.shop || name === tenant.shopify || name === tenant.gateway;

/** Decides or sends through an account that settings have given to somebody else. A plan that was held is a person's to approve. */
function usesHanded({ tenant, knobs }: Seen, { at, actor, events }: SeenEntry): boolean {
  const { tenancy } = knobs;
  if (tenancy === undefined || tenant !== demo || !surelyHanded(tenancy, at)) return false;
  const decides = !actor.startsWith('person:') && events.some(({ type }) => type === 'refund.approved');
  return decides || events.some(({ type }) => type === 'leg.sending');
}

/** How much was approved for all merchants together, which names none of them. */
const ofAll = '*#velocity';

const tenantsApart: Promised = {
  name: 'tenants-apart',
  says: 'What is written for a merchant is in their own name, decided by their own people, and about their own shop and account; nobody decides about another one’s.',
  written: (seen, entry) => {
    const { stream, actor } = entry;
    if (!stream.startsWith(`${seen.tenant.merchant}#`)) return `${stream} is nobody's`;
    if (actor.startsWith('person:') && actor !== `person:${seen.tenant.person}`) return `${actor} writes to ${stream}`;
    const foreign = connectionsIn(entry).find((name) => !isOwn(seen, name));
    if (foreign !== undefined) return `${stream} is about ${foreign}`;
    return usesHanded(seen, entry) ? `${stream} goes on with an account that is a stranger's` : undefined;
  },
  stored: ({ tenant }, { pk }) =>
    String(pk).startsWith(`${tenant.merchant}#`) || pk === ofAll ? undefined : `${String(pk)} is nobody's`,
  atEnd: (_, { life }) => life.crossed[0],
};

const signedIsTaken: Promised = {
  name: 'signed-is-taken',
  says: 'What is signed under a secret that counts is taken in the end, also while secrets are rotated, and nothing that nobody can use stays in front of what comes after it.',
  atEnd: (_, { atDoors }) => {
    const [wrong] = atDoors.misjudged;
    if (wrong !== undefined) return `${wrong} was told that its signature does not hold`;
    const [left] = atDoors.waiting;
    return left && `${left[0]} was told ${left[1]}, and has not been taken`;
  },
};

const floodIsOnesOwn: Promised = {
  name: 'flood-is-ones-own',
  says: 'Who posts more than may come in is turned away with nothing recorded, and nobody else is.',
  atEnd: ({ streams }, { atDoors }) => {
    const recorded = [...atDoors.turnedAway].find((id) =>
      [...streams.keys()].some((stream) => stream.endsWith(`#${id}`)),
    );
    return recorded === undefined ? atDoors.wronglyFlooded[0] : `${recorded} was turned away, and is recorded`;
  },
};

const decidedUnderOnePolicy: Promised = {
  name: 'decided-under-one-policy',
  says: 'What was approved under a policy is not held against the limit of another one.',
  written: ({ streams }, { stream, events }) => {
    const against = events.some((fact) => fact.type.endsWith('.held') && String(fact.reasons).includes('over-limit'));
    const before = against ? (streams.get(stream) ?? []).flatMap((entry) => entry.events) : [];
    return before.some(({ type }) => type === 'refund.approved')
      ? `${stream} was approved, and is held against a limit`
      : undefined;
  },
};

export const ofTenants: readonly Promised[] = [tenantsApart, signedIsTaken, floodIsOnesOwn, decidedUnderOnePolicy];

/** What of that happened at all. */
export function* reachedByTenants({ knobs, streams }: Seen, begun: number): Generator<string> {
  const { tenancy } = knobs;
  if (tenancy === undefined) return;
  for (const entries of streams.values()) {
    const approved = entries.find(({ events }) => events.some(({ type }) => type === 'refund.approved'));
    const policy = approved?.events.find(({ type }) => type === 'refund.approved')?.policy;
    if (policy === 'simulated-2') yield 'decided by another policy';
    const late = entries.some(
      ({ at, events }) => at > begun + tenancy.policyAt && events.some(({ type }) => type === 'leg.sending'),
    );
    if (policy === 'simulated-1' && late) yield 'sent under an older policy';
  }
}
