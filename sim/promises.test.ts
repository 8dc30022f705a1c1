import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Event } from '../lib/domain/events.ts';
import { canaries } from './connections.ts';
import {
  asksAbout,
  begun,
  brokenBy,
  byPerson,
  goneBack,
  head,
  key,
  knobs,
  later,
  lived,
  logged,
  moves,
  payment,
  point,
  refund,
  request,
  type Step,
  shopSays,
  shows,
  spoiled,
  stating,
  stored,
  stream,
  struck,
  theirs,
  threw,
  told,
  wrote,
} from './made-history.ts';
import {
  absent,
  accepted,
  after,
  approved,
  cancelled,
  captured,
  closed,
  confirmed,
  connection,
  deferred,
  failed,
  held,
  legHeld,
  lost,
  refused,
  released,
  renewed,
  requested,
  sending,
  stated,
  surplus,
  unknown,
} from './made-history-facts.ts';
import { tenantHistories } from './made-tenants.ts';
import { aheadBy, hourlyHistories, triedInVain } from './made-troubles.ts';
import { gone, truly } from './made-truth.ts';
import { allPromises } from './promises.ts';

/** One way in which a promise breaks, and the same history with that one thing mended. */
interface Made {
  readonly when: string;
  readonly bad: readonly Step[];
  readonly mended: readonly Step[];
}

const paid = wrote(payment, captured());
const promised = wrote(stream(), approved(4000n));
const says = (...events: Event[]): Step => wrote(stream(), ...events);
const sends = says(sending());
/** A refund of 40.00 of 100.00 that went as it should. */
const refunded = [paid, promised, sends, request(key(), theirs('re_1')), says(accepted('re_1'))];
/** Another refund of the same payment, which a person said yes to. */
const second =
  (amountMinor: bigint): Step =>
  (past) => {
    past.write(stream(2), [held('over-limit')]);
    past.write(stream(2), [approved(amountMinor)]);
  };
const shown = { status: 'held', history: 3, bundled: 3, attempts: 1, gatewayRefunds: ['re_1'] };
const notice = 'demo#notice#generic-demo#msg_1';
const noticed = wrote(notice, { type: 'notice.cancelling', v: 1 });
const control = (type: 'stopped' | 'resumed'): Step =>
  wrote('demo#control', { type: `control.sending-${type}`, v: 1, reason: '' });
const account = (type: 'stopped' | 'resumed'): Step =>
  wrote('demo#control', { type: `control.account-${type}`, v: 1, connection, reason: '' });
/** Any refund of this name is one that we did not ask for. */
const unaskedFor = truly({ unasked: ['re_2'] });
/** A success fails later, and is in front of a person. */
const fails = moves(theirs('re_1', 'failed'));
const failsHeld = says(failed('re_1'), legHeld);
/** The gateway made two of one request: a person compares them. */
const besideTwo = [
  ...[paid, promised, sends, request(key(), theirs('re_1')), says(accepted('re_1', 'pending')), account('stopped')],
  says(surplus('re_2', 1000n), { ...legHeld, reasons: ['two-refunds'] } as Event),
];
const forged = told((life) => life.forged.push('attack 1 was recorded'));
const toldRecorded = told((life) => life.accepted.push({ name: 'RMA-1', deliveryId: 'msg_1' }));
const adopted = (amountMinor: bigint): Step =>
  wrote(payment, { type: 'payment.refund-adopted', v: 1, theirs: 'blind-1', amountMinor });
const disputeOpened: Event = { type: 'payment.dispute-opened', v: 1, theirs: 'blind-d', kind: 'formal' };
const disputeWon: Event = { type: 'payment.dispute-won', v: 1, theirs: 'blind-d' };
const warned: Event = { type: 'payment.fraud-warned', v: 1, theirs: 'blind-w', actionable: false };
const disputeLost: Event = { type: 'payment.dispute-lost', v: 1, theirs: 'blind-d', amountMinor: 1000n };

const sendsSecond = wrote(stream(2), sending(key(0, 2)));
const twoLegs = says(approved(4000n, 1000n));
/** A refund of another payment is sent. */
const elsewhere: Step = (past) => {
  const { legs, ...plan } = approved(5000n);
  past.write(stream(2), [{ ...plan, legs: legs.map((leg) => ({ ...leg, payment: 'pay_2' as typeof leg.payment })) }]);
  sendsSecond(past);
};

const settled: Extract<Event, { type: 'notice.settled' }> = { type: 'notice.settled', v: 1, outcome: 'nothing-owed' };
const telling: Event = { type: 'refund.telling', v: 1, attempt: 1, reference: reference(), amountMinor: 4000n };
const proof = knobs.lateArrivalMs;
const tooLate = says({ type: 'refund.cancel-refused', v: 1, reason: 'already-sent' });
const disputedLeg = says({ ...legHeld, reasons: ['payment-disputed'] } as Event);
/** Somebody else takes 40.00 while a refund is held, and it is a while until anybody looks. */
const elsewhereMeanwhile = [later(1), adopted(4000n), moves(theirs('re_1', 'succeeded', null)), later(180_000)];
/** A return of this much, and what is taken from its payment by somebody else. */
const denies = (amountMinor: bigint): Step =>
  says(requested(notice, 'RMA-1', amountMinor), { type: 'refund.denied', v: 1, reasons: ['exceeds-capture'] });
const stranger = (status: 'pending' | 'succeeded'): Step =>
  moves({ ...theirs('re_1', status, null, 9000), payment: 'pi_canary1' });

const restoreEnds = wrote('demo#control', { type: 'control.restore-ended', v: 1, restored: 1, reason: '' });

/** A return of 40.00 was paid, that is forgotten, and it was decided anew under another number. */
function forgottenOfReturn(): Step[] {
  return [
    ...[paid, wrote(notice, stated(4000n)), point, says(requested(notice)), ...refunded.slice(1)],
    ...[goneBack, adopted(4000n), restoreEnds, wrote(stream(2), requested(notice)), wrote(stream(2), approved(4000n))],
  ];
}

