import type { Seen } from './seen.ts';

/** One line of what happened, for whoever has to understand it. */
export interface Told {
  readonly atMs: number;
  readonly what: string;
}

/** Facts that are worth a line each; what is in them besides is shown where it is short. */
const shown = ['leg', 'epoch', 'sending', 'outcome', 'why', 'code', 'reasons', 'amountMinor', 'state', 'legs'];

/** The facts of the refund that `about` names, in the order of their time, or of all refunds; and what the gateway really did. */
export function told(seen: Seen, about: string): Told[] {
  const lines: Told[] = [];
  const named = /rf_[0-9a-f]+/.exec(about)?.[0];
  const one = named !== undefined && [...seen.streams.keys()].some((stream) => stream.endsWith(named)) ? named : '';
  const chosen = [...seen.streams].filter(([stream]) => stream.includes('#refund#') && stream.endsWith(one));
  for (const [stream, entries] of chosen)
    for (const { at, actor, number, events } of entries)
      for (const event of events)
        lines.push({
          atMs: at,
          what: `${stream.split('#').at(-1)} ${number} ${actor}: ${event.type}${details(event)}`,
        });
  for (const { key, amountMinor, status } of seen.refunds)
    lines.push({
      atMs: Number.POSITIVE_INFINITY,
      what: `at the gateway: ${amountMinor} ${status} under ${key ?? 'no key'}`,
    });
  return lines.sort((a, b) => a.atMs - b.atMs);
}

function details(event: Readonly<Record<string, unknown>>): string {
  const parts = shown
    .filter((name) => event[name] !== undefined)
    .map(
      (name) =>
        `${name}=${JSON.stringify(event[name], (_, value) => (typeof value === 'bigint' ? String(value) : value))}`,
    )
    .filter((part) => part.length < 120);
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}
