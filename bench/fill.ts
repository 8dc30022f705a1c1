import { DatabaseSync } from 'node:sqlite';
import { tableNames } from '../local/aws.ts';

/**
 * Copies everything in the engine's tables, made by finished refunds, under new ids until there are as many refunds as asked for.
 * Straight in the engine's file, while no engine has it: a million items through its API would take longer than all the rest. Copies are
 * items as they were, indexed as they were; only their keys are others. What is looked at again by the clock, originals too, is so in a
 * month: neither a hundred thousand refunds nor those of the last measurement come due in the minute of this one.
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
    const later = String(Date.now() + monthMs).padStart(13, '0');
    for (const name of [tableNames.state, ...indexes]) db.prepare(putOff(name)).run({ later });
    // The originals apart, since looking for them among the copies would take longer with each copy.
    for (const name of [...tables, ...indexes])
      db.exec(`CREATE TEMP TABLE "${originals(name)}" AS SELECT * FROM "${name}" WHERE ${isOriginal(name)}`);
    const copies = [...tables.map(copyOfTable), ...indexes.map(copyOfIndex)].map((sql) => db.prepare(sql));
    // Nothing is lost if this dies: it is begun anew. A log would write each page twice, and a small cache would read them again and again.
    for (const setting of ['synchronous = OFF', 'cache_size = -2000000', 'journal_mode = OFF'])
      db.exec(`PRAGMA ${setting}`);
    for (let copy = of.from; copy < of.to; copy += of.templates) {
      db.exec('BEGIN');
      for (const statement of copies) statement.run({ mark: `~${copy}`, later });
      db.exec('COMMIT');
    }
    db.exec('PRAGMA journal_mode = WAL');
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

const monthMs = 30 * 24 * 60 * 60 * 1000;

const isIndex = (name: string) => name.includes('::gsi::');
const originals = (name: string) => `originals of ${name}`;
const isOriginal = (name: string) => `instr(${isIndex(name) ? 'table_pk' : 'pk'}, '~') = 0`;

/** The item under its new key, and due later if it is due at all. */
const renamed = (column: string) =>
  `json_replace(replace(item_json, '"' || ${column} || '"', '"' || ${column} || $mark || '"'), '$.dueAt.S', $later)`;

/** Whatever is due, later. */
const putOff = (name: string): string =>
  `UPDATE "${name}" SET item_json = json_replace(item_json, '$.dueAt.S', $later)${
    name.endsWith('::due') ? ", gsi_sk = 'S:' || $later" : ''
  } WHERE json_extract(item_json, '$.dueAt.S') IS NOT NULL`;

const copyOfTable = (table: string): string =>
  `INSERT INTO "${table}" (pk, sk, item_json, item_size, cached_at, hash_prefix)
   SELECT pk || $mark, sk, ${renamed('pk')}, item_size, cached_at, hash_prefix FROM "${originals(table)}"`;

/** The index by due time has that as its sort key. */
const copyOfIndex = (index: string): string =>
  `INSERT INTO "${index}" (gsi_pk, gsi_sk, table_pk, table_sk, item_json)
   SELECT gsi_pk, ${index.endsWith('::due') ? "'S:' || $later" : 'gsi_sk'}, table_pk || $mark, table_sk, ${renamed('table_pk')}
   FROM "${originals(index)}"`;
