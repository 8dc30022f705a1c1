import type { Connection, Secret, WrongSetting } from './ports/connections.ts';
import type { Readers, Setting } from './ports/gateway.ts';
import { settingProblems } from './settings.ts';

/** A connection as its store has it. */
export interface Configured {
  readonly connection: Connection;
  readonly verifySecrets: readonly Secret[];
}

/**
 * What is wrong with these connections by what their folders read, besides the shape of the store: a platform that does not exist here, a
 * verify secret that no signature could be checked with, a setting that is missing, unknown or not understood. `all` are the connections
 * that they may name, `more` the settings that this root knows besides. It names connection and field and never what stands there.
 */
export async function wrongConnections(
  readers: Readers,
  some: readonly Configured[],
  { all = some.map(({ connection }) => connection), more = () => [] }: Beside = {},
): Promise<readonly WrongSetting[]> {
  const each = some.map(async ({ connection, verifySecrets }): Promise<WrongSetting[]> => {
    const { name, kind } = connection;
    const of = (field: string, says: string): WrongSetting => ({ connection: name, field, says });
    const reader = await readers(connection);
    if (reader === undefined) return [of('platform', `connections.${name}.platform is no ${kind} that exists here`)];
    const unfit = verifySecrets.map((one) => reader.problemWith(one)).find((one) => one !== undefined);
    const secrets =
      unfit === undefined ? [] : [of('verifySecrets', `connections.${name}.verifySecrets: each ${unfit}`)];
    const settings = settingProblems(connection, [...reader.settings, ...more(connection)], all);
    return [...secrets, ...settings.map(({ setting, says }) => of(`settings.${setting}`, says))];
  });
  return (await Promise.all(each)).flat();
}

interface Beside {
  readonly all?: readonly Connection[];
  readonly more?: (connection: Connection) => readonly Setting[];
}
