import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { readInBatches } from './batches.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';

describe('a query that is read in batches', () => {
  let database: TestDatabase;
  /** One connection, so that a query which holds it for longer than it may is found out by the next one. */
  let handle: DatabaseHandle;
  let other: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url, { maxConnections: 1 });
    other = openDatabase(database.url, { maxConnections: 1 });
    await handle.sql`create table numbers as select n, null::int as other from generate_series(1, 10) as n`;
  });
  afterAll(async () => {
    await handle.close();
    await other.close();
    await database.drop();
  });

  const read = (upTo: number, batchRows = 4) =>
    readInBatches<{ n: number }>(
      handle.sql,
      sql`select n from numbers where n <= ${upTo} and n = any(${sql.param([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])}::int[]) order by n`,
      batchRows,
    );
  const all = async (rows: AsyncGenerator<{ n: number }[]>): Promise<number[][]> => {
    const batches: number[][] = [];
    for await (const batch of rows) batches.push(batch.map(({ n }) => n));
    return batches;
  };
  const terminate = () => other.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;

  it.each([
    [
      10,
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10],
      ],
    ],
    [
      8,
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    ],
    [1, [[1]]],
    [0, []],
  ])('gives the %i rows that there are, in order', async (upTo, batches) => {
    expect(await all(read(upTo))).toEqual(batches);
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    const rows = read(100);
    await rows.next();
    await other.sql`insert into numbers values (5), (11)`;
    expect(await all(rows)).toEqual([
      [5, 6, 7, 8],
      [9, 10],
    ]);
    await other.sql`delete from numbers where n = 11 or ctid in (select max(ctid) from numbers where n = 5)`;
    expect((await all(read(100))).flat()).toHaveLength(10);
  });

  it('keeps nothing of a batch that was given, while the next ones are read', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const rows = read(10, 1);
    const given: WeakRef<object>[] = [];
    for (let n = 1; n <= 5; n += 1) given.push(new WeakRef((await rows.next()).value as object));
    // The latest may still be in the hands of who asked for it.
    const kept = (): number => {
      collectGarbage();
      return given.slice(0, 3).filter((batch) => batch.deref() !== undefined).length;
    };
    await expect.poll(kept).toBe(0);
    await rows.return(undefined);
  });

  it('gives its connection back to who asks no more, also before the first row', async () => {
    const rows = read(10);
    await rows.next();
    await rows.return(undefined);
    expect(await rows.next()).toEqual({ value: undefined, done: true });
    await read(10).return(undefined);
    expect(await handle.sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it('fails where the query does, and the connection is good for others', async () => {
    const read = (query: SQL) => all(readInBatches<{ n: number }>(handle.sql, query, 2));
    await expect(read(sql`select 1 / (5 - n) as n from numbers`)).rejects.toThrow('division by zero');
    await expect(read(sql`select nothing from numbers`)).rejects.toThrow('nothing');
    expect(await handle.sql`select n from numbers order by n limit 2`).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('fails when the connection is lost while nobody asks, and never ends as if it were whole', async () => {
    const rows = read(10);
    expect((await rows.next()).value).toHaveLength(4);
    await terminate();
    await expect(rows.next()).rejects.toMatchObject({ code: expect.stringMatching(/^(CONNECTION_CLOSED|57P01)$/) });
    // The next query may still get the lost connection; the one behind it begins counting at its own first row.
    const numbers = async () => (await handle.sql`select n from numbers order by n`.catch(() => [])).map(({ n }) => n);
    await expect.poll(numbers, { timeout: 15_000 }).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
