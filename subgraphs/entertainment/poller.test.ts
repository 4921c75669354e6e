import type { Observations } from '@wheelhouse/contracts/observations.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { readFeedCursor, takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import type { Chunk } from '@wheelhouse/kit/sweep.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { createMetrics } from './metrics.ts';
import type { Look, Pinger, PingTarget } from './ping.ts';
import { visitDevices } from './poller.ts';
import { findPinged, registryCopy } from './store.ts';
import { anAnswer, aSilence } from './testing/looks.ts';

const chunkOf = (keys: string[]): Chunk => ({ slotMs: Date.now(), startMs: Date.now(), paceMs: 1, keys });

/** A pinger that finds what is said of a host, and remembers its rounds. */
function aPinger(looks: Record<string, Look> = {}) {
  const rounds: { targets: readonly PingTarget[]; paceMs: number }[] = [];
  const pinger: Pinger = {
    lookAt: (targets, { startMs, paceMs }) => {
      rounds.push({ targets, paceMs });
      return Promise.resolve(
        targets.map(({ host }) => ({ atMs: startMs, dueMs: startMs, look: looks[host] ?? anAnswer() })),
      );
    },
  };
  return { pinger, rounds };
}

describe('a chunk of pinged devices', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  let jobs: { id: string; payload: Observations }[];
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
    await handle.sql`truncate entertainment.pinged, entertainment.targets, entertainment.feed_cursors`;
    jobs = [];
  });

  const know = async (connections: Record<string, Record<string, unknown>>): Promise<void> => {
    const rest = { version: 1, removed: false, site: 'museum', timeZone: 'UTC', sealed: null };
    const items = Object.entries(connections).map(([id, connection]) => ({ id, ...rest, connection }));
    const from = await readFeedCursor(handle.db, registryCopy);
    await takeFeedItems(handle.db, registryCopy, items, { from, to: `${from}+` });
  };
  const visit = (pinger: Pinger, chunk: Chunk, signal = new AbortController().signal, registry = new Registry()) =>
    visitDevices({ db: handle.db, pinger, metrics: createMetrics(registry), signal }, observations, chunk);

  it('is pinged as one round, kept, and told to the status engine as one job', async () => {
    await know({ a: { host: 'up', method: 'ICMP' }, b: { host: 'down', method: 'TCP', port: 80 } });
    const { pinger, rounds } = aPinger({ down: aSilence() });
    const chunk = chunkOf(['b', 'a', 'gone']);
    await visit(pinger, chunk);
    expect(rounds).toEqual([
      {
        targets: [
          { host: 'down', method: 'TCP', port: 80 },
          { host: 'up', method: 'ICMP' },
        ],
        paceMs: 1,
      },
    ]);
    const rows = await findPinged(handle.db, ['a', 'b', 'gone']);
    expect(rows.map(({ deviceId, lossRatio }) => [deviceId, lossRatio]).sort()).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    expect(jobs).toMatchObject([
      {
        id: `ENTERTAINMENT-${chunk.slotMs}-b`,
        payload: {
          slotMs: chunk.slotMs,
          observations: [
            { deviceId: 'b', finding: { kind: 'SILENT' } },
            { deviceId: 'a', finding: { kind: 'ANSWERED', problems: [] } },
          ],
        },
      },
    ]);
  });

  it('holds no other device up for an entry that a newer registry wrote', async () => {
    await know({ a: { host: 'up', method: 'QUIC' }, b: { host: 'up', method: 'ICMP' } });
    const registry = new Registry();
    await visit(aPinger().pinger, chunkOf(['a', 'b']), undefined, registry);
    expect(jobs[0]?.payload.observations).toMatchObject([
      { deviceId: 'a', finding: { kind: 'COULD_NOT_LOOK', detail: expect.stringContaining('this version') } },
      { deviceId: 'b', finding: { kind: 'ANSWERED' } },
    ]);
    expect(await registry.metrics()).toContain(
      'wheelhouse_entertainment_looks_total{method="ICMP",outcome="answered"} 1',
    );
  });

  it('says nothing when our own stop cut it off', async () => {
    await know({ a: { host: 'up', method: 'ICMP' } });
    const stopped = AbortSignal.abort(new Error('the worker is stopping'));
    await expect(visit(aPinger().pinger, chunkOf(['a']), stopped)).rejects.toThrow('the worker is stopping');
    expect(jobs).toEqual([]);
    expect(await findPinged(handle.db, ['a'])).toEqual([]);
  });

  it('of removed devices only makes no job', async () => {
    await visit(aPinger().pinger, chunkOf(['gone']));
    expect(jobs).toEqual([]);
  });
});
