import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { forgetFeed, takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import { requestChanges } from '@wheelhouse/kit/settings-requests.ts';
import type { SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { asc, eq } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../../tests/database.ts';
import { eventually } from '../../../tests/harness.ts';
import { settingsMetrics } from '../settings-metrics.ts';
import { registryCopy, saveLooks } from '../store.ts';
import { hoursOfOperation, settingsChanges, settingsTables, targets } from '../tables.ts';
import { anAnswer } from '../testing/looks.ts';
import { WEEKDAYS } from './hours.ts';
import { HOURS_ACTOR, switchDisplays } from './scheduler.ts';
import { findHours, refreshHours, rezoneHours, saveHours, settleHours } from './store.ts';

const at = (text: string): Date => new Date(`2026-${text}Z`);
const everyDay = (on: string, off: string) => WEEKDAYS.map((weekday) => ({ weekday, on, off }));
const NINE = { weekly: everyDay('09:00', '18:00') };

describe('the hours of displays', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  const metrics = new Registry();
  let jobs: string[] = [];
  const queue: JobQueue<SettingsJob> = {
    add: (added) => {
      jobs.push(...added.map(({ payload }) => payload.subject));
      return Promise.resolve();
    },
    work: () => Promise.reject(new Error('the scheduler carries nothing out')),
  };

  beforeAll(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url, { metrics: { registry: metrics, service: 'testing' } });
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });
  beforeEach(async () => {
    await handle.sql`truncate fida.targets, fida.feed_cursors, fida.displays, fida.hours_of_operation,
      fida.settings_changes, fida.settings_versions, fida.settings_change_events`;
    jobs = [];
    cursor = null;
  });

  let cursor: string | null = null;
  /** Takes displays over from the registry, as the feed tells them. */
  const learn = async (
    items: (Partial<RegistryItem> & { id: string })[],
    now = at('11-24T00:00'),
  ): Promise<string[]> => {
    const connection = { host: '10.0.0.1', port: 161, version: 'V2C' };
    const base = { version: 1, removed: false, site: 'museum', timeZone: 'UTC', connection, sealed: null };
    const move = { from: cursor, to: `${Number(cursor) + 1}` };
    cursor = move.to;
    return takeFeedItems(
      handle.db,
      registryCopy,
      items.map((item) => ({ ...base, ...item })),
      move,
      (tx, ids) => rezoneHours(tx, ids, now),
    );
  };
  const save = (ids: string[], now: Date, hours: Parameters<typeof saveHours>[1][number]['hours'] = NINE) =>
    handle.db.transaction((tx) =>
      saveHours(
        tx,
        ids.map((deviceId) => ({ deviceId, hours })),
        now,
      ),
    );
  const tick = (now: Date, logger = createLogger({ name: 'test', level: 'silent' })) =>
    switchDisplays({ db: handle.db, queue, metrics: settingsMetrics(new Registry()), logger }, now);
  const changes = () =>
    handle.db.select().from(settingsChanges).orderBy(asc(settingsChanges.requestedAt), asc(settingsChanges.subject));
  const asked = async () =>
    (await changes()).map(({ subject, wanted, reason }) => `${subject} ${wanted.power}: ${reason}`);
  const end = (id: string, state: 'APPLIED' | 'UNREACHABLE', now: Date) =>
    handle.db.update(settingsChanges).set({ state, finishedAt: now }).where(eq(settingsChanges.id, id));
  const statements = async (act: () => Promise<unknown>): Promise<number> => {
    const count = async () =>
      (await metrics.getSingleMetric('wheelhouse_sql_statements_total')?.get())?.values[0]?.value;
    const before = (await count()) ?? 0;
    await act();
    return ((await count()) ?? 0) - before;
  };
  const isAnyoneWaiting = async (): Promise<boolean> => {
    const waiting = await handle.sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return waiting.length > 0;
  };
  const only = async () => {
    const [row] = await findHours(handle.db, ['a']);
    if (row === undefined) throw new Error('the display has no hours');
    return row;
  };

  it('are followed once, however many workers follow them', async () => {
    await learn([{ id: 'a' }, { id: 'b', timeZone: 'Africa/Cairo' }]);
    await save(['a', 'b'], at('11-24T12:00'));
    await Promise.all([1, 2, 3].map(() => tick(at('11-24T18:00'))));
    await tick(at('11-24T18:01'));
    expect((await asked()).toSorted()).toEqual([
      'a OFF: closes at 18:00 (UTC)',
      'b OFF: closes at 18:00 (Africa/Cairo)',
    ]);
    expect(jobs.toSorted()).toEqual(['a', 'b']);
    const [change] = await changes();
    expect(change).toMatchObject({
      ...{ actor: HOURS_ACTOR, state: 'PENDING', wanted: { power: 'OFF' }, requestedAt: at('11-24T18:00') },
      idempotencyKey: expect.stringMatching(/^hours:[ab]:2026-11-24T1[68]:00:00.000Z$/),
    });
  });

  it('cost one statement where nothing is due', async () => {
    await learn(Array.from({ length: 50 }, (_, index) => ({ id: `d${index}` })));
    await save(
      Array.from({ length: 50 }, (_, index) => `d${index}`),
      at('11-24T12:00'),
    );
    expect(await statements(() => tick(at('11-24T17:59')))).toBe(1);
  });

  it('cost as many statements for many displays as for one', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `d${index}`);
    await learn([...ids, 'one'].map((id) => ({ id })));
    await save(['one'], at('11-24T12:00'), { weekly: everyDay('08:00', '17:00') });
    const forOne = await statements(() => tick(at('11-24T17:00')));
    await save(ids, at('11-24T17:30'));
    const forMany = await statements(() => tick(at('11-24T18:00')));
    expect(await handle.db.$count(settingsChanges)).toBe(51);
    expect(forMany).toBe(forOne);
  });

  it('that are set while they are being followed are the ones that count', async () => {
    await learn([{ id: 'a' }]);
    await save(['a'], at('11-24T12:00'));
    const set = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const setting = handle.db.transaction(async (tx) => {
      // As on the road of settings: first the version, then what is kept.
      const request = { subject: 'a', sent: {}, kept: { wanted: { hoursOfOperation: [] }, before: {} } };
      await requestChanges(tx, settingsTables, [request], {
        by: { at: at('11-24T17:59'), actor: 'someone' },
        storeKept: (inner) =>
          saveHours(inner, [{ deviceId: 'a', hours: { weekly: everyDay('09:00', '19:00') } }], at('11-24T17:59')),
      });
      set.resolve();
      await gate.promise;
    });
    await set.promise;
    const ticking = tick(at('11-24T18:00'));
    await eventually('the look waits for the one who sets', isAnyoneWaiting);
    gate.resolve();
    await Promise.all([setting, ticking]);
    expect((await changes()).filter(({ actor }) => actor === HOURS_ACTOR)).toEqual([]);
    expect(await only()).toMatchObject({ nextAt: at('11-24T19:00'), changeId: null });
    await tick(at('11-24T19:00'));
    expect((await asked()).at(-1)).toBe('a OFF: closes at 19:00 (UTC)');
  });

  it('stay where they are, in one piece, when asking fails', async () => {
    await learn([{ id: 'a' }]);
    await save(['a'], at('11-24T12:00'));
    const before = await only();
    await handle.sql`alter table fida.settings_change_events add constraint refuse check (state <> 'PENDING')`;
    await expect(tick(at('11-24T18:00'))).rejects.toThrow();
    await handle.sql`alter table fida.settings_change_events drop constraint refuse`;
    expect([await only(), await changes()]).toEqual([before, []]);
    await tick(at('11-24T18:01'));
    expect(await asked()).toEqual(['a OFF: closes at 18:00 (UTC)']);
  });

  it('are asked for also while the queues are away: the reconciler makes the jobs', async () => {
    await learn([{ id: 'a' }]);
    await save(['a'], at('11-24T12:00'));
    const away: JobQueue<SettingsJob> = { ...queue, add: () => Promise.reject(new Error('away')) };
    const logger = createLogger({ name: 'test', level: 'silent' });
    const deps = { db: handle.db, queue: away, metrics: settingsMetrics(new Registry()), logger };
    await switchDisplays(deps, at('11-24T18:00'));
    expect(await asked()).toEqual(['a OFF: closes at 18:00 (UTC)']);
  });

  it('are tried again by a change of its own, once for each one that reached nobody', async () => {
    await learn([{ id: 'a' }]);
    await save(['a'], at('11-24T12:00'));
    await tick(at('11-24T18:00'));
    const [first] = await changes();
    await end(String(first?.id), 'UNREACHABLE', at('11-24T18:00:10'));
    await tick(at('11-24T18:10'));
    await saveLooks(handle.db, at('11-24T18:11'), [{ deviceId: 'a', at: at('11-24T18:11'), look: anAnswer() }]);
    await Promise.all([tick(at('11-24T18:12')), tick(at('11-24T18:12'))]);
    await tick(at('11-24T18:13'));
    expect(await asked()).toEqual(['a OFF: closes at 18:00 (UTC)', 'a OFF: closes at 18:00 (UTC), tried again']);
    const second = (await changes())[1];
    await end(String(second?.id), 'APPLIED', at('11-24T18:12:10'));
    await tick(at('11-24T18:20'));
    expect((await only()).changeId).toBeNull();
    expect(await changes()).toHaveLength(2);
  });

  it.each([
    ['power', 1],
    ['brightnessPercent', 2],
  ])('leave a display alone whose %s someone has set since: %i changes', async (setting, count) => {
    await learn([{ id: 'a' }]);
    await save(['a'], at('11-24T12:00'));
    await tick(at('11-24T18:00'));
    const [first] = await changes();
    await end(String(first?.id), 'UNREACHABLE', at('11-24T18:00:10'));
    const byHand = { subject: 'a', sent: { [setting]: setting === 'power' ? 'ON' : 5 } };
    const by = { at: at('11-24T18:01'), actor: 'someone' };
    await handle.db.transaction((tx) => requestChanges(tx, settingsTables, [byHand], { by }));
    await saveLooks(handle.db, at('11-24T18:11'), [{ deviceId: 'a', at: at('11-24T18:11'), look: anAnswer() }]);
    await tick(at('11-24T18:12'));
    expect((await changes()).filter(({ actor }) => actor === HOURS_ACTOR)).toHaveLength(count);
  });

  it('of many displays that differ are stored and read back', async () => {
    await learn([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    await save(['a', 'b'], at('11-24T12:00'));
    await handle.db.transaction((tx) =>
      saveHours(
        tx,
        [
          { deviceId: 'a', hours: { exceptions: [{ date: '2026-12-25', windows: [] }] } },
          { deviceId: 'b', hours: { weekly: [] } },
          { deviceId: 'c', hours: { weekly: [] } },
          { deviceId: 'unknown', hours: NINE },
        ],
        at('11-24T13:00'),
      ),
    );
    const rows = await findHours(handle.db, ['a', 'b', 'c', 'unknown']);
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ deviceId: 'a', weekly: NINE.weekly, exceptions: [{ date: '2026-12-25', windows: [] }] },
        ...{
          setAt: at('11-24T13:00'),
          switchedThrough: at('11-24T13:00'),
          nextAt: at('11-24T18:00'),
          nextPower: 'OFF',
        },
      }),
    ]);
  });

  describe('when the registry tells of the display anew', () => {
    it('move with the time zone of its site, of the same version, and switch nothing in the past', async () => {
      await learn([{ id: 'a' }, { id: 'b' }]);
      await save(['a', 'b'], at('11-24T12:00'));
      const untouched = await findHours(handle.db, ['b']);
      // 20:00 in Tokyo.
      expect(await learn([{ id: 'a', timeZone: 'Asia/Tokyo' }, { id: 'b' }], at('11-24T13:00'))).toEqual([]);
      expect(await only()).toMatchObject({ timeZone: 'Asia/Tokyo', nextAt: at('11-25T00:00'), nextPower: 'ON' });
      expect(await findHours(handle.db, ['b'])).toEqual(untouched);
      await tick(at('11-24T13:01'));
      expect(await changes()).toEqual([]);
    });

    it('still do what was due by the zone before', async () => {
      await learn([{ id: 'a' }]);
      await save(['a'], at('11-24T12:00'));
      await learn([{ id: 'a', timeZone: 'Asia/Tokyo' }], at('11-24T18:00:01'));
      await tick(at('11-24T18:01'));
      expect(await asked()).toEqual(['a OFF: closes at 03:00 (Asia/Tokyo)']);
      expect(await only()).toMatchObject({ nextAt: at('11-25T00:00'), nextPower: 'ON' });
    });

    it('are by the zone that holds, also when they are set while it changes', async () => {
      await learn([{ id: 'a' }]);
      const changed = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      const learning = handle.db.transaction(async (tx) => {
        await tx.update(targets).set({ timeZone: 'Asia/Tokyo' }).where(eq(targets.deviceId, 'a'));
        await rezoneHours(tx, ['a'], at('11-24T11:59'));
        changed.resolve();
        await gate.promise;
      });
      await changed.promise;
      let isSaved = false;
      const saving = save(['a'], at('11-24T12:00')).finally(() => {
        isSaved = true;
      });
      await eventually('who sets hours waits, or is done', async () => isSaved || (await isAnyoneWaiting()));
      gate.resolve();
      await Promise.all([learning, saving]);
      expect(await only()).toMatchObject({ timeZone: 'Asia/Tokyo', nextAt: at('11-25T00:00') });
    });

    it('go with the display', async () => {
      await learn([{ id: 'a' }]);
      await save(['a'], at('11-24T12:00'));
      await learn([{ id: 'a', version: 2, removed: true }]);
      expect(await findHours(handle.db, ['a'])).toEqual([]);
    });

    it('wait while the registry is read from its start', async () => {
      await learn([{ id: 'a' }]);
      await save(['a'], at('11-24T12:00'));
      await forgetFeed(handle.db, registryCopy, String(cursor));
      cursor = null;
      await tick(at('11-24T18:00'));
      expect(await changes()).toEqual([]);
      await learn([{ id: 'a' }], at('11-24T18:00:30'));
      await tick(at('11-24T18:01'));
      expect(await asked()).toEqual(['a OFF: closes at 18:00 (UTC)']);
    });
  });

  it('are settled in the order in which everyone locks them', async () => {
    await learn([{ id: 'a' }, { id: 'b' }]);
    await save(['a', 'b'], at('11-24T12:00'));
    // The first one to be found is b.
    for (const id of ['b', 'a'])
      await handle.sql`update fida.hours_of_operation set change_id = ${id} where device_id = ${id}`;
    let settling: Promise<void> | undefined;
    await handle.sql.begin(async (tx) => {
      await tx`select 1 from fida.hours_of_operation where device_id = 'a' for update`;
      settling = settleHours(handle.db, ['a', 'b']);
      await eventually('who settles waits', () => isAnyoneWaiting());
      await tx`select 1 from fida.hours_of_operation where device_id = 'b' for update nowait`;
    });
    await settling;
    expect(await only()).toMatchObject({ changeId: null });
  });

  it('of one display that can not be followed keep no other from being switched', async () => {
    await learn([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    await save(['a', 'b', 'c'], at('11-24T12:00'));
    await handle.sql`update fida.hours_of_operation set weekly = '{}' where device_id = 'a'`;
    // Reckoned by a newer worker.
    await handle.sql`update fida.hours_of_operation set time_zone = 'Mars/Olympus' where device_id = 'b'`;
    await expect(tick(at('11-24T18:00'))).rejects.toThrow('the hours of a can not be followed');
    expect(await asked()).toEqual(['c OFF: closes at 18:00 (UTC)']);
  });

  it('are reckoned anew where another edition of the time zone database has reckoned them', async () => {
    await learn([{ id: 'a' }, { id: 'b' }]);
    await save(['a', 'b'], at('11-24T12:00'));
    // By rules of that time the clocks were an hour ahead.
    await handle.db
      .update(hoursOfOperation)
      .set({ timeZoneRules: '1999a', nextAt: at('11-24T17:00') })
      .where(eq(hoursOfOperation.deviceId, 'a'));
    expect(await handle.db.transaction((tx) => refreshHours(tx))).toEqual({ refreshed: 1, hasMore: false });
    expect(await only()).toMatchObject({ nextAt: at('11-24T18:00'), timeZoneRules: process.versions.tz });
    expect(await handle.db.transaction((tx) => refreshHours(tx))).toEqual({ refreshed: 0, hasMore: false });
  });
});
