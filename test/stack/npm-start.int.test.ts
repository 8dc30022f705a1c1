import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { dataFolder, removeFolder, root } from './process.ts';

/** npm runs a script in a shell, and a signal to npm must reach what runs in it: an orphan would go on serving. */
it('npm start prints its ready line last, and SIGTERM to npm stops the stack and its children', async () => {
  const data = dataFolder();
  const npm = spawn('npm', ['start', '--', '--json'], {
    cwd: root,
    env: { ...process.env, PORT: '0', REDRESS_DATA: data },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  const ready = Promise.withResolvers<string>();
  npm.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (text.includes('"ready"') && text.endsWith('\n')) ready.resolve(text.trim().split('\n').at(-1) ?? '');
  });
  const { ready: url } = JSON.parse(await ready.promise) as { ready: string };
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const exited = once(npm, 'exit');
  npm.kill('SIGTERM');
  await exited;
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  removeFolder(data);
});
