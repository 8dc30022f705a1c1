/**
 * Which cases of docs/failures.md a life can come to, and by which of its counters that shows: any of them is enough. A run that never
 * went where it should proves nothing of that place, so a long one fails for a case at zero.
 */
export const reachable: Readonly<Record<string, readonly string[]>> = {
  F3: ['repeat'],
  F5: ['repeat'],
  F9: ['fault send-twice', 'fault webhook-twice'],
  F11: ['fault webhook-late'],
  F12: ['fault webhook-late'],
  F21: ['fault secrets-down'],
  F29: ['fault busy'],
  F30: ['fault kill-before'],
  F31: ['fault kill-after'],
  F32: ['fault send-lost', 'fault send-partly'],
  F35: ['leg.deferred', 'refund.held'],
  F36: ['repeat'],
  F41: ['refund.denied'],
  F44: ['dashboard'],
  F45: ['payment.refund-adopted'],
  F46: ['payment.dispute-opened'],
  F53: ['cancel'],
  F57: ['fault net-reply-lost'],
  F58: ['fault lost-request', 'fault net-lost'],
  F59: ['fault net-late'],
  F60: ['fault gateway-500'],
  F61: ['fault gateway-429'],
  F63: ['leg.renewed'],
  F66: ['fault kill-before', 'fault kill-after', 'fault kill-after-reply'],
  F67: ['fault send-twice'],
  F68: ['redrive', 'fault send-twice'],
  F69: ['fault freeze', 'fault send-twice'],
  F70: ['fault freeze'],
  F71: ['fault sdk-retry', 'fault lost-reply'],
  F73: ['fault kill-after-reply'],
  F74: ['redrive'],
  F76: ['leg.failed'],
  F84: ['outage'],
  F85: ['outage'],
  F87: ['fault freeze', 'fault kill-after'],
  F88: ['leg.absent'],
  F90: ['control.sending-stopped'],
  F91: ['fault webhook-lost'],
  F92: ['fault net-reply-lost', 'fault freeze'],
  F93: ['payment.refund-adopted'],
  F101: ['leg.failed'],
  F107: ['fault busy'],
  F108: ['fault busy', 'leg.deferred'],
  F113: ['index lag'],
  F120: ['fault stream-lost'],
  F121: ['fault vault-down'],
};

export interface Place {
  readonly case: string;
  /** In how many lives. */
  readonly lives: number;
}

/** In how many lives each case was come to. `reached` counts lives by what occurred in them. */
export const places = (reached: ReadonlyMap<string, number>): readonly Place[] =>
  Object.entries(reachable).map(([name, counters]) => ({
    case: name,
    lives: Math.max(...counters.map((counter) => reached.get(counter) ?? 0)),
  }));
