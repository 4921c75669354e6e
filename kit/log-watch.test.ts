import { type SQL, sql } from 'drizzle-orm';
import { pgSchema, text } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { type DatabaseHandle, openDatabase, type Queryable } from './database.ts';
import { appendToLog, logPosition, readLogHead } from './log-table.ts';
import { openLogWatch } from './log-watch.ts';

const makeLog = (schema: string) => pgSchema(schema).table('log', { position: logPosition(), word: text().notNull() });
const [first, second] = [makeLog('one'), makeLog('other')] as const;
const LOOK_MS = 1_000;

let database: TestDatabase;
let handle: DatabaseHandle;
beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url);
  for (const schema of ['one', 'other']) {
    await handle.db.execute(sql`create schema ${sql.identifier(schema)}`);
    await handle.db.execute(
      sql`create table ${sql.identifier(schema)}.log_counters (log text primary key, epoch text not null, position bigint not null, floor bigint not null default 0)`,
    );
    await handle.db.execute(
      sql`create table ${sql.identifier(schema)}.log (position bigint primary key, word text not null)`,
    );
  }
  await readLogHead(handle.db, first);
  await readLogHead(handle.db, second);
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});

/** Watches both logs where nobody is notified: `tick` lets one look begin, and waits for its end. */
function watchDeaf(execute: (query: SQL) => Promise<unknown>) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const hints = [0, 0];
  const tails = [0, 0];
  const looks: Promise<unknown>[] = [];
  const look = (query: SQL): Promise<unknown> => {
    // A query of drizzle's is sent each time that somebody waits for it.
    const answer = Promise.resolve(execute(query));
    looks.push(answer.catch(() => undefined));
    return answer;
  };
  const db: Queryable = Object.create(handle.db, { execute: { value: look } });
  const watch = openLogWatch({ db, sql: { listen: () => Promise.reject(new Error('deaf')) } }, LOOK_MS);
  const watched = [first, second].map((log, index) =>
    watch.of(log)({
      tail: () => tails[index] ?? 0,
      hint: () => void hints.splice(index, 1, (hints[index] ?? 0) + 1),
    }),
  );
  const tick = async (): Promise<void> => {
    vi.advanceTimersByTime(LOOK_MS);
    await looks.at(-1);
    await new Promise(setImmediate);
  };
  const close = async (): Promise<void> => {
    await Promise.all(watched.map((one) => one.close()));
    vi.useRealTimers();
  };
  return { hints, tails, looks, tick, close };
}

it('looks at the logs of all schemas by one statement, and tells the reader that is behind and no other', async () => {
  const { hints, tails, looks, tick, close } = watchDeaf((query) => handle.db.execute(query));
  await tick();
  expect([looks.length, hints]).toEqual([1, [0, 0]]);
  await handle.db.transaction((tx) => appendToLog(tx, second, [{ word: 'a' }]));
  await tick();
  expect([looks.length, hints]).toEqual([2, [0, 1]]);
  tails[1] = 1;
  await tick();
  expect([looks.length, hints]).toEqual([3, [0, 1]]);
  await close();
});

it('tells every reader to look for itself where it can not look', async () => {
  const { hints, tick, close } = watchDeaf(() => Promise.reject(new Error('away')));
  await tick();
  expect(hints).toEqual([1, 1]);
  await close();
});

it('tells every reader to look for itself where a look is not answered within the second', async () => {
  const { hints, looks, close } = watchDeaf(() => new Promise(() => {}));
  vi.advanceTimersByTime(LOOK_MS);
  expect(hints).toEqual([0, 0]);
  vi.advanceTimersByTime(LOOK_MS);
  expect([looks.length, hints]).toEqual([1, [1, 1]]);
  await close();
});

it('tells a reader of an append at once, long before the next look', async () => {
  const hints: number[] = [];
  const watched = openLogWatch(handle, 3_600_000).of(first)({ tail: () => 0, hint: () => void hints.push(1) });
  // It listens.
  await vi.waitFor(() => expect(hints).toHaveLength(1), 10_000);
  await handle.db.transaction((tx) => appendToLog(tx, first, [{ word: 'b' }]));
  await vi.waitFor(() => expect(hints).toHaveLength(2), 10_000);
  await watched.close();
});
