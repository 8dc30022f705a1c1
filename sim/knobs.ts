import type { Tempo } from '../lib/domain/tempo.ts';
import type { Row } from './capabilities.ts';
import type { Happening } from './ceilings.ts';
import type { Clocks } from './clocks.ts';
import type { ShopKind } from './connections.ts';
import type { Rates } from './faults.ts';
import type { Hourly } from './hourly.ts';
import type { Loss } from './losses.ts';
import type { Restore } from './restores.ts';
import type { Tenancy } from './settings.ts';
import type { Deploys } from './versions.ts';

/** What a run is made of, drawn from its seed within its profile. */
export interface Knobs {
  readonly tempo: Tempo;
  /** The gateway is one of any kind, with this row of the capability table; Stripe's simulator where it is left out. */
  readonly row?: Row;
  readonly keyWindowMs: number;
  readonly lateArrivalMs: number;
  readonly latencyMs: number;
  readonly freezeMs: number;
  readonly timeoutMs: number;
  readonly visibilityMs: number;
  readonly batch: number;
  readonly workers: number;
  readonly indexLagMs: number;
  readonly pendingRate: number;
  readonly laterMs: number;
  /** The longest that something is pending at a gateway of any kind; a minute where it is left out. */
  readonly pendingMs?: number;
  /** For so many days somebody looks at what is held and at what is stopped, and decides. */
  readonly lookDays?: number;
  /** Payments are authorised first, and captured in parts, later, or never. */
  readonly inParts: boolean;
  /** A look into an index that finds nothing is no event: no time passes and nothing strikes. A call like any other where it is left out. */
  readonly quickLooks?: boolean;
  readonly shop: ShopKind;
  /** Another merchant is on this installation; one has it alone where it is left out. */
  readonly tenancy?: Tenancy;
  readonly payments: number;
  readonly returnsEach: number;
  /** Each order was paid in two parts, on two payments, of which the gateway need not know the order. */
  readonly twoEach: boolean;
  /** Over how much time what happens is spread. */
  readonly spanMs: number;
  /** How long it is quiet after that, for everything to come to its end. */
  readonly quietMs: number;
  /** When all that runs and waits is gone, and when there is a region again. */
  readonly losses: readonly Loss[];
  /** When the store goes back to an earlier instant. */
  readonly restores: readonly Restore[];
  /** When it begins and whose clocks are wrong; on an ordinary day, and nobody's, where it is left out. */
  readonly clocks?: Clocks;
  /** How much is approved in an hour without a person; as much as there is where it is left out. */
  readonly hourly?: Hourly;
  /** Two versions of the engine; one where it is left out. */
  readonly deploys?: Deploys;
  /** `deaf`: requests for refunds take effect, and nothing is ever answered. Otherwise nothing arrives. */
  readonly outages: readonly { readonly from: number; readonly to: number; readonly deaf: boolean }[];
  readonly happenings: Readonly<Record<Happening, number>>;
  readonly rates: Rates;
}
