import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { sampleSources, sampleTables } from './samples.ts';
import { registryCopy, saveLooks } from './store.ts';
import { anAnswer } from './testing/links.ts';

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

it('a sample has what a Core said within the hour before, and none is made of one that was silent, or is removed', async () => {
  const items = ['answering', 'silent', 'removed'].map((id) => ({
    ...{ id, version: 1, removed: id === 'removed', site: 'museum', timeZone: 'UTC' },
    ...{ connection: { host: 'h', port: 1710, transport: 'TCP' }, sealed: null },
  }));
  await takeFeedItems(handle.db, registryCopy, items, { from: null, to: 'c' });
  const look = anAnswer({ designName: 'Museum' });
  for (const [deviceId, at] of [
    ['answering', -1],
    ['silent', -61],
    ['removed', -1],
  ] as const)
    await saveLooks(handle.db, minutes(at), [{ deviceId, at: minutes(at), look }]);
  await saveLooks(handle.db, hour, [{ deviceId: 'silent', at: hour, look: { kind: 'silent', detail: 'no' } }]);
  await takeSamples(handle.db, sampleTables, sampleSources, { hour, now: hour });
  const { samples } = sampleTables;
  const rows = await handle.db.select().from(samples).orderBy(asc(samples.subject));
  expect(rows.map(({ subject, metrics, attributes }) => ({ subject, metrics, attributes }))).toEqual([
    {
      subject: 'answering',
      metrics: { roundTripMs: 2.5 },
      attributes: { engineState: 'ACTIVE', designName: 'Museum', platform: 'Core 110f' },
    },
  ]);
});
