import { afterARestore } from './after-a-restore.ts';
import { atTheDoor } from './at-the-door.ts';
import { atTheProcessor } from './at-the-processor.ts';
import { betweenTenants } from './between-tenants.ts';
import { inTheBalances } from './in-the-balances.ts';
import { inTheBooks } from './in-the-books.ts';
import { inTheDeciding } from './in-the-deciding.ts';
import { inTheDoubting } from './in-the-doubting.ts';
import { inTheRemembering } from './in-the-remembering.ts';
import { inTheRetrying } from './in-the-retrying.ts';
import { inTheSending } from './in-the-sending.ts';
import { inTheShop } from './in-the-shop.ts';
import { onCall } from './on-call.ts';
import { onPayments } from './on-payments.ts';
import type { Saboteur } from './plant.ts';

/** Nobody would write it: its place is a payment in two hundred and fifty, so that a hundred calm lives show it once or so. */
const canary: Saboteur = {
  name: 'canary',
  does: 'asks for a little more on one payment of 256',
  patches: [
    [
      'lib/app/send-once.ts',
      'amountMinor: leg.amountMinor,\n    currency: before.currency',
      "amountMinor: leg.amountMinor + (leg.payment.endsWith('00') ? 1n : 0n),\n    currency: before.currency",
    ],
  ],
  breaks: 'asked-as-approved',
  profile: 'calm',
  seed: 23,
  canary: true,
};

/** Every planted bug. A bug that is found elsewhere is planted here before it is mended. */
export const saboteurs: readonly Saboteur[] = [
  ...inTheSending,
  ...inTheRetrying,
  ...inTheDoubting,
  ...inTheRemembering,
  ...inTheBooks,
  ...inTheBalances,
  ...inTheDeciding,
  ...atTheDoor,
  ...inTheShop,
  ...onPayments,
  ...onCall,
  ...atTheProcessor,
  ...afterARestore,
  ...betweenTenants,
  canary,
];
