import type { Exchange } from '../lib/adapters/kit/exchange.ts';
import type { SimRequest, Simulator, SimWebhook } from '../lib/adapters/kit/simulator.ts';
import type { Credentials } from '../lib/app/ports/connections.ts';
import type { Gateways, Reader } from '../lib/app/ports/gateway.ts';
import type { Clock } from '../lib/app/ports/world.ts';
import type { Errors, Truth } from './any-errors.ts';
import type { Stranding } from './gateway.ts';
import type { Process } from './process.ts';

/** A gateway account as a life has it, whatever its rules: its truth, what people and banks do there, and how a process reaches it. */
export interface Account {
  readonly simulator: Pick<Simulator, 'refunds' | 'sign' | 'setFaults' | 'seedPayment'> &
    Required<Pick<Simulator, 'openDispute' | 'closeDispute'>>;
  emit(webhooks: readonly SimWebhook[]): void;
  /** A request that is simply there, without a road: somebody's in the dashboard. */
  arrive(request: SimRequest): unknown;
  /** It takes what comes and answers nothing. */
  deafen(to: boolean): void;
  /** Its connection points to another host, which knows nothing of what was asked at the first, or back. Where it can be told to. */
  repoint?(to: 'elsewhere' | 'home'): void;
  /** It answers questions, and takes no refund for now: says that it is locked, or nothing. Where it can be told to. */
  shut?(to: 'locked' | 'silent' | false): void;
  /** The next request for money leaves, and then its sender is gone; undefined takes that back. Where it can be told to. */
  strandNext?(strand: Stranding | undefined): void;
  /** It authorises a payment, captures some of it, and captures no more of it. Where it can be told to. */
  readonly parts?: {
    authorise(of: { readonly id: string; readonly currency: string; readonly order: string | undefined }): void;
    capture(payment: string, of: { readonly theirs: string; readonly amountMinor: number }): void;
    close(payment: string): void;
  };
  /** What it does against its own word. Where it can be told to. */
  readonly errors?: Errors;
  truth?(): Truth;
  heal(): void;
  /** Over the vendor's wire, where there is one. */
  readonly exchangeOf?: (process: Process) => Exchange;
  /** As ports, where there is none. */
  readonly ports?: {
    readonly reader: Reader;
    gatewaysOf(process: Process, world: { readonly clock: Clock; readonly credentials: Credentials }): Gateways;
  };
}
