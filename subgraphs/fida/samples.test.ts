import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { readFeedCursor, takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { sampleSources, sampleTables } from './samples.ts';
import type { Look } from './snmp.ts';
import { registryCopy, saveLooks } from './store.ts';
import { anAnswer } from './testing/looks.ts';

const hour = new Date('2026-11-25T09:00:00Z');
const minutes = (count: number): Date => new Date(hour.getTime() + count * 60_000);
const silent: Look = { kind: 'silent', detail: 'no answer' };

describe('what is sampled of displays', () => {
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
  beforeEach(async () => {
    await handle.sql`truncate fida.displays, fida.targets, fida.feed_cursors, fida.samples, fida.sample_runs, fida.log_counters`;
  });

  const learn = async (...items: { id: string; version?: number; removed?: boolean }[]): Promise<void> => {
    const list = items.map((item): RegistryItem => {
      const rest = { site: 'museum', timeZone: 'UTC', connection: {}, sealed: null };
      return { version: 1, removed: false, ...rest, ...item };
    });
    const from = await readFeedCursor(handle.db, registryCopy);
    await takeFeedItems(handle.db, registryCopy, list, { from, to: `${from}+` });
  };
  const look = (id: string, at: Date, found: Look) => saveLooks(handle.db, at, [{ deviceId: id, at, look: found }]);
  const sampled = async () => {
    await takeSamples(handle.db, sampleTables, sampleSources, { hour, now: hour });
    const { samples } = sampleTables;
    const rows = await handle.db.select().from(samples).orderBy(asc(samples.subject));
    return rows.map(({ subject, metrics, attributes }) => ({ subject, metrics, attributes }));
  };

  it('is what each said last', async () => {
    await learn({ id: 'a' });
    await look('a', minutes(-1), anAnswer());
    expect(await sampled()).toEqual([
      {
        subject: 'a',
        metrics: {
          brightnessPercent: 70,
          temperatureCelsius: 42.3,
          backlightHours: 18_250,
          ambientLightLux: 320,
          roundTripMs: 12.5,
        },
        attributes: {
          power: 'ON',
          inputSource: 'HDMI1',
          signalPresent: true,
          firmware: '4.2.0',
          profile: 'wheelhouse-fida',
        },
      },
    ]);
  });

  it('leaves out what a display does not have', async () => {
    await learn({ id: 'a' });
    await look('a', minutes(-1), anAnswer({ ambientLightLux: null, inputSource: null }));
    const [row] = await sampled();
    expect(row?.metrics).not.toHaveProperty('ambientLightLux');
    expect(row?.attributes).not.toHaveProperty('inputSource');
  });

  it('is nothing of one that has not answered for an hour, however it was looked at since', async () => {
    await learn({ id: 'silent' }, { id: 'late' }, { id: 'never' });
    await look('silent', minutes(-61), anAnswer());
    await look('late', minutes(-59), anAnswer());
    for (const id of ['silent', 'late', 'never']) await look(id, minutes(-1), silent);
    expect((await sampled()).map(({ subject }) => subject)).toEqual(['late']);
  });

  it('is nothing of one that was removed', async () => {
    await learn({ id: 'gone' }, { id: 'there' });
    for (const id of ['gone', 'there']) await look(id, minutes(-1), anAnswer());
    await learn({ id: 'gone', version: 2, removed: true });
    expect((await sampled()).map(({ subject }) => subject)).toEqual(['there']);
  });
});
