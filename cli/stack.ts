import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../lib/domain/access.ts';
import { parseMerchant } from '../lib/domain/ids.ts';
import { dataPath, runningStack } from '../local/data-folder.ts';
import { devMerchant, type FileConnections } from '../local/dev-connections.ts';
import { devIssuer } from '../local/tokens.ts';

/** What was wrong, in a sentence for the person at the terminal. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
}

/** The stack this command talks to: the one that runs on the data folder. */
export interface Reached {
  readonly url: string;
  readonly folder: string;
  readonly connections: FileConnections['connections'];
}

export function reach(env: NodeJS.ProcessEnv): Reached {
  const folder = dataPath(env);
  const running = runningStack(folder);
  if (running === undefined)
    throw new Trouble(`No stack runs on ${folder}. Start one with "npm start", or set REDRESS_DATA to its folder.`);
  const file = join(folder, 'connections.json');
  if (!existsSync(file)) throw new Trouble(`${folder} has no connections.json: it is no data folder of a stack.`);
  const { connections } = JSON.parse(readFileSync(file, 'utf8')) as FileConnections;
  return { url: running.url, folder, connections };
}

/** Who can read the data folder is whoever they like to be: this is a stack for development. */
async function token(folder: string, role: Role): Promise<string> {
  const merchant = parseMerchant(devMerchant);
  if (merchant === undefined) throw new Trouble('The development tenant has no name.');
  const issuer = await devIssuer(folder);
  return issuer.issue({ person: `dev-${role}`, role, merchant }, Date.now());
}

/** One call of the operator API. Throws `Trouble` with the problem's own words. */
export async function call<T>(
  { url, folder }: Reached,
  role: Role,
  request: { method?: string; path: string; body?: unknown; seen?: number },
): Promise<T> {
  const response = await fetch(`${url}${request.path}`, {
    method: request.method ?? 'GET',
    headers: {
      authorization: `Bearer ${await token(folder, role)}`,
      'content-type': 'application/json',
      ...(request.seen !== undefined && { 'if-match': `"${request.seen}"` }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const answer = (await response.json()) as T & { title?: string; detail?: string };
  if (!response.ok) throw new Trouble(`${answer.title ?? response.status}. ${answer.detail ?? ''}`.trim());
  return answer;
}
