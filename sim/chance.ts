/**
 * Keyed chance. Each draw is a hash of the seed, the site that asks and how often that site has asked before: what one part of the
 * world draws never depends on what another part drew, so that a fault can be taken out of a run and everything else stays as it was.
 */
export interface Chances {
  /** The next number in [0, 1) of this site. */
  draw(site: string): number;
  /** A whole number in [from, to]. */
  between(site: string, from: number, to: number): number;
  /** Always the same number for the same name: for what is decided once in a run. */
  fixed(name: string): number;
  /** How often this site has asked. */
  count(site: string): number;
}

export function chances(seed: string): Chances {
  const asked = new Map<string, { readonly of: (text: string) => number; count: number }>();
  const draw = (site: string): number => {
    let known = asked.get(site);
    if (known === undefined) {
      known = { of: fractions(`${seed}|${site}|`), count: 0 };
      asked.set(site, known);
    }
    known.count += 1;
    return known.of(String(known.count));
  };
  return {
    draw,
    between: (site, from, to) => from + Math.floor(draw(site) * (to - from + 1)),
    fixed: (name) => fraction(`${seed}|fixed ${name}`),
    count: (site) => asked.get(site)?.count ?? 0,
  };
}

/** 53 bits of two 32-bit lanes over the text. Not for secrets: fast, and every bit of the text moves every bit of the result. */
export const fraction = (text: string): number => finished(taken(begun, text));

/** `fraction` of texts that begin alike: what they share is hashed once. */
export function fractions(prefix: string): (rest: string) => number {
  const shared = taken(begun, prefix);
  return (rest) => finished(taken(shared, rest));
}

interface Lanes {
  readonly a: number;
  readonly b: number;
}

const begun: Lanes = { a: 0xdeadbeef, b: 0x41c6ce57 };

function taken(from: Lanes, text: string): Lanes {
  let { a, b } = from;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return { a, b };
}

function finished(lanes: Lanes): number {
  let { a, b } = lanes;
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)) / 2 ** 53;
}
