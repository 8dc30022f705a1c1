import { describe, expect, it } from 'vitest';
import { eventsLaw } from './events-law.ts';
import { expectOnly, found, plant } from './planted.ts';

const map = plant('lib/domain/refund/next.ts', "switch (event.type) {\n  case 'refund.held':\n    return none;\n}");
const events = plant('lib/domain/refund/event.ts', "type A = { readonly type: 'refund.held'; readonly v: 1 };");

describe('the map of events', () => {
  it('is whole', () => expect(found(eventsLaw, map, events)).toEqual([]));

  it('may not miss an event, wherever in the domain it is declared', () => {
    for (const path of ['lib/domain/payment.ts', 'lib/domain/events.ts']) {
      const more = plant(path, "\n  | { readonly type: 'payment.lost'; readonly v: 1 } // here");
      expectOnly(eventsLaw, 'event-unmapped', more, map, events);
    }
  });

  it('may not have a line without an event', () => {
    const ghost = plant(map.path, "switch (event.type) {\n  case 'refund.held':\n  case 'refund.vanished': // here\n}");
    expectOnly(eventsLaw, 'event-unknown', ghost, events);
  });

  it('may not be missing', () => expectOnly(eventsLaw, 'events-map', events));
});
