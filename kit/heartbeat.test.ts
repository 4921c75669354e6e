import { type SQL, sql } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMigratedDatabase } from '../tests/database.ts';
import { type DatabaseHandle, openDatabase, type Queryable } from './database.ts';
import { openHeartbeat } from './heartbeat.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';

describe('the heartbeat of a process', () => {
  const registry = new Registry();
  const lines: string[] = [];
  const logger = createLogger({ name: 'test', level: 'warn', destination: { write: (line) => void lines.push(line) } });
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let handle: DatabaseHandle;
  /** Of who looks, whose statements are nobody's. */
  let watcher: DatabaseHandle;
  let counted = 0;
  beforeAll(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url, { maxConnections: 1, metrics: { registry, service: 'test' } });
    watcher = openDatabase(database.url);
  });
  afterAll(async () => {
    await watcher.close();
    await handle.close();
    await database.drop();
  });

  const begin = async (service: string, beatMs: number): Promise<StopList> => {
    const stops = new StopList(logger);
    await openHeartbeat({
      ...{ db: handle.db, databaseUrl: database.url, service, role: 'WORKER', revision: 'abc', logger, stops, beatMs },
      sweep: () => ({ intervalSeconds: 60, slots: [] }),
      countQueues: async () => {
        counted += 1;
        return [{ name: 'q', waiting: 1, active: 0, atMs: 5 }];
      },
    });
    return stops;
  };
  const rows = () => watcher.sql`select * from accounts.processes`;

  it('is there from the first moment on, goes on, and says when the process stops', async () => {
    await watcher.sql`
      insert into accounts.processes (id, role, started_at, seen_at, version, host, pid)
      values ('old', 'WORKER', now() - interval '3 h', now() - interval '2 h', '1', 'h', 1)`;
    const stops = await begin('accounts', 20);
    const [first] = await rows();
    expect(first).toMatchObject({ role: 'WORKER', revision: 'abc', pid: process.pid, stopped_at: null });
    expect(first).toMatchObject({ sweep: { intervalSeconds: 60, slots: [] }, queues: [{ name: 'q', waiting: 1 }] });
    await vi.waitFor(async () => expect((await rows())[0]?.seen_at > first?.seen_at).toBe(true), 10_000);
    // What was said last two hours ago is forgotten.
    expect((await rows()).map(({ id }) => id)).toEqual([first?.id]);
    await stops.stop();
    const [last] = await rows();
    expect(last?.stopped_at).toEqual(last?.seen_at);
    expect(lines).toEqual([]);
  });

  it('costs no statement of those that are counted', async () => {
    const total = async () => (await registry.getMetricsAsJSON())[0]?.values[0]?.value ?? 0;
    await handle.sql`select 1`;
    const before = await total();
    const since = counted;
    const stops = await begin('accounts', 10);
    await vi.waitFor(() => expect(counted).toBeGreaterThan(since + 1), 10_000);
    await stops.stop();
    expect(await total()).toBe(before);
    await handle.sql`select 1`;
    expect(await total()).toBe(before + 1);
  });

  it('is told of all services of the process by one statement, and of the others where one has no table', async () => {
    const stops = new StopList(logger);
    const statements: string[] = [];
    const open = (service: string, role: 'SERVER' | 'WORKER', db: Queryable = handle.db) =>
      openHeartbeat({
        ...{ db, databaseUrl: database.url, service, role, revision: null, logger, stops, beatMs: 20 },
        ...{ sweep: () => null, countQueues: () => Promise.resolve(null) },
      });
    const watched = Object.create(handle.db, {
      execute: {
        value: (query: SQL) => {
          statements.push(handle.db.select({ query }).from(sql`x`).toSQL().sql);
          return handle.db.execute(query);
        },
      },
    });
    await open('fida', 'SERVER', watched);
    await open('fida', 'WORKER');
    await open('qsys', 'WORKER');
    const seen = async (): Promise<{ role: string; seen: number }[]> =>
      watcher.sql`
        select role, extract(epoch from seen_at)::float8 as seen
        from (select * from fida.processes union all select * from qsys.processes) as told order by role`;
    await vi.waitFor(
      () => expect(statements.filter((text) => text.includes('"qsys"')).length).toBeGreaterThan(3),
      10_000,
    );
    const before = await seen();
    expect(before.map(({ role }) => role)).toEqual(['SERVER', 'WORKER', 'WORKER']);
    // Those of a beat have the time of one transaction.
    expect(new Set(before.map(({ seen }) => seen)).size).toBe(1);
    await open('nowhere', 'WORKER');
    await vi.waitFor(async () => {
      const rows = await seen();
      expect(Math.min(...rows.map(({ seen }) => seen))).toBeGreaterThan(before[0]?.seen ?? 0);
    }, 10_000);
    await stops.stop();
    expect(lines.splice(0)).toEqual([expect.stringContaining('nowhere')]);
    const [stopped] = await watcher.sql`select count(stopped_at)::int as count from fida.processes`;
    expect(stopped?.count).toBe(2);
  });

  it('that can not be told is warned of once, and stops nobody', async () => {
    const stops = await begin('nowhere', 10);
    const before = counted;
    await vi.waitFor(() => expect(counted).toBeGreaterThan(before + 3), 10_000);
    await stops.stop();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('this process could not say that it is there');
  });
});
