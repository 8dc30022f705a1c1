import type { Saboteur } from './plant.ts';

/** Bugs that only show while two versions run. */
export const inTheUpgrade: readonly Saboteur[] = [
  {
    name: 'reads-what-is-newer',
    does: 'takes every event for one of its own version',
    patches: [
      [
        'lib/domain/events.ts',
        "  event.v <= (versions[event.type as Event['type']] ?? 0);",
        "  event.v <= 9 + (versions[event.type as Event['type']] ?? 0);",
      ],
    ],
    breaks: 'never-throws',
    profile: 'upgrade',
    seed: 11,
  },
];
