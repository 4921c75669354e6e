import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Look } from './ping.ts';
import { sampleSources, sampleTables } from './samples.ts';
import { registryCopy, saveLooks } from './store.ts';
import { anAnswer, aSilence, NOT_LOOKED } from './testing/looks.ts';

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

it('a sample has the round trip of who answers, the loss of who is silent, and nothing of whom nobody looked at', async () => {
  const looks: Record<string, [number, Look][]> = {
    answering: [[-1, anAnswer({ roundTripTimeMs: 2.5 })]],
    silent: [
      [-2, anAnswer()],
      [-1, aSilence(1)],
    ],
    unseen: [
      [-61, anAnswer()],
      [-1, NOT_LOOKED],
    ],
    removed: [[-1, anAnswer()]],
  };
  const items = Object.keys(looks).map((id) => ({
    ...{ id, version: 1, removed: id === 'removed', site: 'museum', timeZone: 'UTC' },
    ...{ connection: { host: 'h', method: 'ICMP' }, sealed: null },
  }));
  await takeFeedItems(handle.db, registryCopy, items, { from: null, to: 'c' });
  for (const [deviceId, list] of Object.entries(looks))
    for (const [at, look] of list) await saveLooks(handle.db, minutes(at), [{ deviceId, at: minutes(at), look }]);
  await takeSamples(handle.db, sampleTables, sampleSources, { hour, now: hour });
  const { samples } = sampleTables;
  const rows = await handle.db.select().from(samples).orderBy(asc(samples.subject));
  expect(rows.map(({ subject, metrics, attributes }) => ({ subject, metrics, attributes }))).toEqual([
    { subject: 'answering', metrics: { roundTripTimeMs: 2.5, lossRatio: 0 }, attributes: {} },
    { subject: 'silent', metrics: { lossRatio: 0.5 }, attributes: {} },
  ]);
});
