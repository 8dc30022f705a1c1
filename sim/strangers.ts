import { sign } from '../lib/adapters/sources/generic/sign.ts';
import { dayMs, hour, plus } from '../lib/domain/time.ts';
import { taken } from './doors.ts';
import type { Do } from './people.ts';
import { returnOf } from './returns.ts';
import type { World } from './world.ts';

/** One of some things, by a draw of this name. */
export const oneOf = <T>(w: World, all: readonly T[], draw: string): T | undefined =>
  all[Math.floor(w.chance.fixed(draw) * all.length)];

/** Further off than any clock of ours is wrong in this life: what is as old as its clock is wrong no process can tell from what is new. */
const longAgo = ({ knobs }: World): number => (knobs.clocks === undefined ? hour : dayMs);

/** Somebody who knows no secret posts returns in the shop's name. */
export const forge: Do = async (w, life, n) => {
  const real = returnOf(w, 1 + (n % w.knobs.payments), 1);
  const altered = real.body.replace(/"price":"[^"]+"/, '"price":"99.00"');
  const at = w.time.now();
  const good = sign(real.body, { secret: w.tenant.shopSecret, id: `msg_forged_${n}`, at });
  const attacks = [
    { body: altered, headers: good },
    { body: real.body, headers: { ...good, 'webhook-id': `msg_other_${n}` } },
    {
      body: real.body,
      headers: sign(real.body, { secret: w.tenant.shopSecret, id: `msg_old_${n}`, at: plus(at, -longAgo(w)) }),
    },
    {
      body: real.body,
      headers: sign(real.body, { secret: w.tenant.shopSecret, id: `msg_early_${n}`, at: plus(at, longAgo(w)) }),
    },
    { body: real.body, headers: { ...good, 'webhook-signature': 'v1,' } },
  ];
  const attack = attacks[Math.floor(w.chance.fixed(`attack ${n}`) * attacks.length)] ?? attacks[0];
  if (attack === undefined) return;
  const heard = await w.post('source', attack.body, attack.headers);
  if (taken.has(heard)) life.forged.push(`attack ${n} was ${heard}`);
};

/** Somebody who knows no secret tells of refunds in the gateway's name, or sends again what was signed long ago. */
export const forgeGateway: Do = async (w, life, n) => {
  const refunds = w.account.simulator.refunds();
  const about = oneOf(w, refunds, `forged ${n}`);
  const at = w.time.now();
  const body = JSON.stringify({
    id: `evt_forged_${n}`,
    object: 'event',
    created: Math.floor(at / 1000),
    livemode: false,
    type: 'refund.failed',
    data: { object: { id: about?.id ?? 're_none', object: 'refund', status: 'failed', amount: 1, currency: 'eur' } },
  });
  const webhook = { id: `evt_forged_${n}`, body, delayMs: 0 };
  const { simulator } = w.account;
  const attacks = [
    { body, headers: { 'stripe-signature': `t=${Math.floor(at / 1000)},v1=${'0'.repeat(64)}` } },
    { body: `${body} `, headers: simulator.sign(webhook, at) },
    // A gateway of any kind signs no time: what has its signature is no attack.
    ...(w.knobs.row === undefined
      ? [-longAgo(w), longAgo(w)].map((ms) => ({ body, headers: simulator.sign(webhook, plus(at, ms)) }))
      : []),
    { body: '', headers: {} },
  ];
  const attack = oneOf(w, attacks, `attack on the gateway's door ${n}`);
  if (attack === undefined) return;
  const heard = await w.post('gateway', attack.body, attack.headers);
  if (taken.has(heard)) life.forged.push(`attack ${n} on the gateway's door was ${heard}`);
};
