import type { Gateway } from '../../lib/app/ports/gateway.ts';
import type { World } from './world.ts';

/** From now on each gateway that a world opens is another one, made of it: the same one each time, as that of a real process is. */
export function asGateway(w: World, made: (gateway: Gateway) => Gateway): void {
  const real = w.needs.gateways;
  const opened = new WeakMap<Gateway, Gateway>();
  w.needs.gateways = {
    open: async (connection) => {
      const gateway = await real.open(connection);
      const known = opened.get(gateway) ?? made(gateway);
      opened.set(gateway, known);
      return known;
    },
  };
}
