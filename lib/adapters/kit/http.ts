import * as http from 'node:http';
import * as https from 'node:https';
import type { Answer, Exchange } from './exchange.ts';

/** A page of a hundred refunds is about 200 kB. */
const largestBody = 4 * 1024 * 1024;

/**
 * Sends exactly one request on a connection of its own. Nothing is repeated: node:http repeats nothing by itself, and without
 * keep-alive a reset is never the stale socket of a function that was frozen (the reason why SDKs repeat one). Redirects are not
 * followed (F81): they come back as the answer they are.
 */
export const overHttp: Exchange = (request) =>
  new Promise((resolve) => {
    const url = new URL(request.url);
    if (!request.mayStart()) return resolve({ is: 'none', why: 'not-started' });
    const sent = (url.protocol === 'http:' ? http : https).request(url, {
      method: request.method,
      headers: { ...request.headers },
      agent: false,
    });
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      resolve(answer);
      sent.destroy();
    };
    const timer = setTimeout(() => finish({ is: 'none', why: 'timeout' }), request.limitMs);
    const unanswered = () => finish({ is: 'none', why: 'connection' });
    sent.once('response', (response) => {
      // From here on the answer's own end or error tells, and a request closes when its answer is complete.
      sent
        .off('close', unanswered)
        .off('error', unanswered)
        .on('error', () => {});
      void collect(response).then(finish);
    });
    sent.once('finish', () => request.onSent?.());
    sent.on('error', unanswered).on('close', unanswered);
    sent.end(request.body);
  });

async function collect(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > largestBody) return { is: 'none', why: 'cut-off' };
      chunks.push(chunk);
    }
  } catch {
    return { is: 'none', why: 'cut-off' };
  }
  if (!response.complete) return { is: 'none', why: 'cut-off' };
  return {
    is: 'answer',
    status: response.statusCode ?? 0,
    headers: firstOf(response.headers),
    body: Buffer.concat(chunks),
  };
}

const firstOf = (headers: http.IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name, first]];
    }),
  );
