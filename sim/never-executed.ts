/** In the place of a function's name: nothing in the file. */
export const wholeFile = '*';

const thrown = 'it is for what our own code throws, and that it throws is a broken promise here';
const mended = 'no text that a life stores is damaged';

/**
 * What of the engine's app code no life comes to, by file and function, and why. It is not counted where it is said how much is executed;
 * `npm run sim:coverage` fails where one of it is executed after all, so that this list only gets shorter.
 */
export const neverExecuted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lib/app/audit-pages.ts': {
    [wholeFile]: 'a life is audited from all of its table at once; whoever audits a deployment reads it page by page',
  },
  'lib/app/cancel.ts': { holdForConflict: 'nobody sends other content under an id that was used' },
  'lib/app/disputes.ts': { learnWarning: 'no card network warns of a payment of a life' },
  'lib/app/evidence.ts': { foreign: 'no gateway gives one id to refunds of two legs' },
  'lib/app/ports/connections.ts': {
    toString: 'nothing prints a secret',
    toJSON: 'nothing prints a secret',
  },
  'lib/app/reassess.ts': { holdUnreadable: mended },
  'lib/app/record-notice.ts': { keepConflict: 'nobody sends other content under an id that was used' },
  'lib/app/redrive.ts': { [wholeFile]: 'the queues of a life give dead letters back themselves' },
  'lib/app/check-connections.ts': { [wholeFile]: 'settings are looked at when a real process starts' },
  'lib/app/set-aside.ts': { setAside: thrown, holdAll: thrown },
  'lib/app/test-connection.ts': { [wholeFile]: 'nobody tries a connection out: it is in use from the first moment' },
  'lib/app/settings.ts': { [wholeFile]: 'settings are looked at when a real process starts' },
};
