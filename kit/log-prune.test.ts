import { asc, gt } from 'drizzle-orm';
import { pgSchema, timestamp } from 'drizzle-orm/pg-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { decodeCursor, encodeCursor } from './cursor-log.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';
import { type LiveLog, openLiveLog } from './live-log.ts';
import { appendToLog, logPosition, pruneLog, readLogHead } from './log-table.ts';
import { openLogWatch } from './log-watch.ts';
import { createLogger } from './logger.ts';

const schema = pgSchema('testing');
const log = schema.table('log', { position: logPosition(), at: timestamp({ withTimezone: true }).notNull() });
type Row = typeof log.$inferSelect;

const before = new Date('2026-11-25T00:00:00Z');
const minutesBefore = (minutes: number): Date => new Date(before.getTime() - minutes * 60_000);
const EXPIRED = { extensions: { code: 'CURSOR_EXPIRED', field: 'after' } };

describe('a log that is pruned', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  let database: TestDatabase;
  let handle: DatabaseHandle;
  let tails: LiveLog<Row>[] = [];
  let isAway = false;

  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url);
    await handle.sql`create schema testing`;
    await handle.sql`create table testing.log_counters (log text primary key, epoch text not null, position bigint not null, floor bigint not null default 0)`;
    await handle.sql`create table testing.log (position bigint primary key, at timestamptz not null)`;
  });
  beforeEach(() => handle.sql`truncate testing.log, testing.log_counters`);
  afterEach(async () => {
    isAway = false;
    await Promise.all(tails.map((tail) => tail.close()));
    tails = [];
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });

  const append = (times: readonly Date[]): Promise<void> =>
    handle.db.transaction((tx) =>
      appendToLog(
        tx,
        log,
        times.map((at) => ({ at })),
      ),
    );
  const appendOld = (count: number): Promise<void> => append(Array.from({ length: count }, () => minutesBefore(1)));
  const prune = (limit = 10_000): Promise<number> => pruneLog(handle.db, log, { time: log.at, before, limit });
  const head = () => readLogHead(handle.db, log);
  const readRows = async (position: number, limit: number): Promise<Row[]> => {
    if (isAway) throw new Error('the database is away');
    return handle.db.select().from(log).where(gt(log.position, position)).orderBy(asc(log.position)).limit(limit);
  };
  const positions = async (): Promise<number[]> => (await readRows(0, 10_000)).map(({ position }) => position);
  const openTail = async (): Promise<LiveLog<Row>> => {
    const tail = await openLiveLog<Row>({
      name: 'test',
      watch: openLogWatch(handle).of(log),
      read: readRows,
      head,
      logger,
    });
    tails.push(tail);
    return tail;
  };

  it('loses what is older than the limit, to the millisecond, and nothing else', async () => {
    await append([minutesBefore(2), new Date(before.getTime() - 1), before, new Date(before.getTime() + 1)]);
    expect(await prune()).toBe(2);
    expect(await positions()).toEqual([3, 4]);
    expect(await head()).toMatchObject({ position: 4, floor: 2 });
  });

  it('keeps what lies behind a row that stays, so that it never has a gap', async () => {
    await append([minutesBefore(3), before, minutesBefore(2), minutesBefore(1)]);
    expect(await prune()).toBe(1);
    expect(await positions()).toEqual([2, 3, 4]);
    expect(await head()).toMatchObject({ floor: 1 });
  });

  it('is pruned in batches, oldest first', async () => {
    await appendOld(7);
    expect([await prune(3), await prune(3)]).toEqual([3, 3]);
    expect(await positions()).toEqual([7]);
    expect([await prune(3), await prune(3)]).toEqual([1, 0]);
    expect(await head()).toMatchObject({ position: 7, floor: 7 });
  });

  it('is the same when it is pruned again, or by several at once', async () => {
    await appendOld(60);
    await append([before]);
    const removed = await Promise.all(Array.from({ length: 6 }, () => prune(60)));
    expect(removed.reduce((sum, count) => sum + count, 0)).toBe(60);
    const after = await head();
    expect(after.floor).toBe(60);
    expect(await prune()).toBe(0);
    expect([await head(), await positions()]).toEqual([after, [61]]);
  });

  it('is untouched when it is empty, or has no rows yet', async () => {
    expect(await prune()).toBe(0);
    const empty = await head();
    expect(empty).toMatchObject({ position: 0, floor: 0 });
    expect(await prune()).toBe(0);
    expect(await head()).toEqual(empty);
  });

  it('goes on from its head when all of it was pruned', async () => {
    await appendOld(3);
    await prune();
    const held = await head();
    expect(decodeCursor(encodeCursor(held.epoch, 3), held)).toBe(3);
    await append([before]);
    expect(await positions()).toEqual([4]);
  });

  it('takes a cursor at its floor, and none below', async () => {
    await appendOld(5);
    await append([before]);
    await prune();
    const held = await head();
    expect(decodeCursor(encodeCursor(held.epoch, 5), held)).toBe(5);
    for (const position of [0, 4])
      expect(() => decodeCursor(encodeCursor(held.epoch, position), held)).toThrow(expect.objectContaining(EXPIRED));
    expect(() => decodeCursor(encodeCursor(held.epoch, 4), held)).toThrow(
      'after is older than what the log still holds',
    );
  });

  it.each([
    ['part of what it has not read', 800],
    ['all of what it has not read', 1_200],
  ])('ends a reader that lags with CURSOR_EXPIRED when it loses %s', async (_what, count) => {
    await appendOld(1_200);
    const batches = (await openTail()).follow(0);
    expect((await batches.next()).value).toMatchObject({ position: 500, isCaughtUp: false });
    await prune(count);
    await expect(batches.next()).rejects.toMatchObject(EXPIRED);
    expect(await batches.next()).toEqual({ value: undefined, done: true });
  });

  it('troubles no reader that has read what goes', async () => {
    await appendOld(1_200);
    const batches = (await openTail()).follow(0);
    await batches.next();
    await prune(500);
    expect((await batches.next()).value).toMatchObject({ position: 1_000 });
    expect((await batches.next()).value).toMatchObject({ position: 1_200, isCaughtUp: true });
  });

  it('gives readers all rows without a gap up to where they are told CURSOR_EXPIRED, while it is pruned under them', async () => {
    await appendOld(6_000);
    const tail = await openTail();
    const read = async (start: number): Promise<'all' | 'expired'> => {
      const batches = tail.follow(start);
      for (let position = start; position < 6_000; ) {
        const batch = await batches.next().catch((err: unknown) => {
          expect(err).toMatchObject(EXPIRED);
          return null;
        });
        if (batch === null) return 'expired';
        const expected = batch.value.rows.map((_: Row, index: number) => position + 1 + index);
        expect(batch.value.rows.map((row: Row) => row.position)).toEqual(expected);
        position = batch.value.position;
      }
      return 'all';
    };
    const pruning = (async () => {
      while ((await prune(150)) > 0);
    })();
    const readers: Promise<'all' | 'expired'>[] = [];
    for (let count = 0; count < 40; count += 1) readers.push(read((await head()).floor));
    await Promise.all([...readers, pruning]);
    expect(await head()).toMatchObject({ floor: 6_000 });
  });

  it('tells its readers CURSOR_EXPIRED when the server itself lagged, and serves others from what is left', async () => {
    await append([before]);
    const tail = await openTail();
    const waiting = tail.follow(1);
    await waiting.next();
    isAway = true;
    await handle.sql`update testing.log set at = ${minutesBefore(9).toISOString()}::timestamptz`;
    await appendOld(4);
    await prune();
    await append([before, before]);
    const told = expect(waiting.next()).rejects.toMatchObject(EXPIRED);
    isAway = false;
    await told;
    const { value } = await tail.follow((await head()).floor).next();
    expect(value.rows.map(({ position }: Row) => position)).toEqual([6, 7]);
  });
});
