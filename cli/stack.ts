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

/** The stack this command talks to. */
export interface Reached {
  readonly url: string;
  tokenFor(role: Role): Promise<string>;
}

/** One that runs on this machine: what lies in its data folder can be read. */
export interface ReachedHere extends Reached {
  readonly folder: string;
  readonly connections: FileConnections['connections'];
}

/** The one that `REDRESS_URL` names, wherever it runs, with the token in `REDRESS_TOKEN`; without them the one on the data folder. */
export function reach(env: NodeJS.ProcessEnv): Reached {
  const { REDRESS_URL: url, REDRESS_TOKEN: token } = env;
  if (url === undefined || url === '') return reachHere(env);
  if (!isAddress(url))
    throw new Trouble(
      'REDRESS_URL must be the address of an operator API, https://…, without a path, a question mark or a password.',
    );
  if (token === undefined || token === '')
    throw new Trouble(
      'REDRESS_URL is set: put a token of its issuer into REDRESS_TOKEN. Its role decides what you may do.',
    );
  // HTTP would refuse it too, in a sentence that repeats it.
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(token))
    throw new Trouble(
      'REDRESS_TOKEN is no token: it has a space, a line break or another character that no token has.',
    );
  return { url: url.replace(/\/$/, ''), tokenFor: async () => token };
}

/** A token goes nowhere in clear, but to this machine. */
function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const here = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost';
  if (url?.pathname !== '/' || /[?#@]/.test(text)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && here);
}

/** The one on the data folder, whose secrets can be read there: to sign as a shop. */
export function reachHere(env: NodeJS.ProcessEnv): ReachedHere {
  const folder = dataPath(env);
  const running = runningStack(folder);
  if (running === undefined)
    throw new Trouble(`No stack runs on ${folder}. Start one with "npm start", or set REDRESS_DATA to its folder.`);
  const file = join(folder, 'connections.json');
  if (!existsSync(file)) throw new Trouble(`${folder} has no connections.json: it is no data folder of a stack.`);
  const { connections } = JSON.parse(readFileSync(file, 'utf8')) as FileConnections;
  return { url: running.url, folder, connections, tokenFor: (role) => token(folder, role) };
}

/** Who can read the data folder is whoever they like to be: this is a stack for development. */
async function token(folder: string, role: Role): Promise<string> {
  const merchant = parseMerchant(devMerchant);
  if (merchant === undefined) throw new Trouble('The development tenant has no name.');
  const issuer = await devIssuer(folder);
  return issuer.issue({ person: `dev-${role}`, role, merchant }, Date.now());
}

/** A stack that is busy or starting takes some seconds; what is there answers within this. */
const answerMs = 15_000;

/** One request. Throws `Trouble` where nobody answers, or not in time: what a socket says of that helps nobody. */
export async function ask(url: string, path: string, request: RequestInit, limitMs = answerMs): Promise<Response> {
  return fetch(`${url}${path}`, { ...request, signal: AbortSignal.timeout(limitMs) }).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'TimeoutError')
      throw new Trouble(
        `${url} gave no answer within ${limitMs / 1000} seconds. It may be busy; what was asked may have been done all the same.`,
      );
    throw new Trouble(
      `Nobody answers at ${url}. See that a stack runs there; what was asked may have been done all the same.`,
    );
  });
}

/** One call of the operator API. Throws `Trouble` with the problem's own words. */
export async function call<T>(
  { url, tokenFor }: Reached,
  role: Role,
  request: { method?: string; path: string; body?: unknown; seen?: number },
): Promise<T> {
  const response = await ask(url, request.path, {
    method: request.method ?? 'GET',
    headers: {
      authorization: `Bearer ${await tokenFor(role)}`,
      'content-type': 'application/json',
      ...(request.seen !== undefined && { 'if-match': `"${request.seen}"` }),
    },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  });
  const answer = (await response.json().catch(() => {
    throw new Trouble(
      `${url} answered ${response.status}, and not as a stack does. See that it is the address of one.`,
    );
  })) as T & { title?: string; detail?: string };
  if (!response.ok) throw new Trouble(`${answer.title ?? response.status}. ${answer.detail ?? ''}`.trim());
  return answer;
}
