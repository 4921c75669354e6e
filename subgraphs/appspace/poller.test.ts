import { Writable } from 'node:stream';
import type { Observations } from '@wheelhouse/contracts/observations.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { readFeedCursor, takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import type { Chunk } from '@wheelhouse/kit/sweep.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Appspace } from './appspace.ts';
import { createTake, shareListings } from './listings.ts';
import { createMetrics } from './metrics.ts';
import { visitPlayers } from './poller.ts';
import { countOffers, findPlayers, registryCopy } from './store.ts';
import { ACCOUNT, aCloud, never } from './testing/cloud.ts';

const chunkOf = (keys: string[], slotMs = Date.now()): Chunk => ({ slotMs, startMs: slotMs, paceMs: 1, keys });

describe('a chunk of players', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  let jobs: { id: string; payload: Observations }[];
  let logged: string[];
  const observations: JobQueue<Observations> = {
    add: (added) => {
      jobs.push(...added);
      return Promise.resolve();
    },
    work: () => Promise.reject(new Error('the poller takes no observations')),
  };

  beforeAll(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url);
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });
  beforeEach(async () => {
    await handle.sql`truncate appspace.players, appspace.listed_players, appspace.targets, appspace.feed_cursors`;
    jobs = [];
    logged = [];
  });

  const know = async (connections: Record<string, Record<string, unknown>>): Promise<void> => {
    const rest = { version: 1, removed: false, site: 'museum', timeZone: 'UTC', sealed: null };
    const items = Object.entries(connections).map(([id, connection]) => ({ id, ...rest, connection }));
    const from = await readFeedCursor(handle.db, registryCopy);
    await takeFeedItems(handle.db, registryCopy, items, { from, to: `${from}+` });
  };
  /** What a worker has to visit chunks with. */
  function aWorker(appspace: Appspace | null) {
    const registry = new Registry();
    const metrics = createMetrics(registry);
    const destination = new Writable({
      write: (line, _encoding, done) => {
        logged.push(String(line));
        done();
      },
    });
    const logger = createLogger({ name: 'test', level: 'trace', destination });
    const take = createTake({ db: handle.db, appspace, metrics, logger, signal: never() });
    const listings = shareListings(take, Date.now);
    const visit = (chunk: Chunk) => visitPlayers({ db: handle.db, metrics, listings }, observations, chunk);
    return { visit, registry };
  }
  const findings = () =>
    jobs.flatMap(({ payload }) => payload.observations).map(({ deviceId, finding }) => [deviceId, finding]);

  it('is found in one listing, kept, and told to the status engine as one job', async () => {
    await know({ a: { deviceId: 'p0' }, b: { deviceId: 'p1' }, c: { deviceId: 'nobody' }, d: { host: 'newer' } });
    const { cloud, appspace, requested } = await aCloud();
    cloud.players[1]?.change({ state: 'FAILED' });
    const { visit, registry } = aWorker(appspace);
    const slotMs = Date.now();
    await visit(chunkOf(['', 'a', 'b', 'c'], slotMs));
    await visit(chunkOf(['d', 'gone'], slotMs));
    expect(jobs.map(({ id }) => id)).toEqual([`APPSPACE-${slotMs}-first`, `APPSPACE-${slotMs}-d`]);
    expect(new Map(findings() as [string, unknown][])).toEqual(
      new Map<string, unknown>([
        ['a', { kind: 'ANSWERED', problems: [] }],
        ['b', { kind: 'SILENT', detail: 'Appspace: Failed, the screen may be dark' }],
        ['c', { kind: 'COULD_NOT_LOOK', detail: 'Appspace has no player with this id' }],
        ['d', { kind: 'COULD_NOT_LOOK', detail: expect.stringContaining('this version') }],
      ]),
    );
    expect(await findPlayers(handle.db, ['b'])).toMatchObject([{ state: 'FAILED', onAir: false }]);
    expect(requested).toEqual(['/authorization/token 200', '/devices 200']);
    expect(await registry.metrics()).toContain('wheelhouse_appspace_looks_total{outcome="told"} 2');
  });

  it('lists the account also while the registry has none of its players, and makes no job', async () => {
    const { appspace } = await aCloud();
    await aWorker(appspace).visit(chunkOf(['']));
    expect(await countOffers(handle.db)).toBe(3);
    expect(jobs).toEqual([]);
  });

  it('of a service that has no account could not be looked at, which is said, and offers nothing', async () => {
    await know({ a: { deviceId: 'p0' } });
    const { visit } = aWorker(null);
    for (let count = 0; count < 2; count++) await visit(chunkOf(['', 'a']));
    const notConfigured = { kind: 'COULD_NOT_LOOK', detail: 'Appspace is not configured' };
    expect(findings()).toEqual([
      ['a', notConfigured],
      ['a', notConfigured],
    ]);
    expect(await countOffers(handle.db)).toBe(0);
    expect(logged.filter((line) => line.includes('Appspace is not configured: set APPSPACE_URL'))).toHaveLength(1);
  });

  it('of a cloud that answers nonsense is told why, and the log has it once, and its end', async () => {
    await know({ a: { deviceId: 'p0' }, b: { deviceId: 'p1' } });
    const { cloud, appspace } = await aCloud();
    const { visit } = aWorker(appspace);
    cloud.setFault({ kind: 'html' });
    for (let count = 0; count < 3; count++) await visit(chunkOf(['a', 'b'], Date.now() + 1));
    expect(new Set(findings().map(([, finding]) => JSON.stringify(finding)))).toEqual(
      new Set([JSON.stringify({ kind: 'COULD_NOT_LOOK', detail: 'Appspace answered HTML in place of JSON' })]),
    );
    expect(await findPlayers(handle.db, ['a'])).toMatchObject([
      { lookProblem: 'Appspace answered HTML in place of JSON' },
    ]);
    cloud.setFault(null);
    await visit(chunkOf(['a'], Date.now() + 1));
    expect(logged.filter((line) => line.includes('does not tell'))).toHaveLength(1);
    expect(logged.filter((line) => line.includes('tells again'))).toHaveLength(1);
    expect(findings().at(-1)).toEqual(['a', { kind: 'ANSWERED', problems: [] }]);
  });

  it('has no secret in its jobs, rows and log lines', async () => {
    await know({ a: { deviceId: 'p0' } });
    const { cloud, appspace } = await aCloud();
    const { visit } = aWorker(appspace);
    for (const fault of [null, { kind: 'refused' }, { kind: 'truncated' }, { kind: 'dropped' }] as const) {
      cloud.setFault(fault);
      await visit(chunkOf(['', 'a'], Date.now() + 1));
    }
    const rows = await handle.sql`select * from appspace.players, appspace.listed_players`;
    const everything = JSON.stringify([jobs, rows, logged]);
    expect(everything).toContain('p0');
    expect(everything).not.toContain(ACCOUNT.refreshToken);
    expect(everything).not.toMatch(/Bearer/);
  });
});
