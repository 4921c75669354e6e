import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Look } from './rules.ts';
import { sampleSources, sampleTables } from './samples.ts';
import { registryCopy, saveLooks } from './store.ts';
import { aLook, NOT_LOOKED } from './testing/players.ts';

const hour = new Date('2026-11-25T09:00:00Z');
const minutes = (count: number): Date => new Date(hour.getTime() + count * 60_000);
let database: TestDatabase;
let handle: DatabaseHandle;

beforeAll(async () => {
  database = await createMigratedDatabase();
  handle = openDatabase(database.url);
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});

it('a sample has what Appspace last told of a player within the hour, and nothing of one of which it told nothing', async () => {
  const looks: Record<string, [number, Look][]> = {
    playing: [[-1, aLook()]],
    failed: [[-1, aLook({ state: 'FAILED', channelName: null, playerVersion: null })]],
    blind: [
      [-10, aLook()],
      [-1, NOT_LOOKED],
    ],
    stale: [
      [-61, aLook()],
      [-1, NOT_LOOKED],
    ],
    unknown: [[-1, NOT_LOOKED]],
    removed: [[-1, aLook()]],
  };
  const items = Object.keys(looks).map((id) => ({
    ...{ id, version: 1, removed: id === 'removed', site: 'museum', timeZone: 'UTC', connection: {}, sealed: null },
  }));
  await takeFeedItems(handle.db, registryCopy, items, { from: null, to: 'c1' });
  for (const [deviceId, taken] of Object.entries(looks))
    for (const [at, look] of taken) await saveLooks(handle.db, minutes(at), [{ deviceId, at: minutes(at), look }]);
  expect(await takeSamples(handle.db, sampleTables, sampleSources, { hour, now: minutes(1) })).toBe(3);
  const { samples } = sampleTables;
  const rows = await handle.db.select().from(samples).orderBy(asc(samples.subject));
  const playing = { playerState: 'ONLINE', channelName: 'Welcome', onAir: true, playerVersion: '2.71.3' };
  expect(rows.map(({ subject, metrics, attributes }) => ({ subject, metrics, attributes }))).toEqual([
    { subject: 'blind', metrics: {}, attributes: playing },
    { subject: 'failed', metrics: {}, attributes: { playerState: 'FAILED', onAir: false } },
    { subject: 'playing', metrics: {}, attributes: playing },
  ]);
});