/** Leaves a state in which this leg is closed to senders. */
const closing: readonly (readonly [what: string, Step[], mended: Step[]])[] = [
  ['was accepted', [request(key(), theirs('re_1')), says(accepted('re_1'))], []],
  ['was refused', [says(refused)], [says(released)]],
  ['failed', [request(key(), theirs('re_1', 'failed')), says(failed('re_1'))], [says(released)]],
  ['is held', [says(legHeld)], [says(released)]],
  ['was closed', [says(closed)], [says(released)]],
  [
    'was lost',
    [request(key(), theirs('re_1', 'failed')), says(accepted('re_1')), says(legHeld, lost('re_1'))],
    [says(released)],
  ],
];

/** The balance that a payment of 100.00 must have in the end; each of its numbers is a way to be wrong. */
const balance = { captured: 10_000n, available: 10_000n, refunded: 0n, chargedBack: 0n, disputes: 0n };
const balances: readonly (readonly [what: string, steps: readonly Step[], right: Partial<typeof balance>])[] = [
  ['nothing happened', [paid], {}],
  ['two captures', [wrote(payment, captured(9000n), captured(1000n))], {}],
  ['a promise', [paid, promised], { available: 6000n }],
  ['two legs', [paid, wrote(stream(), approved(4000n, 1000n))], { available: 5000n }],
  ['a cancelled promise', [paid, promised, says(cancelled)], {}],
  ['a request without an answer', [paid, promised, sends], { available: 6000n }],
  ['a success', refunded, { available: 6000n, refunded: 4000n }],
  [
    'a pending refund',
    [paid, promised, sends, request(key(), theirs('re_1', 'pending')), says(accepted('re_1', 'pending'))],
    { available: 6000n },
  ],
  ['a refusal', [paid, promised, sends, says(refused)], {}],
  [
    'a success after a refusal',
    [paid, promised, sends, says(refused), request(key(), theirs('re_1')), says(accepted('re_1'))],
    { available: 6000n, refunded: 4000n },
  ],
  ['a late failure', [...refunded, fails, failsHeld], {}],
  ['a late failure that is tried again', [...refunded, fails, failsHeld, says(released)], { available: 6000n }],
  ['a refund that is gone', [...refunded, fails, says(lost('re_1'), legHeld), says(closed)], { available: 6000n }],
  ['a closed leg that nobody sent', [paid, promised, says(closed)], {}],
  ['a closed leg in doubt', [paid, promised, sends, says(unknown(), closed)], { available: 6000n }],
  ['a closed leg that was turned away', [paid, promised, sends, says(deferred, closed)], {}],
  [
    'a closed leg that was turned away after a doubt',
    [paid, promised, sends, says(unknown()), sends, says(deferred, closed)],
    { available: 6000n },
  ],
  [
    'a closed leg whose refusal is ambiguous',
    [paid, promised, sends, says(deferred, unknown('ambiguous-refusal'), closed)],
    {},
  ],
  [
    'a closed leg with proof of nothing',
    [paid, promised, sends, says(unknown()), later(proof), ...proved(), says(closed)],
    {},
  ],
  ['a closed leg that is refunded', [...refunded, says(closed)], { available: 6000n, refunded: 4000n }],
  [
    'a refund of more than was asked for',
    [paid, promised, sends, request(key(), theirs('re_1')), says(confirmed('re_1', 4500n))],
    { available: 5500n, refunded: 4500n },
  ],
  [
    'a refund of less than was asked for',
    [paid, promised, sends, request(key(), theirs('re_1')), says(confirmed('re_1', 3500n))],
    { available: 6000n, refunded: 3500n },
  ],
  [
    'a second refund',
    [...refunded, account('stopped'), says(surplus('re_2', 1000n))],
    { available: 5000n, refunded: 5000n },
  ],
  [
    'a second refund that failed',
    [
      ...refunded,
      account('stopped'),
      says(surplus('re_2', 1000n), { type: 'leg.surplus-failed', v: 1, leg: 1, theirs: 're_2', amountMinor: 1000n }),
    ],
    { available: 6000n, refunded: 4000n },
  ],
  [
    "another's refund",
    [paid, adopted(4000n), moves(theirs('re_1', 'succeeded', null))],
    { available: 6000n, refunded: 4000n },
  ],
  [
    "another's refund that failed",
    [
      paid,
      adopted(4000n),
      wrote(payment, { type: 'payment.adoption-reversed', v: 1, theirs: 'blind-1', amountMinor: 4000n }),
    ],
    {},
  ],
  ['an open dispute', [paid, wrote(payment, disputeOpened), struck('webhook-lost #1')], { disputes: 1n }],
  ['a dispute that was won', [paid, wrote(payment, disputeOpened, disputeWon)], {}],
  [
    'a dispute that was lost',
    [paid, wrote(payment, disputeOpened, disputeLost)],
    { available: 9000n, chargedBack: 1000n },
  ],
];

/** Two proofs that the first request did and will do nothing, and a new key. */
function proved(): Step[] {
  return [says(absent(after(proof))), says(absent(after(proof))), says(renewed)];
}

