import { type Instant, iso } from '../lib/domain/time.ts';
import { type Command, type Given, only } from './command.ts';
import { amountOf, listRefund, type Output, quoted, type RefundView } from './print.ts';
import { call, reach } from './stack.ts';

/** For whoever has an id of something, and not of the refund. */
export const findCommands: readonly Command[] = [
  {
    name: 'find',
    help: [['ID', "what an id names: of a return, an order, a payment, a webhook, or a gateway's refund"]],
    takes: [],
    run: find,
  },
];

interface FoundView {
  readonly refunds: readonly (RefundView & { readonly by: string })[];
  readonly payments: readonly PaymentView[];
  readonly notices: readonly {
    notice: string;
    receivedAt: number;
    status: string;
    outcome: string | null;
    code: string | null;
  }[];
  readonly more: boolean;
}

interface PaymentView {
  readonly payment: string;
  readonly connection: string;
  readonly currency: string;
  readonly capturedMinor: number;
  readonly availableMinor: number;
  readonly refundedMinor: number;
  readonly chargedBackMinor: number;
  readonly disputes: number;
  readonly inFlight: string | null;
}

/** Exit code 1 where nothing has that name. */
async function find(given: Given, out: Output): Promise<number> {
  const id = only(given, 'find takes one id, of anything');
  const found = await call<FoundView>(reach(process.env), 'viewer', { method: 'POST', path: '/v1/find', body: { id } });
  const now = Date.now();
  for (const refund of found.refunds) listRefund(out, refund, now);
  if (found.more) out.line(`more: redress list --order ${quoted(id)}`);
  for (const payment of found.payments) showPayment(out, payment);
  for (const { notice, receivedAt, status, outcome, code } of found.notices) {
    const end = [outcome, code].filter((one) => one !== null).join(', ');
    out.line(`webhook ${notice}  ${iso(receivedAt as Instant)}  ${status}${end === '' ? '' : `  (${end})`}`);
  }
  out.value(found);
  const any = found.refunds.length + found.payments.length + found.notices.length > 0;
  if (!any)
    out.line(
      'nothing has this id. A correlation id is in the logs only, each line of which names its refund or notice; a webhook that was refused is nowhere',
    );
  return any ? 0 : 1;
}

function showPayment(out: Output, payment: PaymentView): void {
  const { currency, disputes, inFlight } = payment;
  const print = (amountMinor: number): string => amountOf({ amountMinor, currency });
  const more = [
    payment.chargedBackMinor > 0 && `${print(payment.chargedBackMinor)} charged back`,
    disputes > 0 && `${disputes} open dispute(s)`,
    inFlight !== null && `a request of ${inFlight} may be under way`,
  ].filter((one) => one !== false);
  const amounts = `${print(payment.capturedMinor)} captured, ${print(payment.refundedMinor)} refunded, ${print(payment.availableMinor)} left`;
  out.line(`payment ${payment.payment} at ${payment.connection}  ${[amounts, ...more].join(', ')}`);
}
