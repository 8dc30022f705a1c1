import { gatewayContract } from '../../contracts/gateway.ts';
import { chanceFrom } from '../../kit/simulator.ts';
import { open } from './client.ts';
import { reader } from './index.ts';
import { stripeSimulator } from './simulator.ts';
import { toleranceSeconds } from './verify.ts';

gatewayContract({
  platform: 'stripe',
  open,
  reader,
  simulator: (credential, webhookSecret) =>
    stripeSimulator({ credential, webhookSecret, chance: chanceFrom('contract') }),
  credential: 'sk_test_contract',
  webhookSecrets: ['whsec_contract_new', 'whsec_contract_old', 'whsec_of_a_stranger'],
  signatureHeader: 'stripe-signature',
  webhookToleranceMs: toleranceSeconds * 1000,
  payment: { id: 'pi_contract1', amountMinor: 10_000, currency: 'EUR', order: '1001' },
  unknownReference: 'pi_nobody',
  accountId: 'acct_sim',
});
