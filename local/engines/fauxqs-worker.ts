import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { openFauxqs } from './fauxqs-server.ts';

/** The SQS engine in a thread of its own: tells its port, and serves until it is told anything. */
const { dataDir } = workerData as { readonly dataDir: string | undefined };
const { port, stop } = await openFauxqs(dataDir);
parentPort?.postMessage(port);
if (parentPort !== null) await once(parentPort, 'message');
await stop();
parentPort?.close();
