import { atTheDoor } from './at-the-door.ts';
import { inTheBooks } from './in-the-books.ts';
import { inTheDeciding } from './in-the-deciding.ts';
import { inTheSending } from './in-the-sending.ts';
import { inTheShop } from './in-the-shop.ts';
import { inTheUpgrade } from './in-the-upgrade.ts';
import { onPayments } from './on-payments.ts';
import type { Saboteur } from './plant.ts';

/** Every planted bug. A bug that is found elsewhere is planted here before it is mended. */
export const saboteurs: readonly Saboteur[] = [
  ...inTheSending,
  ...inTheBooks,
  ...inTheDeciding,
  ...atTheDoor,
  ...inTheShop,
  ...inTheUpgrade,
  ...onPayments,
];
