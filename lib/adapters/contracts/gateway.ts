import { describe } from 'vitest';
import { Secret } from '../../app/ports/connections.ts';
import { Bench, type GatewayUnderTest, start } from './gateway-bench.ts';
import { identifies } from './gateway-identity.ts';
import { repeats } from './gateway-keys.ts';
import { asksForRefunds } from './gateway-refund.ts';
import { looks } from './gateway-search.ts';
import { believesNothingUnreadable } from './gateway-unreadable.ts';
import { hears } from './gateway-webhooks.ts';
import { verificationContract } from './verification.ts';

/** Run by every gateway's folder: its client, simulator and reader together, with a clock that only the test moves. */
export function gatewayContract(folder: GatewayUnderTest): void {
  describe(`the ${folder.platform} gateway`, () => {
    const bench = new Bench(folder);
    asksForRefunds(bench);
    repeats(bench);
    believesNothingUnreadable(bench);
    looks(bench);
    identifies(bench);
    hears(bench);
  });

  const [newest, older, strange] = folder.webhookSecrets;
  const simulator = (secret: Secret) => folder.simulator(new Secret(folder.credential), secret);
  const seeded = simulator(new Secret(newest)).seedPayment(folder.payment, start);
  verificationContract({
    reader: folder.reader,
    body: (seeded.is === 'seeded' ? seeded.webhooks[0]?.body : undefined) ?? '',
    sign: (body, secret, at) => simulator(secret).sign({ id: 'unused', body, delayMs: 0 }, at),
    signatureHeader: folder.signatureHeader,
    secrets: [new Secret(newest), new Secret(older), new Secret(strange)],
    now: start,
    ...(folder.webhookToleranceMs === undefined ? {} : { toleranceMs: folder.webhookToleranceMs }),
  });
}
