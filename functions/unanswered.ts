import { Unavailable } from '../lib/app/ports/unavailable.ts';

/**
 * What did not answer and how, as a code for a line of the log: `vault AccessDeniedException`. Of a vendor's error its name and never its
 * text, which may quote items. Without it a missing permission or an empty secret is a 503 for which nothing in the logs says why.
 */
export function unanswered({ what, cause }: Unavailable): string {
  if (cause instanceof Unavailable) return unanswered(cause);
  const name = cause instanceof Error ? cause.name : '';
  return name !== 'Error' && /^[A-Za-z]{1,60}$/.test(name) ? `${what} ${name}` : what;
}
