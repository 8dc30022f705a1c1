import type { Exchange } from '../lib/adapters/kit/exchange.ts';
import type { Account } from './account.ts';
import type { Tenant } from './connections.ts';

/** Where requests go, where there is more than one place that they could go to. */

/** One account as it is; of more, each where its connection points to. */
export function accountsOf(
  sides: readonly { readonly tenant: Tenant; readonly account: Account }[],
): Pick<Account, 'exchangeOf' | 'ports'> {
  const [first] = sides;
  if (first === undefined || sides.length === 1) return first?.account ?? {};
  return {
    exchangeOf: (process) =>
      byAddress(
        sides.flatMap(({ tenant, account }) => {
          const exchange = account.exchangeOf?.(process);
          return exchange === undefined ? [] : [[tenant.gatewayUrl, exchange]];
        }),
      ) ?? nowhere,
  };
}

/** A request goes where its address leads. */
export function byAddress(all: readonly (readonly [string, Exchange])[]): Exchange | undefined {
  if (all.length < 2) return all[0]?.[1];
  return (request) => (all.find(([url]) => request.url.startsWith(`${url}/`))?.[1] ?? nowhere)(request);
}

const nowhere: Exchange = async () => ({ is: 'none', why: 'connection' });