const histories: Readonly<Record<string, readonly Made[]>> = {
  'one-refund-per-leg': [
    {
      when: 'a leg has two refunds, under two keys',
      bad: [...refunded, moves(theirs('re_2', 'pending', key(1))), account('stopped'), says(surplus('re_2'))],
      mended: [...refunded, moves(theirs('re_2', 'failed', key(1)))],
    },
  ],
  'never-more-than-captured': [
    {
      when: 'the gateway took more from a payment than was captured',
      bad: twiceSixty([failsHeld], [moves(theirs('re_1', 'failed', key(), 6000))]),
      mended: twiceSixty([moves(theirs('re_1', 'failed', key(), 6000)), failsHeld], []),
    },
    {
      when: 'the gateway took more than was captured until then',
      bad: [...refunded, truly({ captured: 3999 }), moves(theirs('re_1')), truly({ captured: 10_000 })],
      mended: [...refunded, truly({ captured: 4000 }), moves(theirs('re_1')), truly({ captured: 10_000 })],
    },
    {
      when: 'two refunds are promised from what is enough for one',
      bad: [paid, promised, second(6001n)],
      mended: [paid, promised, second(6000n)],
    },
    {
      when: 'a refund is promised from what others took out',
      bad: [paid, adopted(4000n), moves(theirs('re_1', 'succeeded', null)), second(6001n)],
      mended: [paid, adopted(4000n), moves(theirs('re_1', 'succeeded', null)), second(6000n)],
    },
    { when: 'a refund is promised from a payment that nobody knows', bad: [promised], mended: [paid, promised] },
  ],
  'asked-as-approved': [
    {
      when: 'the gateway has a cent more than was approved',
      bad: [paid, promised, sends, request(key(), theirs('re_1', 'succeeded', key(), 4001)), says(accepted('re_1'))],
      mended: refunded,
    },
    {
      when: 'the gateway has a refund for a leg that nobody approved',
      bad: [...refunded, moves(theirs('re_2', 'failed', key(0, 1, 2)))],
      mended: refunded,
    },
  ],
  'only-with-the-right': [
    {
      when: 'a request has no right',
      bad: [paid, promised, request(key())],
      mended: [paid, promised, sends, request(key())],
    },
    {
      when: 'a request is repeated under one right',
      bad: [paid, promised, sends, request(key()), says(unknown()), request(key())],
      mended: [paid, promised, sends, request(key()), says(unknown()), sends, request(key())],
    },
  ],
  'right-when-allowed': [
    {
      when: 'sending is stopped',
      bad: [paid, promised, control('stopped'), sends],
      mended: [paid, promised, control('stopped'), control('resumed'), sends],
    },
    {
      when: 'its account is stopped',
      bad: [paid, promised, account('stopped'), sends],
      mended: [paid, promised, account('stopped'), account('resumed'), sends],
    },
    {
      when: 'another sender has the right',
      bad: [paid, promised, sends, sends],
      mended: [paid, promised, sends, says(unknown()), sends],
    },
    ...closing.map(([what, steps, opened]) => ({
      when: `the leg ${what}`,
      bad: [paid, promised, sends, ...steps, sends],
      mended: [paid, promised, sends, ...steps, ...(opened.length > 0 ? [...opened, sends] : [])],
    })),
    {
      when: 'the refund is cancelled',
      bad: [paid, promised, says(cancelled), sends],
      mended: [paid, promised, sends, says(unknown()), tooLate, says(legHeld), byPerson(says(released)), sends],
    },
  ],
  'people-decide': [
    {
      when: 'more than the limit is approved and nobody was asked',
      bad: [paid, wrote(stream(), approved(5501n))],
      mended: [paid, wrote(stream(), approved(5500n))],
    },
    {
      when: 'it was held for another reason',
      bad: [paid, wrote(stream(), held('return-changed')), wrote(stream(), approved(3000n, 3000n))],
      mended: [paid, wrote(stream(), held('return-changed', 'over-limit')), wrote(stream(), approved(3000n, 3000n))],
    },
  ],
  'same-key-in-its-window': [
    {
      when: 'a key is used so late that it may arrive after its window',
      bad: [paid, promised, sends, says(unknown()), later(knobs.keyWindowMs - proof), sends],
      mended: [paid, promised, sends, says(unknown()), later(knobs.keyWindowMs - proof - 1), sends],
    },
    {
      when: 'there is a new key after one proof',
      bad: [paid, promised, sends, says(unknown()), later(proof), says(absent(after(proof))), says(renewed)],
      mended: [paid, promised, sends, says(unknown()), later(proof), ...proved()],
    },
    {
      when: 'a proof is from before the request could have arrived',
      bad: [paid, promised, sends, later(proof), says(absent(after(proof - 1)), absent(after(proof))), says(renewed)],
      mended: [paid, promised, sends, later(proof), says(absent(after(proof)), absent(after(proof))), says(renewed)],
    },
    {
      when: 'a proof is from before the last request',
      bad: [
        paid,
        promised,
        says(absent(after(9 * proof))),
        later(1),
        sends,
        later(proof),
        says(absent(after(9 * proof))),
        says(renewed),
      ],
      mended: [
        paid,
        promised,
        later(1),
        sends,
        later(proof),
        says(absent(after(9 * proof)), absent(after(9 * proof))),
        says(renewed),
      ],
    },
  ],
  'turned-away-did-nothing': [
    {
      when: 'a request that made a refund is called turned away',
      bad: [paid, promised, sends, request(key(), theirs('re_1')), says(deferred, accepted('re_1'))],
      mended: [
        ...[paid, promised, sends, says(unknown()), sends],
        ...[request(key(), theirs('re_1')), says(deferred, accepted('re_1'))],
      ],
    },
    {
      when: 'it is, and nobody else used its key',
      bad: [paid, promised, sends, moves(theirs('re_2')), says(deferred, accepted('re_2'))],
      mended: [paid, promised, sends, unaskedFor, moves(theirs('re_2')), says(deferred, accepted('re_2'))],
    },
  ],
  'nothing-before-the-end': [
    {
      when: 'restored tables send before they were reconciled',
      bad: [paid, promised, point, goneBack, sends, restoreEnds],
      mended: [paid, promised, point, goneBack, restoreEnds, sends],
    },
  ],
  'sends-in-its-epoch': [
    {
      when: 'a deployment sends that states no restore epoch',
      bad: [paid, promised, point, goneBack, restoreEnds, stating(0), sends],
      mended: [paid, promised, point, goneBack, restoreEnds, stating(0), stating(1), sends],
    },
  ],
  'forgotten-keys-rest': [
    {
      when: 'a key is used again that was used in a time that is forgotten',
      bad: [paid, promised, point, sends, goneBack, restoreEnds, sends],
      mended: [paid, promised, point, sends, goneBack, restoreEnds, says(sending(key(9)))],
    },
  ],
  'paid-once-per-return': [
    {
      when: 'a return is paid again under another number, since its refund was forgotten',
      bad: [
        ...[...forgottenOfReturn(), sendsSecond],
        ...[request(key(0, 2), theirs('re_2', 'succeeded', key(0, 2))), wrote(stream(2), accepted('re_2'))],
      ],
      mended: [...forgottenOfReturn(), sendsSecond],
    },
  ],
  'forgotten-is-counted': [
    {
      when: 'a refund that was forgotten is counted nowhere',
      bad: [paid, point, ...refunded.slice(1), goneBack, restoreEnds, struck('webhook-lost #1')],
      mended: [paid, point, ...refunded.slice(1), goneBack, adopted(4000n), restoreEnds, struck('webhook-lost #1')],
    },
  ],
  'restores-end': [
    { when: 'a restore never ends', bad: [paid, point, goneBack], mended: [paid, point, goneBack, restoreEnds] },
  ],
  'chain-unbroken': [
    {
      when: 'an entry is missing',
      bad: [paid, spoiled((item) => ({ ...item, sk: 3n }), payment, warned)],
      mended: [paid, wrote(payment, warned)],
    },
    {
      when: 'an entry names another before it',
      bad: [paid, spoiled(withPrevious('another'), payment, warned)],
      mended: [paid, wrote(payment, warned)],
    },
    {
      when: 'an entry has the digest of another text',
      bad: [spoiled((item) => ({ ...item, digest: '0'.repeat(64) }), payment, captured())],
      mended: [paid],
    },
  ],
  'nothing-in-clear': [
    {
      when: 'the name of a payment stands in the journal',
      bad: [paid, promised, sends, says({ ...refused, code: 'of pi_canary1' } as Event)],
      mended: [paid, promised, sends, says(refused)],
    },
    ...canaries.map((canary, n) => ({
      when: `secret ${n + 1} stands in the store`,
      bad: [stored({ pk: 'demo#a', text: `see ${canary}.` })],
      mended: [stored({ pk: 'demo#a', text: 'see.', count: 1n })],
    })),
    ...['pi_canary3', ...canaries].map((canary, n) => ({
      when: `secret ${n} stands in the log`,
      bad: [logged({ is: 'note', code: canary as 'work-done', about: {} })],
      mended: [logged({ is: 'note', code: 'work-done', about: {} })],
    })),
  ],
  'one-at-a-time': [
    {
      when: 'another refund of the payment has no answer',
      bad: [paid, promised, sends, second(5000n), sendsSecond],
      mended: [paid, promised, sends, second(5000n), says(deferred), sendsSecond],
    },
    {
      when: 'another leg of the same refund is in doubt',
      bad: [paid, twoLegs, sends, says(unknown()), says(sending(key(0, 1, 2), { leg: 2 }))],
      mended: [paid, twoLegs, sends, says(unknown(), closed), says(sending(key(0, 1, 2), { leg: 2 }))],
    },
    {
      when: 'another leg that a person must decide on has no answer',
      bad: [paid, promised, sends, says(unknown(), legHeld), second(5000n), sendsSecond],
      mended: [paid, promised, sends, says(unknown(), legHeld), wrote('demo#payment#pay_2', captured()), elsewhere],
    },
  ],
  'frozen-while-disputed': [
    {
      when: 'its payment is disputed',
      bad: [paid, promised, wrote(payment, disputeOpened), struck('webhook-lost #1'), sends],
      mended: [paid, promised, wrote(payment, disputeOpened, disputeWon), sends],
    },
    {
      when: 'its payment is overdrawn',
      bad: [paid, promised, adopted(6001n), moves(theirs('re_1', 'succeeded', null, 6001)), sends],
      mended: [paid, promised, adopted(6000n), moves(theirs('re_1', 'succeeded', null, 6000)), sends],
    },
  ],
  'bank-agrees': [
    { when: 'a capture is counted twice', bad: [wrote(payment, captured(), captured())], mended: [paid] },
    {
      when: 'a part that was captured counts twice',
      bad: [truly({ captured: 9000 }), wrote(payment, captured(6000n), captured(6000n)), struck('webhook-lost #1')],
      mended: [truly({ captured: 9000 }), wrote(payment, captured(6000n), captured(3000n))],
    },
    {
      when: 'a part that was captured is not counted, and all news came',
      bad: [truly({ captured: 9000 }), wrote(payment, captured(6000n))],
      mended: [truly({ captured: 9000 }), wrote(payment, captured(6000n)), struck('webhook-lost #1')],
    },
    {
      when: 'a dispute never ends',
      bad: [paid, wrote(payment, disputeOpened)],
      mended: [paid, wrote(payment, disputeOpened, disputeWon)],
    },
    {
      when: 'a dispute never ends, and all news came',
      bad: [paid, wrote(payment, disputeOpened), struck('webhook-late #1')],
      mended: [paid, wrote(payment, disputeOpened), struck('webhook-lost #1')],
    },
    {
      when: 'a dispute ends twice',
      bad: [paid, wrote(payment, disputeOpened, disputeWon, disputeWon)],
      mended: [paid, wrote(payment, disputeOpened, disputeWon)],
    },
  ],
  'stated-is-promised': [
    {
      when: 'what a return states is promised twice',
      bad: [wrote(notice, stated(4000n)), says(requested(notice)), wrote(stream(2), requested(notice))],
      mended: [wrote(notice, stated(4000n)), says(requested(notice)), wrote(stream(2), requested(notice), cancelled)],
    },
    {
      when: 'a return is promised less than it states',
      bad: [wrote(notice, stated(4000n)), says(requested(notice, 'RMA-1', 3999n))],
      mended: [wrote(notice, stated(3999n)), says(requested(notice, 'RMA-1', 3999n))],
    },
    {
      when: 'a return that was not taken back is promised nothing',
      bad: [wrote(notice, stated(4000n)), wrote(`${notice}2`, stated(4000n, 'cancelled', 'RMA-2'))],
      mended: [wrote(notice, stated(4000n)), wrote(`${notice}2`, stated(4000n, 'cancelled'))],
    },
    {
      when: 'a return whose notice was not put aside is promised nothing',
      bad: [wrote(notice, stated(4000n), settled)],
      mended: [wrote(notice, stated(4000n), { ...settled, outcome: 'quarantined' })],
    },
    {
      when: 'a return states the same sum again and is promised nothing',
      bad: [wrote(notice, stated(4000n)), wrote(`${notice}2`, stated(4000n))],
      mended: [wrote(notice, stated(4000n)), wrote(`${notice}2`, stated(4500n))],
    },
  ],
  'heads-follow': [
    { when: 'a head is behind', bad: [paid, head(payment, { version: 0n })], mended: [paid] },
    { when: 'a head has another digest', bad: [paid, head(payment, { digest: 'another' })], mended: [paid] },
  ],
  'nothing-forgotten': [
    { when: 'a notice lies about', bad: [noticed, head(notice, { status: 'due' })], mended: [noticed] },
    {
      when: 'a refund is under way for ever',
      bad: [paid, promised, head(stream(), { status: 'approved' })],
      mended: [paid, promised],
    },
    {
      when: 'nobody is reminded of a refund that is held',
      bad: [paid, spoiledHead()],
      mended: [paid, promised],
    },
  ],
  'accepted-is-kept': [
    { when: 'what was accepted is nowhere', bad: [toldRecorded], mended: [wrote(notice, settled), toldRecorded] },
    {
      when: 'what was accepted led to nothing',
      bad: [noticed, toldRecorded],
      mended: [noticed, toldRecorded, says(requested(notice))],
    },
  ],
  'truth-agrees': [
    {
      when: 'the journal does not know of a refund',
      bad: [paid, promised, moves(theirs('re_1'))],
      mended: [paid, promised, moves(theirs('re_1')), says(accepted('re_1'))],
    },
    {
      when: 'a refund that nobody could say anything of is not known to exist, though our code can get past it',
      bad: [paid, promised, sends, says(unknown(), legHeld, closed), moves(theirs('re_1'))],
      mended: [
        paid,
        promised,
        sends,
        says(unknown(), legHeld, closed),
        moves(theirs('re_1')),
        struck(`poisoned for ever ${stream()}`),
      ],
    },
    {
      when: 'what was forgotten waits for a person for another reason than that its return was cancelled before it was compared',
      bad: [paid, point, ...refunded.slice(1), goneBack, adopted(4000n), restoreEnds, promised, says(legHeld)],
      mended: [
        ...[paid, point, ...refunded.slice(1), goneBack, adopted(4000n), restoreEnds, promised],
        says({ ...legHeld, reasons: ['return-cancelled'] } as typeof legHeld),
      ],
    },
    {
      when: 'the journal calls a refund failed that lives',
      bad: [...refunded, failsHeld],
      mended: [...refunded, fails, failsHeld],
    },
    {
      when: 'the journal calls a refund lost that its gateway has again',
      bad: [...refunded, gone('re_1'), says(lost('re_1'), legHeld), moves(theirs('re_1'))],
      mended: [...refunded, gone('re_1'), says(lost('re_1'), legHeld), moves(theirs('re_1', 'failed'))],
    },
    {
      when: 'the journal still waits for what has succeeded',
      bad: [paid, promised, sends, request(key(), theirs('re_1')), says(accepted('re_1', 'pending'))],
      mended: [
        paid,
        promised,
        sends,
        request(key(), theirs('re_1')),
        says(accepted('re_1', 'pending'), accepted('re_1')),
      ],
    },
    {
      when: 'the journal calls a refund done that failed',
      bad: [...refunded, moves(theirs('re_1', 'canceled'))],
      mended: refunded,
    },
  ],
  'books-agree': [
    ...balances.flatMap(([what, steps, right]) =>
      Object.keys(balance).map((name) => {
        const all = { ...balance, ...right };
        const wrong = { ...all, [name]: all[name as keyof typeof all] + 1n };
        return {
          when: `after ${what}, ${name} is one cent off`,
          bad: [...steps, head(payment, wrong)],
          mended: [...steps, head(payment, all)],
        };
      }),
    ),
  ],
  'strangers-counted': [
    {
      when: "another's refund is not counted",
      bad: [paid, moves(theirs('re_1', 'succeeded', null))],
      mended: [paid, moves(theirs('re_1', 'succeeded', null)), adopted(4000n)],
    },
    { when: 'a refund is counted that nobody made', bad: [paid, adopted(4000n)], mended: [paid] },
    {
      when: 'it failed, was told to have failed, and is counted still',
      bad: [paid, moves(theirs('re_1', 'failed', null)), adopted(4000n)],
      mended: [paid, moves(theirs('re_1', 'failed', null)), adopted(4000n), truly({ untold: ['re_1'] })],
    },
    {
      when: "another's refund is not counted, and all news of it came",
      bad: [paid, moves(theirs('re_1', 'pending', 'a key of theirs'))],
      mended: [paid, moves(theirs('re_1', 'pending', 'a key of theirs')), struck('webhook-lost #1')],
    },
  ],
  'shown-as-it-is': [
    { when: 'the audit finds something', bad: [paid, shows({ found: ['it is'] })], mended: [paid] },
    { when: 'an account stays closed', bad: [paid, shows({ closed: ['stripe-demo'] })], mended: [paid] },
    { when: 'a refund is in no list', bad: [...refunded, shows({ listed: [] })], mended: refunded },
    { when: 'a refund is not shown', bad: [...refunded, shows({ refunds: new Map() })], mended: refunded },
    ...(
      [
        ['with another status', { status: 'refunded' }],
        ['without an entry of its history', { history: 2 }],
        ['without an entry of its evidence', { bundled: 2 }],
        ['without its request', { attempts: 0 }],
        ['without its refund at the gateway', { gatewayRefunds: [] }],
        ['with a refund more at the gateway', { gatewayRefunds: ['re_1', 're_2'] }],
      ] as const
    ).map(([what, wrong]) => ({
      when: `a refund is shown ${what}`,
      bad: [...refunded, shows({ refunds: new Map([[refund(), { ...shown, ...wrong }]]) })],
      mended: [...refunded, shows({ refunds: new Map([[refund(), shown]]) })],
    })),
    {
      when: 'a notice that was put aside is in no list',
      bad: [wrote(notice, { ...settled, outcome: 'quarantined' }), shows({ aside: [] })],
      mended: [wrote(notice, { ...settled, outcome: 'quarantined' })],
    },
    {
      when: 'a notice that nobody can read is in no list',
      bad: [wrote(notice, { ...stated(4000n), kind: 'unknown', content: { about: 'unknown' } })],
      mended: [
        wrote(notice, { ...stated(4000n), kind: 'unknown', content: { about: 'unknown' } }),
        shows({ aside: [notice] }),
      ],
    },
    {
      when: 'a notice that was taken up again is listed as put aside',
      bad: [wrote(notice, { ...settled, outcome: 'quarantined' }, { type: 'notice.replayed', v: 1, kind: 'return' })],
      mended: [
        wrote(notice, { ...settled, outcome: 'quarantined' }, { type: 'notice.replayed', v: 1, kind: 'return' }),
        shows({ aside: [] }),
      ],
    },
  ],
  'done-is-not-due': [
    {
      when: 'a notice that is done with is put off',
      bad: [stored({ pk: notice, status: 'done', dueAt: '1' })],
      mended: [stored({ pk: notice, status: 'done' }), stored({ pk: notice, status: 'new', dueAt: '1' })],
    },
  ],
  'told-once': [
    {
      when: 'a shop has two records with one reference',
      bad: [shopSays(`by us, ${reference()}`, `by us, ${reference()}`)],
      mended: [shopSays(`by us, ${reference()}`, `by us, ${reference(2)}`, 'by hand', 'by hand')],
    },
  ],
  'told-when-back': [
    {
      when: 'a shop is told before the gateway took it',
      bad: [paid, promised, says(telling), sends, request(key(), theirs('re_1')), says(accepted('re_1'))],
      mended: [...refunded, says(telling)],
    },
  ],
  'shop-is-served': [
    {
      when: 'less was asked for than a shop owes',
      bad: [shopSays(), owes(4000)],
      mended: [shopSays(), owes(4000), wrote(notice, stated(4000n)), asksFor(4000n)],
    },
    {
      when: 'less was asked for, and another order’s return is in front of a person',
      bad: [shopSays(), returnedIn(1002, 13), owes(4000), wrote(notice, missed(13)), shows({ aside: [notice] })],
      mended: [shopSays(), returnedIn(1001, 13), owes(4000), wrote(notice, missed(13)), shows({ aside: [notice] })],
    },
    {
      when: 'less was asked for, and a webhook that came for it too early was put aside for another reason',
      bad: [
        shopSays(),
        returnedIn(1001, 13),
        owes(4000),
        wrote(notice, hinted(13), tooEarly('rate')),
        shows({ aside: [notice] }),
      ],
      mended: [
        shopSays(),
        returnedIn(1001, 13),
        owes(4000),
        wrote(notice, hinted(13), tooEarly('return-absent')),
        shows({ aside: [notice] }),
      ],
    },
    {
      when: 'more was asked for than a shop owes',
      bad: [shopSays(), owes(4000), wrote(notice, stated(4001n)), asksFor(4001n)],
      mended: [owes(4000), wrote(notice, stated(4001n)), asksFor(4001n)],
    },
    {
      when: 'more went out than a shop owes',
      bad: [
        ...refunded.slice(0, 3),
        request(key(), { ...theirs('re_1'), payment: 'pi_canary1' }),
        says(accepted('re_1')),
        shopSays(),
      ],
      mended: [...refunded, shopSays()],
    },
  ],
  'taken-back-waits': [
    {
      when: 'a leg is sent that the gateway had answered "not now" before its return was taken back',
      bad: [paid, promised, sends, says(deferred), tooLate, sends],
      mended: [paid, promised, sends, says(unknown()), tooLate, says(legHeld), byPerson(says(released)), sends],
    },
    {
      when: 'its return was taken back before the gateway answered "not now"',
      bad: [paid, promised, sends, tooLate, says(deferred), sends],
      mended: [paid, promised, sends, tooLate, says(deferred, legHeld), byPerson(says(released)), sends],
    },
    {
      when: 'another leg of the refund was not sent yet',
      bad: [...[paid, twoLegs, sends, request(key(), theirs('re_1')), says(accepted('re_1'))], tooLate, sendsOther()],
      mended: [paid, twoLegs, sends, request(key(), theirs('re_1')), says(accepted('re_1')), sendsOther()],
    },
    {
      when: 'nothing but the end of a dispute let it go on',
      bad: [paid, promised, sends, says(deferred), disputedLeg, tooLate, says(released), sends],
      mended: [paid, promised, sends, says(deferred), disputedLeg, tooLate, byPerson(says(released)), sends],
    },
    {
      when: 'a person let it go on before it was taken back',
      bad: [paid, promised, sends, says(deferred, legHeld), byPerson(says(released)), tooLate, sends],
      mended: [paid, promised, sends, says(deferred, legHeld), tooLate, byPerson(says(released)), sends],
    },
    {
      when: 'it was in doubt when it was taken back, and nothing of it is there',
      bad: [paid, promised, sends, says(unknown()), tooLate, later(proof), ...proved(), sendsAnew()],
      mended: [paid, promised, sends, says(unknown()), later(proof), ...proved(), sendsAnew()],
    },
  ],
  'shown-before-a-yes': [
    {
      when: 'a plan is approved and somebody else refunded on its payment meanwhile',
      bad: [paid, says(held('over-limit')), ...elsewhereMeanwhile, byPerson(says(approved(6000n)))],
      mended: [
        ...[paid, says(held('over-limit')), ...elsewhereMeanwhile, says(held('over-limit', 'refunded-elsewhere'))],
        ...[later(1), byPerson(says(approved(6000n)))],
      ],
    },
    {
      when: 'a held leg goes on and somebody else refunded on its payment meanwhile',
      bad: [paid, promised, says(legHeld), ...elsewhereMeanwhile, byPerson(says(released))],
      mended: [paid, promised, says(legHeld), ...elsewhereMeanwhile, says(released)],
    },
    {
      when: 'what somebody else refunded was not given back',
      bad: [paid, promised, says(legHeld), ...elsewhereMeanwhile, byPerson(says(released))],
      mended: [paid, promised, says(legHeld), ...elsewhereMeanwhile, ...givenBack(), byPerson(says(released))],
    },
  ],
  'shown-before-it-is-sent': [
    {
      when: 'it was approved, and somebody else refunded on its payment meanwhile',
      bad: [paid, promised, ...elsewhereMeanwhile, sends],
      mended: [paid, ...elsewhereMeanwhile, promised, sends],
    },
    {
      when: 'whoever approved it had a clock that was ahead',
      bad: [paid, aheadBy(50_000), promised, aheadBy(0), ...elsewhereMeanwhile, sends],
      mended: [paid, ...elsewhereMeanwhile, aheadBy(50_000), promised, aheadBy(0), sends],
    },
    {
      when: 'it waited for a person, who saw no plan',
      bad: [paid, says(held('payment-not-found')), ...elsewhereMeanwhile, promised, sends],
      mended: [
        ...[paid, says(held('payment-not-found')), ...elsewhereMeanwhile, says(held('refunded-elsewhere'))],
        ...[later(1), promised, sends],
      ],
    },
    {
      when: 'it was held for something else',
      bad: [paid, promised, ...elsewhereMeanwhile, says(legHeld), says(released), sends],
      mended: [
        ...[paid, promised, ...elsewhereMeanwhile, says({ ...legHeld, reasons: ['refunded-elsewhere'] } as Event)],
        ...[byPerson(says(released)), sends],
      ],
    },
    {
      when: 'what somebody else refunded was not given back',
      bad: [paid, promised, ...elsewhereMeanwhile, sends],
      mended: [paid, promised, ...elsewhereMeanwhile, ...givenBack(), sends],
    },
    {
      when: 'it was not given back, by whatever clock',
      bad: [paid, promised, ...elsewhereMeanwhile, aheadBy(-30_000), sends],
      mended: [
        ...[paid, promised, ...elsewhereMeanwhile.slice(0, 3), aheadBy(-30_000), ...givenBack()],
        ...[aheadBy(0), later(180_000), sends],
      ],
    },
    {
      when: 'it goes under a new key',
      bad: [paid, promised, sends, says(unknown()), ...elsewhereMeanwhile, later(proof), ...proved(), sendsAnew()],
      mended: [paid, promised, sends, says(unknown()), ...elsewhereMeanwhile, later(proof), ...proved(), sends],
    },
  ],
  'denied-for-sure': [
    {
      when: 'nobody asked about the payment since the return came',
      bad: [paid, asksAbout('pi_canary1'), wrote(notice, stated(12_000n)), denies(12_000n)],
      mended: [paid, wrote(notice, stated(12_000n)), asksAbout('pi_canary1'), denies(12_000n)],
    },
    {
      when: 'another payment was asked about',
      bad: [paid, wrote(notice, stated(12_000n)), asksAbout('pi_canary2'), denies(12_000n)],
      mended: [paid, wrote(notice, stated(12_000n)), asksAbout('pi_canary1'), denies(12_000n)],
    },
    {
      when: 'what somebody else refunded may fail',
      bad: [paid, adopted(9000n), stranger('pending'), ...asked(1001n), denies(1001n)],
      mended: [paid, adopted(9000n), stranger('succeeded'), ...asked(1001n), denies(1001n)],
    },
  ],
  'gone-is-held': [
    {
      when: 'a success fails later, and nobody is shown that',
      bad: [...refunded, fails, says(failed('re_1'))],
      mended: [...refunded, fails, failsHeld],
    },
    {
      when: 'a success is nowhere any more, and nobody is shown that',
      bad: [...refunded, gone('re_1'), says(lost('re_1'))],
      mended: [...refunded, gone('re_1'), says(lost('re_1'), legHeld)],
    },
    {
      when: 'a person has only let it go on before',
      bad: [...refunded, says(legHeld), says(released), fails, says(failed('re_1'))],
      mended: [...refunded, says(legHeld), says(released), fails, failsHeld],
    },
    {
      when: 'a person who compared it with a second one has let it go on',
      bad: [...besideTwo, says(accepted('re_1')), says(released), fails, says(failed('re_1'))],
      mended: [...besideTwo, says(accepted('re_1')), fails, says(failed('re_1'))],
    },
    {
      when: 'a person has closed it before',
      bad: [...refunded, says(legHeld), says(closed), fails, says(failed('re_1'))],
      mended: [...refunded, says(legHeld), says(closed), fails, failsHeld],
    },
  ],
  'lost-stays-lost': [
    {
      when: 'an answer that was kept makes a success of it again',
      bad: [...refunded, gone('re_1'), says(lost('re_1'), legHeld), says(accepted('re_1')), failsHeld],
      mended: [...refunded, gone('re_1'), says(lost('re_1'), legHeld), moves(theirs('re_1')), says(accepted('re_1'))],
    },
  ],
  'lost-is-gone': [
    {
      when: 'a success that is there is called lost',
      bad: [...refunded, says(lost('re_1'), legHeld), failsHeld, fails],
      mended: [...refunded, gone('re_1'), says(lost('re_1'), legHeld)],
    },
  ],
  'stopped-beside-two': [
    {
      when: 'a second refund of a leg leaves its account as it is',
      bad: [...refunded, says(surplus('re_2', 1000n))],
      mended: [...refunded, account('stopped'), says(surplus('re_2', 1000n))],
    },
    {
      when: 'the account was stopped and goes on again',
      bad: [...refunded, account('stopped'), account('resumed'), says(surplus('re_2', 1000n))],
      mended: [...refunded, account('stopped'), says(surplus('re_2', 1000n)), account('resumed')],
    },
  ],
  'none-beside-one': [
    {
      when: 'what failed is sent anew, and another one lives under its key',
      bad: [...refunded, fails, failsHeld, says(released), unaskedFor, moves(theirs('re_2')), says(sending(key(1)))],
      mended: [...refunded, fails, failsHeld, says(released), unaskedFor, says(sending(key(1)))],
    },
  ],
  'denied-for-good': [
    {
      when: 'more of the payment may be captured',
      bad: [paid, ...asked(12_000n), truly({ open: ['pi_canary1'] }), denies(12_000n)],
      mended: [paid, ...asked(12_000n), truly({ open: ['pi_canary2'] }), denies(12_000n)],
    },
  ],
  'no-forgery': [{ when: 'a forged return was taken', bad: [forged], mended: [] }],
  ...tenantHistories,
  bounded: [
    {
      when: 'a leg was sent for too often',
      bad: [paid, promised, says(sending(key(), { sending: 101 }))],
      mended: [paid, promised, says(sending(key(), { sending: 100 }))],
    },
    {
      when: 'a refund has too many entries',
      bad: [paid, ...Array(301).fill(promisedNothing())],
      mended: [paid, ...Array(300).fill(promisedNothing())],
    },
  ],
  'proofs-are-not-ahead': [
    {
      when: 'a clock that is ten minutes ahead finds nothing',
      bad: [paid, promised, sends, says(unknown()), aheadBy(600_000), says(absent(after(proof)))],
      mended: [paid, promised, sends, says(unknown()), aheadBy(30_000), says(absent(after(proof)))],
    },
  ],
  'time-goes-on': [
    {
      when: 'a clock that is ten minutes behind sends',
      bad: [paid, promised, aheadBy(-600_000), sends],
      mended: [paid, promised, aheadBy(-knobs.tempo.skewMs), sends],
    },
  ],
  'credential-decides-nothing': [
    {
      when: 'a refund is refused for it',
      bad: [paid, promised, sends, says({ ...refused, code: 'unauthorized' } as Event)],
      mended: [paid, promised, sends, says(refused)],
    },
    {
      when: 'a refund is in doubt for it',
      bad: [paid, promised, sends, says({ ...unknown('ambiguous-refusal'), refusal: 'forbidden' } as Event)],
      mended: [paid, promised, sends, says(unknown('ambiguous-refusal'))],
    },
  ],
  ...hourlyHistories,
  'poison-rests': [
    { when: 'it is tried for ever', bad: [triedInVain(stream(), 2001)], mended: [triedInVain(stream(), 2000)] },
  ],
  'comes-to-rest': [{ when: 'there is no end of events', bad: [lived(3_000_001)], mended: [lived(3_000_000)] }],
  'never-throws': [
    { when: 'an error is thrown', bad: [threw(new RangeError('of ours'))], mended: [] },
    { when: 'something else is thrown', bad: [threw('a text')], mended: [] },
  ],
};

