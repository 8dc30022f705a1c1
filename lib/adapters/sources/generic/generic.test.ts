import { sourceContract } from '../../contracts/source.ts';
import { reader } from './index.ts';
import { sign } from './sign.ts';
import { toleranceSeconds } from './verify.ts';

const line = {
  id: 'L1',
  sku: 'MUG-1',
  quantity: 2,
  price: '20.00',
  tax: '4.00',
  reason: 'too small',
  condition: 'new',
};
const payments = [{ connection: 'stripe-demo', reference: 'pi_1' }];
const data = { return: 'RMA-1', order: '1001', currency: 'EUR', payments, lines: [line] };
const returned = { type: 'return.approved', timestamp: '2026-11-21T12:00:00Z', data };
const withData = (change: object) => ({ ...returned, data: { ...data, ...change } });
const withLine = (change: object) => withData({ lines: [{ ...line, ...change }] });

sourceContract({
  platform: 'generic',
  reader,
  signs: 'everything',
  sign: (body, secret, at) => sign(body, { secret, id: 'msg_contract', at }),
  secrets: ['new', 'old', 'strange'].map((name) => `whsec_${Buffer.from(name.padEnd(32, '.')).toString('base64')}`) as [
    string,
    string,
    string,
  ],
  signatureHeader: 'webhook-signature',
  toleranceMs: toleranceSeconds * 1000,
  returned,
  different: {
    type: { ...returned, type: 'return.received' },
    return: withData({ return: 'RMA-2' }),
    order: withData({ order: '1002' }),
    currency: withData({ currency: 'USD' }),
    'payment reference': withData({ payments: [{ connection: 'stripe-demo', reference: 'pi_2' }] }),
    'payment connection': withData({ payments: [{ connection: 'stripe-other', reference: 'pi_1' }] }),
    'no payment': withData({ payments: [] }),
    'line id': withLine({ id: 'L2' }),
    quantity: withLine({ quantity: 1 }),
    price: withLine({ price: '20.01' }),
    tax: withLine({ tax: '0' }),
    condition: withLine({ condition: 'broken' }),
    shipping: withData({ shipping: { amount: '5.00', tax: '1.00' } }),
    fee: withData({ fees: [{ kind: 'restocking', amount: '2.00' }] }),
    'one more line': withData({ lines: [line, { ...line, id: 'L2' }] }),
  },
  unknown: { type: 'order.created', data: { anything: [1, 2] } },
});
