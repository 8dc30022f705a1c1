import type { Reader } from '../../../app/ports/gateway.ts';
import { read } from './read.ts';
import { settings } from './settings.ts';
import { verify } from './verify.ts';

/** What a shop announces. Its queue unsubscribes after eight failures, so whatever verifies gets a success. */
export const reader: Reader = {
  answers: 'platform',
  problemWith: (secret) =>
    /^[\x21-\x7e]{16,200}$/.test(secret.reveal())
      ? undefined
      : "must be the app's client secret, 16 to 200 characters without spaces",
  settings,
  verify,
  read,
};
