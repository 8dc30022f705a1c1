import type { DeadLetter, DeadLetters } from '../../app/ports/dead-letters.ts';
import type { QueueName, Work } from '../../domain/refund/work.ts';

export interface MemoryDeadLetters extends DeadLetters {
  put(queue: QueueName, work: readonly (Work | undefined)[]): void;
  /** Ends the time for which what was taken is hidden. */
  comeBack(): void;
}

/** The port `DeadLetters` in memory. */
export function memoryDeadLetters(): MemoryDeadLetters {
  let letters: (DeadLetter & { readonly queue: QueueName; hidden: boolean })[] = [];
  let made = 0;
  return {
    put(queue, work) {
      for (const one of work) letters.push({ queue, work: one, receipt: `${++made}`, hidden: false });
    },
    comeBack() {
      for (const letter of letters) letter.hidden = false;
    },
    async take(queue) {
      const taken = letters.filter((one) => one.queue === queue && !one.hidden).slice(0, 10);
      for (const letter of taken) letter.hidden = true;
      return taken.map(({ receipt, work }) => ({ receipt, work }));
    },
    async remove(queue, removed) {
      const gone = new Set(removed.map(({ receipt }) => receipt));
      letters = letters.filter((one) => one.queue !== queue || !gone.has(one.receipt));
    },
  };
}
