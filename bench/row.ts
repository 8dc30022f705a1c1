/** One figure of one run. `results.json` is a list of these, and `docs/performance.md` is made of them. */
export interface Row {
  /** `measure.figure`, such as `cpu.first`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** How many observations are behind the value. */
  readonly n: number;
  /** The row, or the thing, that the value was compared with, in the same run. */
  readonly against: string | null;
  /** Value divided by what it was compared with. */
  readonly ratio: number | null;
  /** As text, such as `<= 0.5`: of the ratio where there is one, of the value otherwise. */
  readonly goal: string | null;
  readonly holds: boolean | null;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly n: number;
  readonly against?: { readonly name: string; readonly value: number };
  readonly goal?: string;
}

/** A figure with its ratio, and whether its goal holds. */
export function row({ name, value, unit, n, against, goal }: Figure): Row {
  const ratio = against === undefined ? null : rounded(value / against.value);
  return {
    name,
    value: rounded(value),
    unit,
    n,
    against: against?.name ?? null,
    ratio,
    goal: goal ?? null,
    holds: goal === undefined ? null : holds(ratio ?? rounded(value), goal),
  };
}

/** Whether a number meets a goal such as `<= 0.5`. A number that is none meets nothing. */
export function holds(value: number, goal: string): boolean {
  const [, sign, text] = /^(<=|>=|=) (\d+(?:\.\d+)?)$/.exec(goal) ?? [];
  if (sign === undefined) throw new RangeError(`"${goal}" is no goal: write "<= 0.5", ">= 0.7" or "= 1"`);
  const limit = Number(text);
  if (!Number.isFinite(value)) return false;
  return sign === '<=' ? value <= limit : sign === '>=' ? value >= limit : value === limit;
}

/** Four significant digits: more would be noise. */
export const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(4)) : value);

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** By nearest rank; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
