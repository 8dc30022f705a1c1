import type { Reader } from '../../../app/ports/gateway.ts';
import { read } from './read.ts';
import { verify } from './verify.ts';

/** The half that receives. The half that calls out is `client.ts`; each loads without the other. */
export const reader: Reader = { answers: 'platform', verify, read };
