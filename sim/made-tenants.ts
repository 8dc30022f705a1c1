import { hour, minute } from '../lib/domain/time.ts';
import { chances } from './chance.ts';
import { neighbour } from './connections.ts';
import { byPerson, knobs, later, payment, type Step, stream, told, wrote } from './made-history.ts';
import { approved, captured, held, legHeld, released, requested, sending } from './made-history-facts.ts';
import { tenancyOf } from './settings.ts';

/** Histories by which promises about merchants and their doors break, and the same mended. */

const paid = wrote(payment, captured());
const promised = wrote(stream(), approved(4000n));
const notice = 'demo#notice#generic-demo#msg_1';
const atDoors =
  (tell: (past: Parameters<Step>[0]['atDoors']) => void): Step =>
  (past) =>
    tell(past.atDoors);
const by =
  (actor: string, step: Step): Step =>
  (past) => {
    past.actor = actor;
    step(past);
    past.actor = 'hand';
  };
const stop = wrote('demo#control', { type: 'control.sending-stopped', v: 1, reason: '' });
const resume = wrote('demo#control', { type: 'control.sending-resumed', v: 1, reason: '' });

/** A leg that is to be paid from the other merchant's account. */
const abroad: Step = (past) => {
  const { legs, ...plan } = approved(4000n);
  past.write(stream(), [{ ...plan, legs: legs.map((leg) => ({ ...leg, connection: neighbour.gateway })) }]);
};
/** A refund of a return of the other merchant's shop. */
const fromAbroad: Step = (past) => {
  const of = requested(notice) as Extract<ReturnType<typeof requested>, { type: 'refund.requested' }>;
  past.write(stream(), [{ ...of, return: { ...of.return, connection: neighbour.shop } }]);
};
/** For an hour settings say that the account is a stranger's. */
const handed: Step = ({ watched: { seen } }) =>
  void Object.assign(seen, { knobs: { ...knobs, tenancy: { ...tenancy, handed: { from: 0, to: hour } } } });
const tenancy = tenancyOf(chances('made by hand'), hour);
const noticed = wrote(notice, { type: 'notice.cancelling', v: 1 });

export const tenantHistories = {
  'tenants-apart': [
    {
      when: 'something stands under a name that is nobody’s',
      bad: [(past: Parameters<Step>[0]) => past.watched.stored({ pk: 'nobody#return#generic-demo#RMA-1' })],
      mended: [(past: Parameters<Step>[0]) => past.watched.stored({ pk: 'demo#return#generic-demo#RMA-1' })],
    },
    {
      when: 'somebody else’s person decides',
      bad: [by(`person:${neighbour.person}`, stop), resume],
      mended: [byPerson(stop), resume],
    },
    { when: 'a leg is planned at somebody else’s account', bad: [paid, abroad], mended: [paid, promised] },
    {
      when: 'a refund is of somebody else’s return',
      bad: [paid, fromAbroad],
      mended: [paid, wrote(stream(), requested(notice))],
    },
    {
      when: 'a leg is sent through an account that settings have given away',
      bad: [paid, promised, handed, later(20 * minute), wrote(stream(), sending())],
      mended: [paid, promised, handed, later(90 * minute), wrote(stream(), sending())],
    },
    {
      when: 'it is decided on an account that settings have given away',
      bad: [paid, handed, later(20 * minute), promised],
      mended: [paid, handed, wrote(stream(), held('other-shop')), later(20 * minute), byPerson(promised)],
    },
    {
      when: 'somebody’s refund was denied by another merchant’s person',
      bad: [told((life) => life.crossed.push('ben denied what is not theirs'))],
      mended: [],
    },
  ],
  'signed-is-taken': [
    {
      when: 'a message still waits',
      bad: [atDoors(({ waiting }) => waiting.set('evt_1', 'bad-request'))],
      mended: [atDoors(({ taken }) => taken.add('evt_1'))],
    },
    {
      when: 'a signature that holds was said not to',
      bad: [atDoors(({ misjudged }) => misjudged.push('evt_1'))],
      mended: [],
    },
  ],
  'flood-is-ones-own': [
    {
      when: 'who does not flood is told that they do',
      bad: [atDoors(({ wronglyFlooded }) => wronglyFlooded.push('msg_1 was told that it floods'))],
      mended: [],
    },
    {
      when: 'what was turned away is recorded',
      bad: [noticed, atDoors(({ turnedAway }) => turnedAway.add('msg_1'))],
      mended: [noticed, atDoors(({ turnedAway }) => turnedAway.add('msg_2'))],
    },
  ],
  'decided-under-one-policy': [
    {
      when: 'a leg of an approved refund is held against a limit',
      bad: [paid, promised, wrote(stream(), { ...legHeld, reasons: ['over-limit'] } as typeof legHeld)],
      mended: [paid, promised, wrote(stream(), legHeld, released), wrote(stream(), sending())],
    },
    {
      when: 'it goes back to a person for its amount',
      bad: [paid, promised, later(1), wrote(stream(), held('over-limit'))],
      mended: [paid, wrote(stream(), held('over-limit')), later(1), promised],
    },
  ],
};
