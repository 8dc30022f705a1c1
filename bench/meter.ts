import { type LocalAws, tableNames } from '../local/aws.ts';
import { type Sent, watchClients } from './counted.ts';

/** What left this process for AWS, since the last `reset`. */
export interface Metered {
  /** DynamoDB commands, without the sweep's look at what is due. */
  readonly tableCalls: number;
  /** Units as DynamoDB counts them, tables and indexes together. */
  readonly writeUnits: number;
  /** Of these, what the journal's entries took, and what the indexes took. */
  readonly journalWriteUnits: number;
  readonly indexWriteUnits: number;
  readonly readUnits: number;
  readonly kmsCalls: number;
  readonly queueSends: number;
  /** Messages handed over, and deletes of them; a receive that brought nothing is not counted. */
  readonly queueReceives: number;
  readonly queueDeletes: number;
  /** Transactions that put an entry into the journal: each is at most one invocation of the relay. */
  readonly journalWrites: number;
  /** First entries of notices: webhooks that were accepted. */
  readonly notices: number;
}

export interface Meter {
  reset(): void;
  read(): Metered;
  /** Of the last command that was no polling; `performance.now()`. */
  lastAt(): number;
}

const nothing: Metered = {
  tableCalls: 0,
  writeUnits: 0,
  journalWriteUnits: 0,
  indexWriteUnits: 0,
  readUnits: 0,
  kmsCalls: 0,
  queueSends: 0,
  queueReceives: 0,
  queueDeletes: 0,
  journalWrites: 0,
  notices: 0,
};

/** Counts at the clients of the SDK; units are what the engine's responses say, asked for by `ReturnConsumedCapacity`. */
export function meterOf(aws: LocalAws): Meter {
  let sum = nothing;
  let lastAt = performance.now();
  const add = (more: Partial<Metered>) => {
    lastAt = performance.now();
    sum = plus(sum, more);
  };
  watchClients([aws.dynamo], {
    before: (input) => {
      input.ReturnConsumedCapacity = 'INDEXES';
    },
    after: (sent) => {
      // The sweep, and the stack's health.
      if (sent.command === 'QueryCommand' && sent.input.IndexName === 'due') return;
      const units = unitsOf(sent.output);
      add(isWrite(sent.command) ? { tableCalls: 1, ...writesOf(sent.output) } : { tableCalls: 1, readUnits: units });
      if (sent.output !== undefined) add(entriesOf(sent.input));
    },
  });
  watchClients([aws.kms], { after: () => add({ kmsCalls: 1 }) });
  watchClients([aws.sqs], { after: (sent) => countQueue(sent, add) });
  return {
    reset: () => {
      sum = nothing;
    },
    read: () => sum,
    lastAt: () => lastAt,
  };
}

const plus = (a: Metered, b: Partial<Metered>): Metered =>
  Object.fromEntries(Object.entries(a).map(([name, value]) => [name, value + (b[name as keyof Metered] ?? 0)])) as {
    [name in keyof Metered]: number;
  };

const isWrite = (command: string): boolean => !/^(?:Get|Query|BatchGet|TransactGet|Scan)/.test(command);

interface Put {
  readonly Put?: { readonly Item?: { readonly pk?: { readonly S?: string }; readonly sk?: { readonly N?: string } } };
}

/** What a transaction put into the journal; the journal alone has sort keys. */
function entriesOf({ TransactItems = [] }: { readonly TransactItems?: readonly Put[] }): Partial<Metered> {
  const entries = TransactItems.flatMap(({ Put }) => (Put?.Item?.sk === undefined ? [] : [Put.Item]));
  const notices = entries.filter(({ pk, sk }) => sk?.N === '1' && pk?.S?.includes('#notice#'));
  return { journalWrites: entries.length > 0 ? 1 : 0, notices: notices.length };
}

interface Consumed {
  readonly TableName?: string;
  readonly CapacityUnits?: number;
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, { readonly CapacityUnits?: number }>>;
}

function consumedOf(output: Sent['output']): readonly Consumed[] {
  const consumed = (output?.ConsumedCapacity ?? []) as Consumed | readonly Consumed[];
  return Array.isArray(consumed) ? consumed : [consumed as Consumed];
}

const sumOf = (all: readonly Consumed[]): number =>
  all.reduce((units, { CapacityUnits = 0 }) => units + CapacityUnits, 0);

const unitsOf = (output: Sent['output']): number => sumOf(consumedOf(output));

function writesOf(output: Sent['output']): Partial<Metered> {
  const all = consumedOf(output);
  return {
    writeUnits: sumOf(all),
    journalWriteUnits: sumOf(all.filter(({ TableName }) => TableName === tableNames.journal)),
    indexWriteUnits: sumOf(all.flatMap(({ GlobalSecondaryIndexes = {} }) => Object.values(GlobalSecondaryIndexes))),
  };
}

function countQueue({ command, output }: Sent, add: (more: Partial<Metered>) => void): void {
  if (command.startsWith('SendMessage')) add({ queueSends: 1 });
  if (command.startsWith('DeleteMessage')) add({ queueDeletes: 1 });
  if (command === 'ReceiveMessageCommand' && Array.isArray(output?.Messages) && output.Messages.length > 0)
    add({ queueReceives: 1 });
}
