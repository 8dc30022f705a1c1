/** What each measure means and what bounds it. Figures are never written here: they come from the results. */
export interface Chapter {
  readonly measure: string;
  readonly title: string;
  readonly text: string;
}

export const chapters: readonly Chapter[] = [
  {
    measure: 'calls',
    title: 'AWS calls per accepted webhook',
    text: `
Commands that leave the process between a webhook and its answer on a warm function, counted at the SDK's clients. Compared
with the same work as it is usually written: middy, Powertools' logger and idempotency with its DynamoDB layer, one transaction
for the return and its refund, one message to a worker over SQS. Both check the same signature before anything is stored, and
the same schema. We need one call because the first entry of a notice's stream *is* the idempotency record, and because
the table's stream tells the workers. A cold function also asks KMS for a data key, as one does every thousand webhooks.`,
  },
  {
    measure: 'cpu',
    title: 'CPU per accepted webhook',
    text: `
CPU time of the process around the real handlers, fed with API Gateway events, in rounds side by side, the median of the rounds.
The AWS SDK is the real one; below it every request is answered at once with what the engine had answered to the same
request before, so that no engine is in the figure. Ours also encrypts the payment's reference and hashes its entry into a
chain; the other side does neither. \`duplicate\` is a repetition that reaches the environment that recorded the notice, as quick
repetitions mostly do: it remembers the name, and one read says that the notice is durable. \`elsewhere\` is a repetition that reaches
another environment: there it costs what a first delivery costs and the reading of a refused transaction. Ours counts neither metrics nor traces, so the other side does not either. What is
left is mostly the SDK: building, signing and reading one request.`,
  },
  {
    measure: 'acks',
    title: 'Acknowledgements per second',
    text: `
Signed webhooks, each one new, answered per second over HTTP with 32 connections, against a bare server that checks the HMAC and
makes one conditional put: the same HTTP front, the same imitation of Lambda, the same SDK, an engine of its own of the same
kind, alternating in one run. The load comes from a third process; all of them share the cores. Ours writes two items in
one transaction where the bare server puts one. On one machine, which serves many webhooks side by side, those that wait for the
engine share a transaction (\`local/grouped-writes.ts\`); the bare server has nothing of the kind. \`alone\` is ours without
it: a call of the SDK for each webhook, as a function on AWS makes it, which serves one webhook at a time.`,
  },
  {
    measure: 'ready',
    title: 'Start',
    text: `
From starting \`npm start\`'s process to its ready line, on a new data folder and on a used one.`,
  },
  {
    measure: 'bundles',
    title: 'What a function loads',
    text: `
Each function's root, bundled and minified as SST bundles it for a deployment (\`stacks/bundle.ts\`, \`bench/bundle.ts\`), in kB of 1000
bytes of JavaScript; source maps, which lie beside it, are not counted. \`all\` is every file of the bundle and has the goal. \`at-start\` is what is
loaded before a first message: gateways, shops and verifiers are files of their own, read when a message needs them, so that seven
gateways start as one does. \`import\` is the CPU of loading the bundle in a fresh process, beside a bundle that takes
from the same packages the same names and has no code of ours and does nothing. Ours also makes its clients of the SDK, its logger and its metrics: most
of what a function's start costs above that, and done there on purpose, since Lambda gives a start more CPU than a first message.
\`import-beside-clients\` is the same beside a bundle that makes one of each. They take turns, and each value is a median.

What weighs most in \`all\` is the \`stripe\` package, 258 kB that a first gateway call loads; it has no parts that could be left out. Next are the
SDK's client for DynamoDB with all that clients share, some 250 kB, and, in those that decrypt, the Encryption SDK, 220 kB with two versions of a big-number
library for signatures that our suite does not have. \`assess\` misses its goal because it needs both: it opens what was encrypted, and asks
the gateway about a payment that nobody told it about. It could meet its goal if we decrypted ourselves and spoke HTTP to Stripe ourselves;
we keep their own code where money and keys are read. Left out is what functions never load: the SDK's other sources of credentials, the
gateways' clients in those that only receive, the Encryption SDK in those that only encrypt.`,
  },
  {
    measure: 'latency',
    title: 'From webhook to gateway',
    text: `
Twenty returns per second to \`npm start\`, evenly, whatever the answers do. From the moment before a webhook is sent to the
moment at which the simulated gateway was asked for its refund, by the **gateway's own log**. In between lie four transactions,
two hops over the stream and two over queues. Polling is what bounds it: the stream is polled every 50 to 200 ms
when nothing comes; AWS polls table streams four times a second.`,
  },
  {
    measure: 'throughput',
    title: 'Refunds per second',
    text: `
Returns sent as fast as they are answered, sixteen at a time, until the gateway has made the last refund; by the gateway's own
log. One Node process runs everything, the simulator included, and is what bounds it.`,
  },
  {
    measure: 'units',
    title: 'What one refund consumes',
    text: `
From the signed return to the end of everything: the capture webhook of its payment, the return, the gateway's call, the refund's
webhooks. Commands counted at the clients; units are those that the engine's responses state for tables and indexes
(\`ReturnConsumedCapacity\`), by DynamoDB's rules: transactions count twice, a changed index key is two writes. SQS calls are
one refund's own messages on an idle stack, each sent, received and deleted by itself, which is the dearest case; receives that
bring nothing are left out. A data key comes from KMS once for a thousand webhooks or five minutes.`,
  },
  {
    measure: 'cost',
    title: 'What a million refunds cost',
    text: `
The same life in the usual design (middy, Powertools' idempotency, a transaction of state and audit event for each step, SQS between the
steps, KMS for the payment's reference), run against the same engines and counted by the same meter; both priced by one list. The
arithmetic, what was assumed, and what the two do not have in common: [cost.md](cost.md).`,
  },
  {
    measure: 'pace',
    title: 'At a gateway’s limit',
    text: `
A gateway in a process of its own, down while returns come in, and then up again: the backlog that is there by then is worked off.
The gateway takes 25 requests a second, at each endpoint and altogether, as Stripe says of a sandbox, and counts them when they arrive, by
token buckets, as Stripe says it does; how much one of them holds it does not say, here it is what a second brings. A caller
that is a little too fast empties it and is refused. \`most\` is the most that came within any one second, whichever second it is: with 26
a limiter that counts so would have refused one. Refund requests per second in the middle half of the drain as a share of that limit, and
the share of all answers that were 429. The gateway's webhooks come after the drain, since on AWS they have other processors than the
executor: what is measured is the executor. \`with-webhooks\` is a drain in which they come at once: the stack is one Node process on
the cores that the gateway and the engine have too, and what follows a refund costs more than sending it.`,
  },
  {
    measure: 'flat',
    title: 'The same refund with a long journal',
    text: `
Two hundred refunds from webhook to end with 1,000, 10,000 and 100,000 refunds in the tables (the last with
\`REDRESS_BENCH_LENGTHS=1000,10000,100000\`, which takes ten minutes to lay down), as real ones lie there: entries,
heads, index items, and the records of the stream. Table calls leave out the sweep's look at what is due, which
happens every second whatever the work. \`cpu\` is of our process, \`engine-cpu\` of the embedded database engine, which keeps its tables
in one SQLite file: its trees grow deeper and its cache does not grow, and on AWS it does not exist; \`wall\` waits for both. Two hundred
more refunds are run before each measurement, so that all are warm.`,
  },
];
