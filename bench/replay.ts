/** An HTTP exchange as the AWS SDK's request handlers speak of it. */
interface SdkRequest {
  readonly headers: Readonly<Record<string, string>>;
}
interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
interface SdkHandler {
  handle(request: never, options?: unknown): Promise<{ readonly response: SdkResponse }>;
  destroy?(): void;
}
interface SdkClient {
  readonly config: { requestHandler: unknown };
}

/** An answer of the real engine, kept as bytes. */
interface Kept {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Replay {
  /** Whose answers are kept or given back from now on, such as `7/duplicate`. */
  scene: string;
  /** From now on nothing is sent: the kept answers are given back at once. */
  replay(): void;
}

/**
 * Puts itself under clients of the AWS SDK. At first it passes requests on and keeps the answers; then it gives the answers back, so that
 * no time of an engine is in what is measured, and every answer is one that an engine has really given to this request.
 */
export function recordThenReplay(clients: readonly SdkClient[]): Replay {
  const kept = new Map<string, Kept>();
  const self = {
    scene: '',
    replay() {
      for (const client of clients) client.config.requestHandler = replaying(self, kept);
    },
  };
  for (const client of clients)
    client.config.requestHandler = recording(self, kept, client.config.requestHandler as SdkHandler);
  return self;
}

const target = ({ headers }: SdkRequest): string => headers['x-amz-target'] ?? '';

const recording = (self: { readonly scene: string }, kept: Map<string, Kept>, real: SdkHandler): SdkHandler => ({
  async handle(request: SdkRequest, options) {
    const { scene } = self;
    const { response } = await real.handle(request as never, options);
    const { statusCode, headers } = response;
    const chunks: Uint8Array[] = [];
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const answer = { statusCode, headers, body: Uint8Array.from(Buffer.concat(chunks)) };
    kept.set(`${scene} ${target(request)}`, answer);
    kept.set(target(request), answer);
    return { response: Object.assign(response, { body: answer.body }) };
  },
  destroy: () => real.destroy?.(),
});

const replaying = (self: { readonly scene: string }, kept: ReadonlyMap<string, Kept>): SdkHandler => ({
  async handle(request: SdkRequest) {
    // What a scene did not ask for when it was recorded, such as a new data key, is answered as another scene was.
    const answer = kept.get(`${self.scene} ${target(request)}`) ?? kept.get(target(request));
    if (answer === undefined) throw new Error(`nothing was recorded for ${target(request)}`);
    return { response: { ...answer, headers: { ...answer.headers } } };
  },
  destroy: () => undefined,
});
