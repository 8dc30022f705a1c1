import type { Reader } from '../../../app/ports/gateway.ts';
import { read } from './read.ts';
import { keyOf } from './secret.ts';
import { verify } from './verify.ts';

/** Returns in our own format. Its senders read our answers, so what is wrong with a body is said to them. */
export const reader: Reader = {
  answers: 'own',
  problemWith: (secret) =>
    keyOf(secret) === undefined ? 'must be whsec_ and the base64 of 24 to 64 bytes' : undefined,
  settings: [],
  verify,
  read,
};
