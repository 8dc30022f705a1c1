import type { Table } from '../lib/app/ports/table.ts';
import type { Process } from './process.ts';

/** Which restore epoch is deployed, and which one each function environment was started with. */
export function deployments() {
  const epochs = new Map<string, number>();
  let deployed = 0;
  let writing = 0;
  const epochOf = (process: Process): number => {
    const epoch = epochs.get(process.name) ?? deployed;
    epochs.set(process.name, epoch);
    return epoch;
  };
  return {
    deploy: (epoch: number): void => {
      deployed = epoch;
    },
    epochOf,
    /** Not after another epoch was deployed; what is under way goes on. */
    serves: (process: Process): boolean => epochOf(process) === deployed,
    /** Of the deployment whose write is heard of right now. */
    writing: (): number => writing,
    table: <T extends Table>(table: T, process: Process): T => ({
      ...table,
      write(writes) {
        // The store in memory inserts, and tells of it, before this call returns.
        writing = epochOf(process);
        return table.write(writes);
      },
    }),
  };
}
