import { buildApp } from 'fauxqs';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type SqsStore = Stores['sqsStore'];
type Persistence = NonNullable<SqsStore['persistence']>;

/** What `startFauxqs` of the package does with queues, except that it listens on every network interface: here on 127.0.0.1 only. */
export async function openFauxqs(dataDir: string | undefined): Promise<{ port: number; stop: () => Promise<void> }> {
  const stores: Stores = {
    sqsStore: new (await inside<{ SqsStore: new () => SqsStore }>('sqs/sqsStore.js')).SqsStore(),
    snsStore: new (await inside<{ SnsStore: new () => Stores['snsStore'] }>('sns/snsStore.js')).SnsStore(),
    s3Store: new (await inside<{ S3Store: new () => Stores['s3Store'] }>('s3/s3Store.js')).S3Store(),
  };
  const persistence = dataDir === undefined ? undefined : await restore(stores, dataDir);
  const app = buildApp({ logger: false, stores });
  if (persistence !== undefined) app.addHook('preClose', async () => persistence.close());
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: Number(new URL(address).port), stop: () => app.close() };
}

/** The stores are told where to persist only after loading, or loading would write what it reads. */
async function restore({ sqsStore, snsStore }: Stores, dataDir: string): Promise<Persistence> {
  const { PersistenceManager } = await inside<{ PersistenceManager: new (dataDir: string) => Persistence }>(
    'persistence.js',
  );
  const persistence = new PersistenceManager(dataDir);
  persistence.loadSqsAndSns(sqsStore, snsStore);
  sqsStore.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  return persistence;
}

/** A module that the package does not export; its version is pinned for this. */
const inside = <Module>(path: string): Promise<Module> => import(new URL(path, import.meta.resolve('fauxqs')).href);
