/** Lets at most `places` through at the same time, in the order in which they came. */
export interface Gate {
  /** The result of `work`, or `full` when as many as `waiting` are waiting already. */
  pass<T>(work: () => Promise<T>): Promise<T | 'full'>;
}

export function gate(places: number, waiting: number): Gate {
  const queue: (() => void)[] = [];
  let free = places;
  const leave = () => {
    const next = queue.shift();
    // The place is handed on, never put back in between: nobody who comes later can take it.
    if (next === undefined) free += 1;
    else next();
  };
  return {
    pass: async (work) => {
      if (free > 0) free -= 1;
      else if (queue.length >= waiting) return 'full';
      else await new Promise<void>((resolve) => queue.push(resolve));
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
