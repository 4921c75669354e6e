import type { EmbeddedPostgres } from '@wheelhouse/standalone/postgres.ts';
import { asc, gt } from 'drizzle-orm';
import { pgSchema, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporaryPostgres } from '../tests/temporary-postgres.ts';
import { decodeCursor, encodeCursor, readCursor } from './cursor-log.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';
import { type LiveLog, openLiveLog } from './live-log.ts';
import { appendToLog, logPosition, readLogHead } from './log-table.ts';
import { openLogWatch } from './log-watch.ts';
import { createLogger } from './logger.ts';
import { LogStream } from './resumable.ts';

const schema = pgSchema('testing');
const log = schema.table('log', { position: logPosition(), writer: text().notNull(), tags: text().array().notNull() });
type Row = typeof log.$inferSelect;

const WRITERS = 6;
const APPENDS = 150;
const logger = createLogger({ name: 'test', level: 'silent' });

describe('a log', () => {
  let server: EmbeddedPostgres;
  let close: () => Promise<void>;
  let reader: DatabaseHandle;

  // A PostgreSQL of its own, since this file restarts it.
  beforeAll(async () => {
    ({ server, close } = await startTemporaryPostgres());
    reader = openDatabase(server.url);
    await reader.sql`create schema testing`;
    await reader.sql`create table testing.log_counters (log text primary key, epoch text not null, position bigint not null, floor bigint not null default 0)`;
    await reader.sql`create table testing.log (position bigint primary key, writer text not null, tags text[] not null)`;
  });
  afterAll(async () => {
    await reader.close();
    await close();
  });

  const readRows = (position: number, limit: number): Promise<Row[]> =>
    reader.db.select().from(log).where(gt(log.position, position)).orderBy(asc(log.position)).limit(limit);
  const openTail = (): Promise<LiveLog<Row>> =>
    openLiveLog<Row>({
      name: 'test',
      watch: openLogWatch(reader).of(log),
      read: readRows,
      head: () => readLogHead(reader.db, log),
      logger,
    });

  /** What a reader gets of the log, row by row. */
  const followRows = (tail: LiveLog<Row>, position: number): AsyncIterableIterator<Row> =>
    new LogStream({
      batches: tail.follow(position),
      cursorOf: String,
      matches: () => true,
      eventOf: (row: Row) => row,
    });
  const append = (...writers: string[]): Promise<void> =>
    reader.db.transaction((tx) =>
      appendToLog(
        tx,
        log,
        writers.map((writer) => ({ writer, tags: [] })),
      ),
    );

  /** Appends all rows of one writer, each in a transaction of its own, again until it is committed. */
  async function write(writer: string): Promise<void> {
    const own = openDatabase(server.url, { maxConnections: 1 });
    for (let number = 0; number < APPENDS; ) {
      const name = `${writer}-${number}`;
      try {
        // A commit whose answer was lost must not be made twice: look before writing again.
        const [done] = await own.sql`select 1 from testing.log where writer = ${name}`;
        if (!done) {
          await own.db.transaction(async (tx) => {
            await tx.execute('select pg_sleep(random() * 0.002)');
            await appendToLog(tx, log, [{ writer: name, tags: ['a', 'b'] }]);
          });
        }
        number += 1;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    await own.close();
  }

  it('gives a tailing reader every row of six writers once and in order, also when PostgreSQL restarts under them', async () => {
    const tail = await openTail();
    const rows = followRows(tail, 0);
    const writers = Array.from({ length: WRITERS }, (_, index) => write(`w${index}`));
    const seen: Row[] = [];
    while (seen.length < WRITERS * APPENDS) {
      const { value } = await rows.next();
      seen.push(value);
      if (seen.length === 200 || seen.length === 500) await server.restart();
    }
    await Promise.all(writers);
    expect(seen.map((row) => row.position)).toEqual(seen.map((_, index) => index + 1));
    expect(new Set(seen.map((row) => row.writer)).size).toBe(WRITERS * APPENDS);
    expect(seen[0]?.tags).toEqual(['a', 'b']);
    await rows.return?.();
    await tail.close();
  }, 60_000);

  it('leaves no gap when an append is rolled back', async () => {
    const before = await readLogHead(reader.db, log);
    const failing = reader.db.transaction(async (tx) => {
      await appendToLog(tx, log, [{ writer: 'lost', tags: [] }]);
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    await append('kept-1', 'kept-2');
    const rows = await readRows(before.position, 10);
    expect(rows.map((row) => [row.position - before.position, row.writer])).toEqual([
      [1, 'kept-1'],
      [2, 'kept-2'],
    ]);
  });

  it('frees a waiting reader at once when it stops, with no further row', async () => {
    const tail = await openTail();
    const { position } = await readLogHead(reader.db, log);
    const batches = tail.follow(position);
    await batches.next();
    const waiting = batches.next();
    await batches.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    await tail.close();
  });

  it('tells a reader where it stands at once, and then what is new, all of it at a time', async () => {
    const tail = await openTail();
    const { position } = await readLogHead(reader.db, log);
    const batches = tail.follow(position);
    expect((await batches.next()).value).toEqual({ rows: [], position, isCaughtUp: true });
    const waiting = batches.next();
    await append('one', 'two', 'three');
    const { value } = await waiting;
    expect(value).toMatchObject({ position: position + 3, isCaughtUp: true });
    expect(value.rows.map((row: Row) => row.writer)).toEqual(['one', 'two', 'three']);
    await tail.close();
  });

  it('says of a batch from the table whether it reaches the tail', async () => {
    const { position } = await readLogHead(reader.db, log);
    const tail = await openTail();
    const batches = tail.follow(position - 600);
    expect((await batches.next()).value).toMatchObject({ position: position - 100, isCaughtUp: false });
    expect((await batches.next()).value).toMatchObject({ position, isCaughtUp: true });
    await tail.close();
  });

  it('wakes every one of many readers, and none that has left', async () => {
    const tail = await openTail();
    const { position } = await readLogHead(reader.db, log);
    const readers = Array.from({ length: 2_000 }, () => tail.follow(position));
    for (const batches of readers) await batches.next();
    const waiting = readers.map((batches) => batches.next());
    for (const batches of readers.filter((_, index) => index % 2 === 0)) await batches.return?.();
    await append('awaited');
    const told = await Promise.all(waiting);
    expect(told.map(({ done }) => done === true)).toEqual(readers.map((_, index) => index % 2 === 0));
    expect(new Set(told.filter(({ done }) => !done).map(({ value }) => value.position))).toEqual(
      new Set([position + 1]),
    );
    await tail.close();
  });

  it('serves a reader from the table until it has caught up, then from the shared stream', async () => {
    const tail = await openTail();
    const { position } = await readLogHead(reader.db, log);
    const rows = followRows(tail, 0);
    let last = 0;
    while (last < position) last = (await rows.next()).value.position;
    const next = rows.next();
    await append('live');
    expect((await next).value).toMatchObject({ position: position + 1, writer: 'live' });
    await rows.return?.();
    await tail.close();
  });

  it('refuses cursors that are none, of another log, or ahead of the log', async () => {
    const head = await readLogHead(reader.db, log);
    expect(decodeCursor(encodeCursor(head.epoch, 3), head)).toBe(3);
    expect(readCursor(encodeCursor(head.epoch, 3))).toEqual({ epoch: head.epoch, position: 3 });
    expect(readCursor(encodeCursor('not-one', 3))).toBeNull();
    expect(() => decodeCursor('hello', head)).toThrow('after is not a cursor');
    expect(() => decodeCursor(encodeCursor('00000000', 3), head)).toThrow('another log');
    expect(() => decodeCursor(encodeCursor(head.epoch, head.position + 1), head)).toThrow('future');
  });
});
