import { readNowAndThen } from '../lib/adapters/kit/read-now-and-then.ts';
import type { SimRequest, SimResponse } from '../lib/adapters/kit/simulator.ts';
import type { Secret } from '../lib/app/ports/connections.ts';
import type { Clock } from '../lib/app/ports/world.ts';
import { credential, nextCredential } from './connections.ts';

export type Refusal = 401 | 403;

/**
 * The API credential of the account in a life: which one the gateway lets in, and which one the store of secrets has. The two need not be
 * the same, and what a process has read it uses for some minutes.
 */
export function credentialInLife() {
  let letIn: Secret = credential;
  let stored: Secret = credential;
  let refusal: Refusal | undefined;
  let refused = 0;
  return {
    /** The gateway lets nobody in, or whoever has the credential that it knows. */
    refuse: (with_: Refusal | undefined): void => {
      refusal = with_;
    },
    /** The gateway lets in the next one and not the one before. */
    exchange: (): void => {
      letIn = nextCredential;
    },
    /** Somebody has put the next one into the store of secrets. */
    store: (): void => {
      stored = nextCredential;
    },
    /** Once there is peace: what is stored is let in. */
    settle: (): void => {
      refusal = undefined;
      stored = letIn;
    },
    refused: () => refused,
    /** As a process of ours reads it: now and then, with the code that deployments have for that. */
    readBy: (ask: () => Promise<unknown>, clock: Clock): (() => Promise<Secret>) =>
      readNowAndThen(async () => {
        await ask();
        return stored;
      }, clock),
    /** What the gateway says before it looks at anything else; undefined where it lets the request in. */
    saysNo(request: SimRequest): SimResponse | undefined {
      const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
      if (refusal === undefined && bearer === letIn.reveal()) return undefined;
      refused += 1;
      const error = { type: 'invalid_request_error', message: 'simulated' };
      const headers = { 'content-type': 'application/json' };
      return { status: refusal ?? 401, headers, body: JSON.stringify({ error }) };
    },
  };
}

export type CredentialInLife = ReturnType<typeof credentialInLife>;

/** What the simulator of the gateway is made with, whoever was let in. */
export const asTheFirst = (request: SimRequest): SimRequest => ({
  ...request,
  headers: { ...request.headers, authorization: `Bearer ${credential.reveal()}` },
});
