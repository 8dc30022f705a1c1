import { assumed } from './bill.ts';
import { monthly, type Priced, prices } from './prices.ts';

const minutes = 30 * 24 * 60;
/** Queues that Lambda polls: assess, execute, reconcile, notify, and one gateway's own. */
const queues = 5;
/** Lambda's pollers of an idle queue, each of which waits twenty seconds for a message. */
const pollers = 5;
const sweeps = minutes;
const tendings = minutes / 15;
/** Partitions of the index `due`, each asked once by a sweep: half a read unit where nothing is due. */
const partitions = 8;
/** One for each of ten functions and one more for eight of them, three for each queue, four of the relay, of which one has two metrics and is billed twice, one each of the sweep, of `tend` and of signatures, two of the API, one for each of 28 codes. */
const alarms = 10 + 8 + 3 * queues + 5 + 5 + 28;

const priceOf = (name: Priced, units: number): number => (units * prices[name].dollars) / prices[name].per;
const runs = sweeps + tendings;
const seconds = (runs * (assumed.invocationMs + partitions * assumed.callMs)) / 1000;

/** What an installation costs by the month that no webhook reaches. */
export const idle = [
  {
    what: 'Alarms',
    arithmetic: `${alarms} metrics of alarms × ${monthly.alarm.dollars}`,
    dollars: alarms * monthly.alarm.dollars,
  },
  { what: 'Dashboard', arithmetic: `1 × ${monthly.dashboard.dollars}`, dollars: monthly.dashboard.dollars },
  { what: 'KMS key', arithmetic: `1 × ${monthly.key.dollars}`, dollars: monthly.key.dollars },
  {
    what: 'Polling of empty queues',
    arithmetic: `${queues} queues × ${pollers} pollers × 3 a minute × ${minutes} minutes`,
    dollars: priceOf('queue', queues * pollers * 3 * minutes),
  },
  {
    what: 'Sweep and tend, Lambda requests',
    arithmetic: `${sweeps} + ${tendings}`,
    dollars: priceOf('invocations', runs),
  },
  {
    what: 'Sweep and tend, Lambda time',
    arithmetic: `${runs} × ${assumed.invocationMs + partitions * assumed.callMs} ms × ${assumed.memoryGb} GB`,
    dollars: priceOf('lambda', seconds * assumed.memoryGb),
  },
  {
    what: 'Sweep, read units',
    arithmetic: `${sweeps} × ${partitions} partitions × 0.5`,
    dollars: priceOf('reads', (sweeps * partitions) / 2),
  },
  {
    what: 'Logs',
    arithmetic: `${runs} × ${assumed.logBytes} bytes`,
    dollars: priceOf('logs', runs * assumed.logBytes),
  },
  {
    what: 'Traces',
    arithmetic: `${runs} × ${assumed.traced}`,
    dollars: priceOf('traces', runs * assumed.traced),
  },
] as const;
