import { createSocket, type Socket } from 'node:dgram';

/** Takes a document for the daemon. Never throws, never waits. */
export type Tell = (document: Readonly<Record<string, unknown>>) => void;

const header = '{"format": "json", "version": 1}\n';

/** What the daemon takes as one document. */
const most = 64_000;

/**
 * Sends trace documents to the X-Ray daemon beside the function, each as one datagram. Undefined where the address is no `host:port`, so
 * that nothing is traced where there is no daemon. A document that can't be sent is lost: a trace is no fact.
 * Format: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html
 */
export function daemonAt(address: string | undefined): Tell | undefined {
  const [, host, port] = /^(?:.*\budp:)?([a-z0-9.-]+):(\d{1,5})\b/i.exec(address ?? '') ?? [];
  if (host === undefined || Number(port) === 0 || Number(port) > 65_535) return undefined;
  let socket: Socket | undefined;
  const open = () => {
    socket = createSocket('udp4');
    // Without somebody who hears it, an error would end the process.
    socket.on('error', () => undefined);
    socket.unref();
    return socket;
  };
  return (document) => {
    try {
      const datagram = Buffer.from(header + JSON.stringify(document));
      if (datagram.length <= most) (socket ?? open()).send(datagram, Number(port), host, () => undefined);
    } catch {
      socket = undefined;
    }
  };
}
