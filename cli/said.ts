import { run } from './run.ts';

/** A command run in this process, for tests: its exit code, and all that it wrote. */
export async function said(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const text = { out: '', err: '' };
  const write = (to: keyof typeof text) => (more: string) => {
    text[to] += more;
  };
  const code = await run(args, { out: write('out'), err: write('err') });
  return { code, ...text };
}
