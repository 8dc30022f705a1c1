interface Client {
  readonly middlewareStack: { remove(name: string): boolean };
}

/**
 * Takes the SDK's own log out of a client: for each call it makes a copy of what is sent and of what is answered, references and
 * ciphertext among it, for whatever logger the client has. What we log, `Log` says; nobody else needs to hold it.
 */
export function quiet<C extends Client>(client: C): C {
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
