interface AnyStack {
  add(
    middleware: (
      next: (args: unknown) => Promise<unknown>,
      context: { readonly commandName?: string },
    ) => (args: unknown) => Promise<unknown>,
    options: { readonly step: 'initialize'; readonly name: string },
  ): void;
}

/** What a client's middleware sees of one command: its input may be changed before it is sent. */
export interface Sent {
  readonly command: string;
  readonly input: Record<string, unknown>;
  /** Undefined where it failed. */
  readonly output: Record<string, unknown> | undefined;
}

interface SeenBy {
  readonly before?: (input: Record<string, unknown>, command: string) => void;
  readonly after: (sent: Sent) => void;
}

/** Tells of every command that leaves through these clients of the AWS SDK. */
export function watchClients(clients: readonly { readonly middlewareStack: unknown }[], seen: SeenBy): void {
  for (const client of clients)
    (client.middlewareStack as AnyStack).add(
      (next, { commandName: command = '' }) =>
        async (args) => {
          const { input } = args as { input: Record<string, unknown> };
          seen.before?.(input, command);
          try {
            const result = (await next(args)) as { output: Record<string, unknown> };
            seen.after({ command, input, output: result.output });
            return result;
          } catch (error) {
            seen.after({ command, input, output: undefined });
            throw error;
          }
        },
      { step: 'initialize', name: 'bench-watch' },
    );
}
