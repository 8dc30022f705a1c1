/**
 * Which cases of docs/failures.md a life can come to, and by which of its counters that shows: any of them is enough. A run that never
 * went where it should proves nothing of that place, so a long one fails for a case at zero.
 */
export const reachable: Readonly<Record<string, readonly string[]>> = {
  F3: ['repeat'],
  F4: ['repeat under another id'],
  F5: ['repeat'],
  F8: ['old hint again'],
  F9: ['fault send-twice', 'fault webhook-twice'],
  F11: ['fault webhook-late'],
  F12: ['fault webhook-late'],
  F20: ['secret old', 'secret fresh', 'signed before its secret was known', 'signed with a retired secret'],
  F21: ['fault secrets-down'],
  F26: ['clock wrong by ten minutes', 'alarm clock-wrong'],
  F23: [
    'signed for another shop',
    'signed for another merchant',
    'named another merchant’s payment',
    'decided for another merchant',
    'another merchant’s key',
    'told to a stranger',
  ],
  F27: ['flooded'],
  F29: ['fault busy'],
  F30: ['fault kill-before'],
  F31: ['fault kill-after'],
  F32: ['fault send-lost', 'fault send-partly'],
  F33: ['unsubscribe'],
  F34: ['useless event', 'waited behind another one'],
  F35: ['leg.deferred', 'refund.held'],
  F36: ['repeat'],
  F41: ['refund.denied'],
  F42: ['captured in parts', 'held as payment-voided'],
  F44: ['dashboard'],
  F45: ['payment.refund-adopted'],
  F46: ['payment.dispute-opened'],
  F49: ['sent under an older policy', 'decided by another policy'],
  F50: ['held as velocity-limit'],
  F53: ['cancel'],
  F57: ['fault net-reply-lost'],
  F58: ['fault lost-request', 'fault net-lost'],
  F59: ['fault net-late'],
  F60: ['fault gateway-500'],
  F61: ['fault gateway-429'],
  F62: ['held as key-reused', 'gateway: key borrowed before: paid here', 'gateway: key borrowed after: paid here'],
  F63: ['leg.renewed'],
  F64: ['any: lookup none', 'any: lookup eventual'],
  F65: ['repoint'],
  F66: ['fault kill-before', 'fault kill-after', 'fault kill-after-reply'],
  F67: ['fault send-twice'],
  F68: ['redrive', 'fault send-twice'],
  F69: ['fault freeze', 'fault send-twice'],
  F70: ['fault freeze'],
  F71: ['fault sdk-retry', 'fault lost-reply'],
  F72: ['poisoned at-once', 'poisoned after-an-answer', 'poisoned notice', 'alarm poison-message'],
  F73: ['fault kill-after-reply'],
  F74: ['redrive'],
  F75: ['fault send-lost'],
  F76: ['leg.failed'],
  F77: ['held as pending-too-long'],
  F78: ['any: amount wrong'],
  F82: ['credential refused in doubt', 'exchange', 'alarm credential-refused'],
  F84: ['outage'],
  F85: ['outage'],
  F87: ['fault freeze', 'fault kill-after'],
  F88: ['leg.absent'],
  F90: ['control.sending-stopped'],
  F91: ['fault webhook-lost'],
  F92: ['fault net-reply-lost', 'fault freeze'],
  F93: ['payment.refund-adopted'],
  F100: ['gateway: taken back', 'gateway: taken back in silence'],
  F101: ['leg.failed'],
  F102: ['leg.lost'],
  F103: ['leg.surplus'],
  F107: ['fault busy'],
  F108: ['fault busy', 'leg.deferred'],
  F110: ['fault late-again'],
  F113: ['index lag'],
  F116: ['control.restore-ended'],
  F117: ['forgotten leg.sending', 'held as forgotten-refund'],
  F120: ['fault stream-lost'],
  F121: ['fault vault-down'],
  F143: ['alarm newer-version'],
  F144: [
    'clock wrong by an hour',
    'clock jumps',
    'over a leap day',
    'over the day after a leap day',
    'over a turn of the year',
    'over daylight saving begins',
    'over daylight saving ends',
  ],
};

/**
 * The cases that are to be shown by simulation, among those of the engine as it is: each is in the table above, or sim/README.md says
 * why no life comes to it.
 */
export const toSimulate: readonly string[] = [
  ...[
    3, 4, 5, 8, 9, 11, 12, 20, 21, 23, 26, 27, 29, 30, 31, 32, 33, 34, 35, 36, 41, 42, 44, 45, 46, 49, 50, 51, 53, 57,
    58,
  ],
  ...[
    59, 60, 61, 62, 63, 64, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 82, 84, 85, 87, 88, 89, 90, 91, 92, 93,
  ],
  ...[100, 101, 102, 103, 107, 108, 110, 112, 113, 116, 117, 118, 120, 143, 144, 145],
].map((number) => `F${number}`);

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

/** Counters by which a case would show and that counted nothing: one way to it was never gone, though another one may have been. */
export const idle = (reached: ReadonlyMap<string, number>): readonly string[] =>
  [...new Set(Object.values(reachable).flat())].filter((counter) => (reached.get(counter) ?? 0) === 0);
