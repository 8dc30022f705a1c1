import type { SimResponse, SimWebhook } from '../../kit/simulator.ts';

/** `effect`: something changed in the shop, so that a lost reply loses something. */
export type Reply = { readonly reply: SimResponse; readonly webhooks: readonly SimWebhook[]; readonly effect: boolean };

export const json = (status: number, value: object): SimResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
export const quiet = (reply: SimResponse): Reply => ({ reply, webhooks: [], effect: false });
export const broken = json(500, { errors: 'Internal Server Error' });
export const throttled = json(200, {
  errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }],
  extensions: { cost: { requestedQueryCost: 100, throttleStatus: { currentlyAvailable: 0, restoreRate: 100 } } },
});
