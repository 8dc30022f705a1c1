import { type Instant, iso } from '../lib/domain/time.ts';
import type { Output } from './print.ts';

export interface GatewayView {
  readonly connection: string;
  readonly state: string;
  readonly until: number | null;
  readonly reason: string | null;
  readonly ratePerSecond: number | null;
}

/** How the journal stands towards the deployment after a restore. */
export interface RestoreView {
  readonly deployment: number;
  readonly journal: number;
  /** What a restore under way is to come to; an older deployment does not say it. */
  readonly restoring?: number | null;
  readonly since: number | null;
}

/** Prints nothing where the journal is of the deployment's epoch and stays there. */
export function showRestore(out: Output, { deployment, journal, restoring, since }: RestoreView): void {
  const higher = Math.max(journal, restoring ?? 0);
  if (higher > deployment)
    out.line(
      `RESTORED  nothing is sent: journal of epoch ${journal}${higher > journal ? `, on its way to ${higher}` : ''}, deployment of ${deployment}: deploy with REDRESS_RESTORE_EPOCH=${higher}`,
    );
  if (higher > deployment || journal === deployment) return;
  const next = since === null ? 'begin' : 'reconcile, then redress restore end';
  const from = since === null ? '' : `, put back to ${iso(since as Instant)}`;
  out.line(
    `RESTORED  nothing is sent: journal of epoch ${journal}, deployment of ${deployment}${from}: redress restore ${next}`,
  );
}

/** How gateways are asked, and which kill switches stand at stop. An account may be stopped that has left the settings. */
export interface GatewaysView {
  readonly sending: 'stopped' | 'running';
  readonly stoppedAccounts: readonly string[];
  readonly restore: RestoreView;
  readonly gateways: readonly GatewayView[];
}

/** What keeps refunds from being sent that could be; nothing where nothing does. */
export function showStops(
  out: Output,
  { sending, stoppedAccounts, restore }: Pick<GatewaysView, 'sending' | 'stoppedAccounts' | 'restore'>,
): void {
  showRestore(out, restore);
  if (sending === 'stopped') out.line('STOPPED  all sending: redress resume-sending REASON');
  for (const name of stoppedAccounts)
    out.line(`STOPPED  sending through ${name}: redress resume-sending --connection ${name} REASON`);
}

export function showGateways(out: Output, view: GatewaysView): void {
  const { gateways } = view;
  showStops(out, view);
  for (const gateway of gateways) showGateway(out, gateway);
  if (gateways.length === 0) out.line('no gateways');
}

function showGateway(out: Output, gateway: GatewayView): void {
  const why = gateway.reason === null ? '' : `  (${gateway.reason})`;
  const until = gateway.until === null ? '' : `  asked again at ${iso(gateway.until as Instant)}`;
  const rate = gateway.ratePerSecond === null ? 'not asked yet' : `at most ${gateway.ratePerSecond} requests a second`;
  out.line(`${gateway.connection}  breaker ${gateway.state}${why}  ${rate}${until}`);
}
