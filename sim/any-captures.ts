import type { News } from '../lib/domain/notice.ts';
import type { Account } from './account.ts';
import type { Bank, BankPayment } from './any-bank.ts';
import { capturesOf } from './any-words.ts';
import type { Scheduler } from './scheduler.ts';

/** A payment is captured, and the gateway says so. */
export const seedingAt =
  ({ payments }: Bank, tell: (type: string, news: News) => void): Account['simulator']['seedPayment'] =>
  (of, now) => {
    const payment = { ...of, order: of.order, at: now };
    payments.set(of.id, payment);
    for (const capture of capturesOf(payment)) tell('capture', captureNews(payment, capture));
    return { is: 'seeded', webhooks: [] };
  };

const captureNews = ({ id, order }: BankPayment, capture: ReturnType<typeof capturesOf>[number]): News => ({
  about: 'capture',
  capture,
  payment: [id],
  ...(order !== undefined && { order }),
});

/** A payment is authorised, of which the gateway says nothing by itself; and captured in parts, of each of which it does. */
export const partsAt = (
  { time }: { readonly time: Scheduler },
  { payments }: Bank,
  tell: (type: string, news: News) => void,
  moved: () => void,
): NonNullable<Account['parts']> => ({
  authorise: (of) => void payments.set(of.id, { ...of, amountMinor: 0, at: time.now(), parts: [] }),
  capture(name, { theirs, amountMinor }) {
    const payment = payments.get(name);
    if (payment?.parts === undefined) throw new Error(`${name} is not captured in parts`);
    payment.parts.push({ theirs, amountMinor, at: time.now() });
    moved();
    const capture = capturesOf(payment).find((one) => one.theirs === theirs);
    if (capture !== undefined) tell('capture', captureNews(payment, capture));
  },
  close(name) {
    const payment = payments.get(name);
    if (payment !== undefined) payment.closedAt = time.now();
    moved();
  },
});
