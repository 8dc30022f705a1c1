const plain = (text: string): URL | undefined =>
  URL.canParse(text) && !/[?#@]/.test(text) ? new URL(text) : undefined;

/** An https address that a credential may be sent to, with no query, fragment or user name in it. */
export const isSecureUrl = (text: string): boolean => plain(text)?.protocol === 'https:';

/** An address on this machine, where simulators listen: a credential that goes there stays here. Only for connections in test mode. */
export function leadsHere(text: string): boolean {
  const url = plain(text);
  return url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
