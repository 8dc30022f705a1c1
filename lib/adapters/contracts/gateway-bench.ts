import { afterEach, beforeEach, it } from 'vitest';
import { type Connection, Secret } from '../../app/ports/connections.ts';
import type { Found, Gateway, Looked, Reader, RefundOrder } from '../../app/ports/gateway.ts';
import { parseConnection, parseMerchant } from '../../domain/ids.ts';
import { type Currency, parseCurrency } from '../../domain/money.ts';
import { type Instant, instant, plus } from '../../domain/time.ts';
import type { OpenGateway } from '../kit/open.ts';
import { type Faults, noFaults, type Simulator } from '../kit/simulator.ts';
import { SimServer } from './sim-server.ts';

/** What the suite needs to know of a gateway's folder. */
export interface GatewayUnderTest {
  readonly platform: string;
  readonly open: OpenGateway;
  readonly reader: Reader;
  simulator(credential: Secret, webhookSecret: Secret): Simulator;
  readonly credential: string;
  readonly webhookSecrets: readonly [string, string, string];
  readonly signatureHeader: string;
  readonly webhookToleranceMs?: number;
  /** A captured payment of at least 100.00. */
  readonly payment: {
    readonly id: string;
    readonly amountMinor: number;
    readonly currency: string;
    readonly order: string;
  };
  /** What `identify` says of the simulator's account; absent where the gateway has no such verb. */
  readonly accountId?: string;
  /** Well formed, but unknown to the gateway. */
  readonly unknownReference: string;
  /** Cases that can't hold for this gateway, with the reason. */
  readonly skip?: Partial<Record<Case, string>>;
}

export type Case =
  | 'identity'
  | 'key-window'
  | 'key-reused'
  | 'over-refund'
  | 'in-progress'
  | 'refund-webhook'
  | 'capture-webhook';

export const start: Instant = instant(Date.UTC(2026, 10, 21, 12));

/** The folder's real client, over real HTTP, against its simulator, with one payment. Fresh for every test. */
export class Bench {
  readonly folder: GatewayUnderTest;
  readonly currency: Currency;
  readonly webhookSecret: Secret;
  server!: SimServer;
  gateway!: Gateway;
  connection!: Connection;

  constructor(folder: GatewayUnderTest) {
    const currency = parseCurrency(folder.payment.currency);
    if (currency === undefined) throw new Error('not a currency');
    this.folder = folder;
    this.currency = currency;
    this.webhookSecret = new Secret(folder.webhookSecrets[0]);
    beforeEach(() => this.#open());
    afterEach(() => this.server.close());
  }

  get simulator(): Simulator {
    return this.server.simulator;
  }

  order(change: Partial<RefundOrder> = {}): RefundOrder {
    return {
      reference: this.folder.payment.id,
      amountMinor: 1250n,
      currency: this.currency,
      key: 'rk_contract_1',
      refund: 'rf_contract0001',
      leg: 1,
      latestStart: plus(this.server.now(), 5000),
      limitMs: 2000,
      ...change,
    };
  }

  find(...keys: string[]): Promise<Found> {
    return this.gateway.find({ reference: this.folder.payment.id, keys, theirs: [], limitMs: 2000 });
  }

  findById(...theirs: string[]): Promise<Found> {
    return this.gateway.find({ reference: this.folder.payment.id, keys: [], theirs, limitMs: 2000 });
  }

  look(reference = this.folder.payment.id): Promise<Looked> {
    return this.gateway.look({ reference, limitMs: 2000 });
  }

  fault(faults: Partial<Faults>): void {
    this.simulator.setFaults({ ...noFaults, ...faults });
  }

  /** A case that this gateway can't hold is shown as skipped, with its reason. */
  unless(name: Case, title: string, body: () => Promise<void>): void {
    const reason = this.folder.skip?.[name];
    if (reason === undefined) it(title, body);
    else it.skip(`${title} (${reason})`, body);
  }

  async #open(): Promise<void> {
    const credential = new Secret(this.folder.credential);
    this.server = new SimServer(this.folder.simulator(credential, this.webhookSecret), start);
    this.connection = connectionTo(this.folder.platform, await this.server.listen());
    this.gateway = this.folder.open(this.connection, credential, { clock: this.server });
    const seeded = this.simulator.seedPayment(this.folder.payment, start);
    if (seeded.is === 'refused') throw new Error(seeded.problem);
    this.server.webhooks.push(...seeded.webhooks);
  }
}

function connectionTo(platform: string, baseUrl: string): Connection {
  const name = parseConnection(`${platform}-contract`);
  const merchant = parseMerchant('contract');
  if (name === undefined || merchant === undefined) throw new Error('not a name');
  return { name, merchant, kind: 'gateway', platform, mode: 'test', settings: { baseUrl } };
}
