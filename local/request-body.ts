import type { IncomingMessage, ServerResponse } from 'node:http';

/** The whole body, `too-large`, or `gone` when the client left before it was complete. */
export type Body = Buffer | 'too-large' | 'gone';

/** Refuses by the declared length before reading anything, and by what really comes. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return 'too-large';
  const { promise, resolve } = Promise.withResolvers<Body>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limitBytes) return resolve('too-large');
    chunks.push(chunk);
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', () => resolve('gone'));
  request.once('close', () => resolve('gone'));
  return await promise;
}

/**
 * Ends a connection whose request was not read to its end. Closing at once would reset it, and the client, still writing, would
 * lose the answer: so the answer is sent whole, and what still comes is thrown away for a moment.
 */
export function answerThenClose(request: IncomingMessage, response: ServerResponse, body: string): void {
  response.setHeader('connection', 'close');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.write(body);
  const finish = () => {
    clearTimeout(timer);
    response.end();
    request.socket.destroySoon();
  };
  const timer = setTimeout(finish, lingerMs);
  request.removeAllListeners('data');
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}

const lingerMs = 500;
