import type { Saboteur } from './plant.ts';

const profile = 'multi-tenant';
const opening = 'lib/adapters/gateways/open.ts';

/** Bugs that only show where another merchant is there, where settings change, and at the doors. */
export const betweenTenants: readonly Saboteur[] = [
  {
    name: 'one-client-for-all',
    does: 'keeps one client for all accounts of a platform',
    patches: [
      [
        opening,
        'const known = opened.get(connection.name);',
        'const known = opened.get(connection.platform as never);',
      ],
      [opening, 'known !== undefined && same', 'known !== undefined || same'],
      [opening, 'opened.set(connection.name, {', 'opened.set(connection.platform as never, {'],
    ],
    breaks: 'only-with-the-right',
    profile,
    seed: 0,
  },
  {
    name: 'whoever-has-the-name',
    does: 'goes on with a connection that settings have given to another merchant',
    patches: [
      [
        'lib/app/if-available.ts',
        "found !== 'gone' && found.merchant === merchant",
        "found !== 'gone' && merchant !== ''",
      ],
    ],
    breaks: 'tenants-apart',
    profile,
    seed: 5,
  },
  {
    name: 'any-notice-by-name',
    does: 'takes up again whatever notice somebody names, whose ever it is',
    patches: [['lib/app/quarantine.ts', "=== 'notice' && name.startsWith(", "=== 'notice' && name.concat("]],
    breaks: 'tenants-apart',
    profile,
    seed: 2,
  },
  {
    name: 'one-switch-for-all',
    does: 'has one kill switch for all merchants',
    patches: [
      [
        'lib/domain/streams.ts',
        "(merchant: MerchantId) => name(merchant, 'control')",
        "(_: MerchantId) => name('demo' as MerchantId, 'control')",
      ],
    ],
    breaks: 'tenants-apart',
    profile,
    seed: 1,
  },
  {
    name: 'one-bucket-for-all',
    does: 'counts what all merchants send as one flood',
    patches: [['lib/app/door.ts', 'const shared = { key: ', "const shared = { key: 'merchant', of: "]],
    breaks: 'flood-is-ones-own',
    profile,
    seed: 10,
  },
  {
    name: 'newest-secret-only',
    does: 'tries the newest secret only',
    patches: [
      ['lib/app/verify-webhook.ts', 'reader.verify(raw, secrets, at)', 'reader.verify(raw, secrets.slice(0, 1), at)'],
    ],
    breaks: 'signed-is-taken',
    profile,
    seed: 0,
  },
  {
    name: 'old-secret-for-ever',
    does: 'goes on with a secret that has been replaced',
    patches: [['lib/adapters/kit/plain-connections.ts', 'from <= now && now < until', 'from <= now && until !== now']],
    breaks: 'no-forgery',
    profile,
    seed: 1,
  },
  {
    name: 'refuses-what-is-useless',
    does: 'tells a gateway that its event is wrong where nobody here can use it',
    patches: [['lib/app/receive.ts', "  if (reader.answers === 'own') {", '  if (reader.answers !== undefined) {']],
    breaks: 'signed-is-taken',
    profile,
    seed: 0,
  },
  {
    name: 'limit-by-heart',
    does: 'names the policy of today, and decides by the limit of yesterday',
    patches: [
      ['lib/app/decision.ts', '  policy: needs.policy,', "  policy: { ...needs.policy, approvalLimit: '55.00' },"],
    ],
    breaks: 'people-decide',
    profile,
    seed: 8,
  },
  {
    name: 'asks-the-limit-again',
    does: 'holds what was approved where the limit is lower by now',
    patches: [
      [
        'lib/app/execute.ts',
        '  const opened = await openGateway(needs, loaded, leg);',
        `  const { policy } = needs as unknown as { policy: { approvalLimit: string } };
  if (leg.firstSentAt === undefined && leg.amountMinor > BigInt(policy.approvalLimit.replace('.', '')))
    return void (await holdLeg(needs, { loaded, leg, author }, ['over-limit']));
  const opened = await openGateway(needs, loaded, leg);`,
      ],
    ],
    breaks: 'decided-under-one-policy',
    profile,
    seed: 10,
  },
];
