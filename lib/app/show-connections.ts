import type { ConnectionName, MerchantId } from '../domain/ids.ts';
import { switches } from './control.ts';
import type { Connection, Connections } from './ports/connections.ts';
import type { Table } from './ports/table.ts';

/** What people see of a connection; no secret is read for it. */
export interface ShownConnection extends Pick<Connection, 'kind' | 'platform' | 'mode' | 'settings'> {
  readonly connection: ConnectionName;
  /** Whether requests that move money may be started through it; null of a source, through which none are. */
  readonly sending: 'stopped' | 'running' | null;
}

/** Every connection of a merchant, in the order of the settings. */
export async function showConnections(
  needs: { readonly table: Table; readonly connections: Connections },
  merchant: MerchantId,
): Promise<ShownConnection[]> {
  const { sending, stoppedAccounts } = await switches(needs, merchant);
  const stopped = (name: ConnectionName) => sending === 'stopped' || stoppedAccounts.includes(name);
  return (await needs.connections.of(merchant)).map(({ name, kind, platform, mode, settings }) => ({
    connection: name,
    kind,
    platform,
    mode,
    settings,
    sending: kind === 'source' ? null : stopped(name) ? 'stopped' : 'running',
  }));
}
