import type { Reader } from '../../../app/ports/gateway.ts';
import { read } from './read.ts';
import { settings } from './settings.ts';
import { verify } from './verify.ts';

/** The half that receives. The half that calls out is `client.ts`; each loads without the other. */
export const reader: Reader = {
  answers: 'platform',
  problemWith: (secret) =>
    /^whsec_[A-Za-z0-9+/=_-]{16,}$/.test(secret.reveal())
      ? undefined
      : 'must be the signing secret of the webhook endpoint, whsec_…',
  settings,
  verify,
  read,
};