/** The second leg of a refund is sent. */
function sendsOther(): Step {
  return says(sending(key(0, 1, 2), { leg: 2 }));
}

function sendsAnew(): Step {
  return says(sending(key(1)));
}

function givenBack(): Step[] {
  const reversed: Event = { type: 'payment.adoption-reversed', v: 1, theirs: 'blind-1', amountMinor: 4000n };
  return [wrote(payment, reversed), moves(theirs('re_1', 'failed', null))];
}

/** A return states this, and its payment is asked about. */
function asked(amountMinor: bigint): Step[] {
  return [wrote(notice, stated(amountMinor)), asksAbout('pi_canary1')];
}

/** What stands in a shop's record of a refund that we told it of. */
function reference(n = 1): string {
  return `${refund(n)}-told-abcdef01`;
}

/** A return of the shop's, of which nothing else matters. */
function returnedIn(order: number, id: number): Step {
  return (past) => {
    const rest = { status: 'OPEN', lines: [], createdAtMs: 0, approvedAtMs: 0, closedAtMs: null } as const;
    past.shop?.returns.push({ id, order, ...rest });
  };
}

/** Found by who looks for what was missed, and older than their looking. */
function missed(id: number): Event {
  return { ...stated(1n), kind: 'unknown', word: `missed gid://shopify/Return/${id}`, content: { about: 'unknown' } };
}

