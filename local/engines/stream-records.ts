import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Checkpoint } from '../checkpoints.ts';

/**
 * The engine keeps every record of a table's stream for ever, in `_stream_records` of its file, without an index: each put looks
 * through all of them for the next number, and each poll for what is new (90 ms a put at 100,000 records). Here the table gets the
 * indexes that those two queries, and the description of a shard, can use.
 */

/** On the very expressions of the engine's queries; another expression would not be used. */
const indexes = [
  'CREATE INDEX IF NOT EXISTS redress_next ON _stream_records (table_name, CAST(sequence_number AS INTEGER))',
  'CREATE INDEX IF NOT EXISTS redress_read ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER))',
  'CREATE INDEX IF NOT EXISTS redress_ends ON _stream_records (table_name, shard_id, sequence_number)',
];

/** Somebody else's lock is waited for; the engine's own writes take a few milliseconds. */
const patienceMs = 5000;

/** Adds the indexes. Also while the engine runs: SQLite's own locks order the two. Nothing where there is no such table yet. */
export function indexStreamRecords(dbPath: string): void {
  withRecords(dbPath, (db) => {
    for (const index of indexes) db.exec(index);
  });
}

/**
 * Deletes what has been delivered: every record before a position that the checkpoint names. The record at the position stays,
 * since the reader believes a position only when it finds its record, and since the engine numbers on from the greatest number there
 * is. A position whose record is not there deletes nothing: it is not this file's. For an engine that is not running.
 */
export function trimStreamRecords(dbPath: string, checkpoint: Checkpoint | undefined): void {
  const positions = Object.entries(checkpoint?.shards ?? {}).flatMap(([shardId, { after }]) =>
    after !== undefined && /^\d{1,18}$/.test(after) ? [{ shardId, after }] : [],
  );
  if (positions.length === 0) return;
  withRecords(dbPath, (db) => {
    const there = db.prepare('SELECT 1 FROM _stream_records WHERE shard_id = ? AND sequence_number = ?');
    const trim = db.prepare(
      'DELETE FROM _stream_records WHERE shard_id = ? AND CAST(sequence_number AS INTEGER) < CAST(? AS INTEGER)',
    );
    for (const { shardId, after } of positions) if (there.get(shardId, after) !== undefined) trim.run(shardId, after);
  });
}

function withRecords(dbPath: string, work: (db: DatabaseSync) => void): void {
  if (!existsSync(dbPath)) return;
  const db = new DatabaseSync(dbPath, { timeout: patienceMs });
  try {
    const there = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_stream_records'").get();
    if (there === undefined) return;
    db.exec('BEGIN IMMEDIATE');
    work(db);
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}
