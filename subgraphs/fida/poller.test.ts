import type { Observations } from '@wheelhouse/contracts/observations.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import type { Chunk } from '@wheelhouse/kit/sweep.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { createMetrics } from './metrics.ts';
import { visitDisplays } from './poller.ts';
import type { Look, SnmpProber, SnmpTarget } from './snmp.ts';
import { findDisplays, registryCopy } from './store.ts';
import { createTargetReader } from './target-reader.ts';
import { anAnswer } from './testing/looks.ts';

const sealer = createSealer('5a'.repeat(32));
const connection = { host: '10.0.0.1', port: 161, version: 'V2C' };
const chunkOf = (keys: string[]): Chunk => ({ slotMs: Date.now(), startMs: Date.now(), paceMs: 1, keys });

/** A prober that answers by the host, and remembers what it was asked. */
function aProber(looks: Record<string, Look | Error | ((signal: AbortSignal | undefined) => Promise<Look>)> = {}) {
  const asked: SnmpTarget[] = [];
  const prober: SnmpProber = {
    look: async (target, signal) => {
      asked.push(target);
      const look = looks[target.host] ?? anAnswer();
      if (look instanceof Error) throw look;
      return typeof look === 'function' ? look(signal) : look;
    },
    close: () => {},
  };
  return { prober, asked };
}

describe('a chunk of displays', () => {
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
    await handle.sql`truncate fida.displays, fida.targets, fida.feed_cursors`;
    jobs = [];
  });

  const optionsWith = (prober: SnmpProber, signal = new AbortController().signal) => ({
    db: handle.db,
    prober,
    readTarget: createTargetReader(sealer),
    metrics: createMetrics(new Registry()),
    signal,
  });
  const know = async (
    id: string,
    target: Record<string, unknown> = {},
    sealed: string | null = sealer.seal({ community: 'hush' }, id),
  ) => {
    const [cursor] = await handle.sql<{ cursor: string }[]>`select cursor from fida.feed_cursors`;
    const item = {
      id,
      version: 1,
      removed: false,
      site: 'museum',
      timeZone: 'UTC',
      connection: { ...connection, ...target },
      sealed,
    };
    await takeFeedItems(handle.db, registryCopy, [item], { from: cursor?.cursor ?? null, to: `behind ${id}` });
  };

  it('is looked at with opened secrets, kept, and told to the status engine as one job', async () => {
    await know('a');
    await know('b', { host: 'quiet' });
    const { prober, asked } = aProber({ quiet: { kind: 'silent', detail: 'no answer' } });
    const chunk = chunkOf(['a', 'b']);
    await visitDisplays(optionsWith(prober), observations, chunk);
    expect(asked).toEqual([
      { ...connection, community: 'hush' },
      { ...connection, host: 'quiet', community: 'hush' },
    ]);
    const rows = (await findDisplays(handle.db, ['a', 'b'])).toSorted((one, other) =>
      one.deviceId < other.deviceId ? -1 : 1,
    );
    expect(rows).toMatchObject([
      { slot: new Date(chunk.slotMs), power: 'ON', lookProblem: null },
      { slot: new Date(chunk.slotMs), power: null, lookProblem: expect.stringContaining('no answer') },
    ]);
    expect(jobs).toMatchObject([
      {
        id: `FIDA-${chunk.slotMs}-a`,
        payload: {
          slotMs: chunk.slotMs,
          observations: [
            { deviceId: 'a', atMs: rows[0]?.lookedAt.getTime(), finding: { kind: 'ANSWERED', problems: [] } },
            { deviceId: 'b', finding: { kind: 'SILENT' } },
          ],
        },
      },
    ]);
    expect(JSON.stringify(jobs)).not.toContain('hush');
  });

  it('leaves out displays that were removed meanwhile, or never were', async () => {
    await know('a');
    const { prober, asked } = aProber();
    await visitDisplays(optionsWith(prober), observations, chunkOf(['a', 'gone']));
    expect(asked).toHaveLength(1);
    expect(jobs[0]?.payload.observations.map(({ deviceId }) => deviceId)).toEqual(['a']);
    await visitDisplays(optionsWith(prober), observations, chunkOf(['gone']));
    expect(jobs).toHaveLength(1);
  });

  it.each<[string, (id: string) => string]>([
    ['was sealed with another key', (id) => createSealer('00'.repeat(32)).seal({ community: 'hush' }, id)],
    ['was sealed for another device', () => sealer.seal({ community: 'hush' }, 'another')],
    ['is in no form that is known', () => 'hush'],
    ['holds no object', (id) => sealer.seal('hush', id)],
    ['holds a field of another type', (id) => sealer.seal({ community: ['hush'] }, id)],
  ])('could not be looked at where the secret %s, and says so without it', async (_name, sealedFor) => {
    await know('a', {}, sealedFor('a'));
    await know('b');
    const { prober, asked } = aProber();
    await visitDisplays(optionsWith(prober), observations, chunkOf(['a', 'b']));
    expect(asked).toHaveLength(1);
    const [row] = await findDisplays(handle.db, ['a']);
    expect(row?.lookProblem).toMatch(/^INVALID_TARGET: (The|the) /);
    expect(jobs[0]?.payload.observations).toMatchObject([
      { deviceId: 'a', finding: { kind: 'COULD_NOT_LOOK', detail: row?.lookProblem } },
      { deviceId: 'b', finding: { kind: 'ANSWERED' } },
    ]);
    expect(JSON.stringify([row, jobs])).not.toContain('hush');
  });

  it('could not be looked at where the entry is one of a later version', async () => {
    await know('a', { version: 'V9' });
    await visitDisplays(optionsWith(aProber().prober), observations, chunkOf(['a']));
    expect((await findDisplays(handle.db, ['a']))[0]?.lookProblem).toBe(
      'INVALID_TARGET: the registry entry is not one that this version can read',
    );
  });

  it('is kept whole although the prober fails at one of them', async () => {
    await know('a', { host: 'breaks' });
    await know('b');
    await visitDisplays(
      optionsWith(aProber({ breaks: new Error('broken\0') }).prober),
      observations,
      chunkOf(['a', 'b']),
    );
    expect(jobs[0]?.payload.observations.map(({ finding }) => finding.kind)).toEqual(['COULD_NOT_LOOK', 'ANSWERED']);
  });

  it('that was cut off by our own stop is neither kept nor told, and its job fails', async () => {
    await know('a', { host: 'held' });
    await know('b');
    const aborter = new AbortController();
    const begun = Promise.withResolvers<void>();
    const held = (signal: AbortSignal | undefined): Promise<Look> =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () =>
          resolve({ kind: 'couldNotLook', cause: { code: 'CANCELLED', text: 'stopped' } }),
        );
        begun.resolve();
      });
    const visited = visitDisplays(
      optionsWith(aProber({ held }).prober, aborter.signal),
      observations,
      chunkOf(['a', 'b']),
    );
    visited.catch(() => {});
    await begun.promise;
    aborter.abort(new Error('the worker is stopping'));
    await expect(visited).rejects.toThrow('the worker is stopping');
    expect(await findDisplays(handle.db, ['a', 'b'])).toEqual([]);
    expect(jobs).toEqual([]);
  });

  it('that is begun after the stop is not kept either', async () => {
    await know('a');
    await expect(
      visitDisplays(
        optionsWith(aProber().prober, AbortSignal.abort(new Error('stopping'))),
        observations,
        chunkOf(['a']),
      ),
    ).rejects.toThrow('stopping');
    expect(await findDisplays(handle.db, ['a'])).toEqual([]);
    expect(jobs).toEqual([]);
  });
});