function hinted(id: number): Event {
  const subject = { is: 'return', id: `gid://shopify/Return/${id}`, return: `gid://shopify/Return/${id}` };
  return { ...stated(1n), content: { about: 'hint', subject } } as Event;
}

function tooEarly(code: string): Event {
  return { ...settled, outcome: 'quarantined', code } as Event;
}

function owes(minor: number): Step {
  return told((life) => life.owed.push({ order: 1001, minor }));
}

function asksFor(amountMinor: bigint): Step {
  return wrote(stream(), { ...(requested(notice, 'RMA-1', amountMinor) as object), order: '1001' } as Event);
}

/** Two refunds of 60.00, and what happens to the first between the two. */
function twiceSixty(between: Step[], atEnd: Step[]): Step[] {
  const first = [paid, wrote(stream(), held('over-limit')), wrote(stream(), approved(6000n)), sends];
  const other = key(0, 2);
  return [
    ...first,
    request(key(), theirs('re_1', 'succeeded', key(), 6000)),
    says(accepted('re_1')),
    ...between,
    second(6000n),
    wrote(stream(2), sending(other)),
    request(other, theirs('re_2', 'succeeded', other, 6000)),
    wrote(stream(2), accepted('re_2')),
    ...atEnd,
  ];
}

function withPrevious(previous: string) {
  return (item: Parameters<Parameters<typeof spoiled>[0]>[0]) => {
    const body = JSON.stringify({ ...JSON.parse(String(item.body)), previous });
    return { ...item, body, digest: hash('sha256', body) };
  };
}

function spoiledHead(): Step {
  return (past) => {
    promised(past);
    past.setHead(stream(), { dueAt: undefined as never });
  };
}

function promisedNothing(): Step {
  return wrote(stream(), { type: 'refund.waiting', v: 1, reason: 'payment-unknown', until: begun });
}

describe('each promise', () => {
  it('has a history that breaks it', () => {
    expect(Object.keys(histories).sort()).toEqual(allPromises.map(({ name }) => name).sort());
  });

  const all = Object.entries(histories).flatMap(([promise, made]) => made.map((one) => ({ promise, ...one })));

  it.each(all)('$promise breaks, and no other, when $when', ({ promise, bad, mended }) => {
    expect(brokenBy(bad)).toEqual([promise]);
    expect(brokenBy(mended)).toEqual([]);
  });

  it('has a name of its own, and says what is promised', () => {
    expect(new Set(allPromises.map(({ name }) => name)).size).toBe(allPromises.length);
    expect(allPromises.filter(({ says }) => !/^[A-Z].*\.$/.test(says))).toEqual([]);
  });
});
