import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dynamoTable } from '../../lib/adapters/aws/table.ts';
import { tableSchemas } from '../../lib/adapters/aws/table-schemas.ts';
import { startDynoxide } from './dynoxide.ts';

let folder: string;
let dbPath: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'redress-dynoxide-'));
  dbPath = join(folder, 'data', 'tables.db');
  vi.stubEnv('REDRESS_DYNAMODB_ENDPOINT', '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A process that has ended and waits to be noticed has no command line any more. */
const isAlive = async (pid: number | undefined): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';

const names = { journal: 'journal', state: 'state' };
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const clientOf = (endpoint: string) => new DynamoDBClient({ region: 'us-east-1', credentials, endpoint });

test('What was written is there after a restart, and a stopped engine leaves no process behind.', async () => {
  const first = await startDynoxide({ dbPath });
  const client = clientOf(first.endpoint);
  for (const schema of Object.values(tableSchemas(names))) await client.send(new CreateTableCommand(schema));
  await dynamoTable({ client, names }).write([{ put: { v: 1n }, key: { table: 'state', pk: 'a' }, only: [] }]);
  client.destroy();
  await first.stop();
  await first.stop();
  expect(await isAlive(first.pid)).toBe(false);
  await expect(stat(`${dbPath}.pid`)).rejects.toThrow('ENOENT');

  const second = await startDynoxide({ dbPath });
  const again = clientOf(second.endpoint);
  expect(await dynamoTable({ client: again, names }).get({ table: 'state', pk: 'a' })).toEqual({ pk: 'a', v: 1n });
  again.destroy();
  await second.stop();
});

/** Starts an engine from a process of its own, as `npm start` does, and tells its process ids. */
async function startElsewhere(then = 'setInterval(() => undefined, 1000)') {
  const script = `
    const { startDynoxide } = await import(${JSON.stringify(new URL('./dynoxide.ts', import.meta.url).href)});
    const { pid } = await startDynoxide({ dbPath: ${JSON.stringify(dbPath)} });
    process.stdout.write(String(pid));
    ${then};`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, pid: Number(pid.toString()) };
}

test('An engine whose owner was killed is ended at the next start on its file.', async () => {
  const { owner, pid } = await startElsewhere();
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  await ended;
  expect(await isAlive(pid)).toBe(true);
  const engine = await startDynoxide({ dbPath });
  expect(await isAlive(pid)).toBe(false);
  expect(await readFile(`${dbPath}.pid`, 'utf8')).toBe(`${engine.pid} ${process.pid}\n`);
  await engine.stop();
});

test('An engine whose owner is alive is left alone, and the second start is refused.', async () => {
  const { owner, pid } = await startElsewhere();
  await expect(startDynoxide({ dbPath })).rejects.toThrow(`Process ${owner.pid} is running on ${dbPath}`);
  expect(await isAlive(pid)).toBe(true);
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  await ended;
  await (await startDynoxide({ dbPath })).stop();
});

test('An owner that exits without a word takes its engine with it.', async () => {
  const { owner, pid } = await startElsewhere('setTimeout(() => process.exit(1), 0)');
  if (owner.exitCode === null) await once(owner, 'exit');
  await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false));
});

test('An engine does not keep its owner from ending.', async () => {
  const { owner, pid } = await startElsewhere('');
  if (owner.exitCode === null) await once(owner, 'exit');
  await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false));
});

test('A process id that has been given to another process since is left alone.', async () => {
  await (await startDynoxide({ dbPath })).stop();
  const bystander = await startDynoxide();
  await writeFile(`${dbPath}.pid`, `${bystander.pid} 1\n`);
  await (await startDynoxide({ dbPath })).stop();
  expect(await isAlive(bystander.pid)).toBe(true);
  await bystander.stop();
});

test('A port that is taken is not taken for the engine.', async () => {
  const engine = await startDynoxide();
  const port = Number(new URL(engine.endpoint).port);
  await expect(startDynoxide({ port })).rejects.toThrow(`port ${port}`);
  await engine.stop();
});

test('REDRESS_DYNAMODB_ENDPOINT is used instead of an engine of ours.', async () => {
  vi.stubEnv('REDRESS_DYNAMODB_ENDPOINT', 'http://127.0.0.1:8000');
  const { endpoint, pid, stop } = await startDynoxide({ dbPath });
  expect([endpoint, pid]).toEqual(['http://127.0.0.1:8000', undefined]);
  await stop();
});
