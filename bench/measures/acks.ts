import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { child, messageOf } from '../child.ts';
import type { Measure } from '../measure.ts';
import type { Load } from '../process/load.ts';
import type { Serving } from '../process/server.ts';
import { median, row } from '../row.ts';

/** Webhooks acknowledged per second, ours and a bare server's in turns; and ours where no two share a transaction. */
export const acks: Measure = async ({ quick, progress }) => {
  const [rounds, count] = quick ? [1, 50] : [5, 2000];
  const names = ['ours', 'alone', 'bare'] as const;
  const servers = names.map((name) => child('server', [name]));
  try {
    const serving = await Promise.all(
      names.map(async (name, index) => ({ name, at: await messageOf<Serving>(servers[index] as ChildProcess) })),
    );
    const perSecond = { ours: [] as number[], alone: [] as number[], bare: [] as number[] };
    // One round more than is counted: the first warms up.
    for (let round = 0; round <= rounds; round += 1)
      for (const { name, at } of serving) {
        const load = await loaded(at, { connections: 32, count, name: `acks-${round}` });
        if (round > 0) perSecond[name].push(load.perSecond);
        progress(`acks: ${name} ${load.perSecond.toFixed(0)} per second`);
      }
    const against = { name: 'acks.bare', value: median(perSecond.bare) };
    const common = { unit: 'per second', n: rounds * count };
    return [
      row({ ...common, name: 'acks.ours', value: median(perSecond.ours), against, goal: '>= 0.7' }),
      row({ ...common, name: 'acks.alone', value: median(perSecond.alone), against }),
      row({ ...common, ...against }),
    ];
  } finally {
    await Promise.all(servers.map(stopped));
  }
};

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.send('stop');
  await exited;
}

async function loaded(at: Serving, of: { connections: number; count: number; name: string }): Promise<Load> {
  const load = await messageOf<Load>(child('load', [at.url, at.secret, of.connections, of.count, of.name]));
  if (load.refused > 0) throw new Error(`${load.refused} of ${load.answered} webhooks were not accepted`);
  return load;
}
