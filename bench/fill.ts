import { DatabaseSync } from 'node:sqlite';
import { tableNames } from '../local/aws.ts';

/**
 * Copies everything in the engine's tables, made by finished refunds, under new ids until there are as many refunds as asked for.
 * Straight in the engine's file, while no engine has it: a million items through its API would take longer than all the rest. Copies are
 * items as they were, indexed as they were; only their keys are others.
 */
export function fill(
  dbPath: string,
  of: { readonly templates: number; readonly from: number; readonly to: number },
): void {
  const db = new DatabaseSync(dbPath);
  try {
    const tables = Object.values(tableNames);
    const indexes = (
      db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%::gsi::%'").all() as {
        name: string;
      }[]
    ).map(({ name }) => name);
    const copies = [...tables.map(copyOfTable), ...indexes.map(copyOfIndex)].map((sql) => db.prepare(sql));
    db.exec('PRAGMA synchronous = OFF');
    for (let copy = of.from; copy < of.to; copy += of.templates) {
      // A transaction each: a log of gigabytes would be slower than many small ones.
      db.exec('BEGIN');
      for (const statement of copies) statement.run({ mark: `~${copy}` });
      db.exec('COMMIT');
    }
  } finally {
    db.close();
  }
}

/** The records that a stack has which was never restarted; all of them before what has been read, so that none is delivered. */
export function fillStream(dbPath: string, count: number): void {
  const db = new DatabaseSync(dbPath, { timeout: 30_000 });
  try {
    const columns = 'table_name, event_name, keys_json, new_image, old_image, shard_id, created_at, user_identity';
    const made = db.prepare('SELECT COUNT(*) AS records FROM _stream_records').get() as { records: number };
    const copy = db.prepare(
      `INSERT INTO _stream_records (${columns}, sequence_number) SELECT ${columns}, '1' FROM _stream_records WHERE id IN (SELECT id FROM _stream_records LIMIT 500)`,
    );
    // In steps, so that the engine's own writes wait for milliseconds only.
    for (let records = made.records; records < count; records += Number(copy.run().changes));
  } finally {
    db.close();
  }
}

const renamed = (column: string) => `replace(item_json, '"' || ${column} || '"', '"' || ${column} || $mark || '"')`;

const copyOfTable = (table: string): string =>
  `INSERT INTO "${table}" (pk, sk, item_json, item_size, cached_at, hash_prefix)
   SELECT pk || $mark, sk, ${renamed('pk')}, item_size, cached_at, hash_prefix FROM "${table}" WHERE instr(pk, '~') = 0`;

const copyOfIndex = (index: string): string =>
  `INSERT INTO "${index}" (gsi_pk, gsi_sk, table_pk, table_sk, item_json)
   SELECT gsi_pk, gsi_sk, table_pk || $mark, table_sk, ${renamed('table_pk')} FROM "${index}" WHERE instr(table_pk, '~') = 0`;
