import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { openLogWatch } from '@wheelhouse/kit/log-watch.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { checkManner, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { openOutcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import type { SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { eq } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { admin } from '../../tests/identities.ts';
import type { KeptSettings } from './kept-settings.ts';
import { type SettingsDeps, setDisplays } from './settings.ts';
import type { Ask } from './settings-checks.ts';
import { settingsMetrics } from './settings-metrics.ts';
import { applyPlan, planDisplays } from './settings-plans.ts';
import { undoChange } from './settings-undo.ts';
import { saveLooks } from './store.ts';
import { settingsTables, targets } from './tables.ts';
import { anAnswer } from './testing/looks.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const sealer = createSealer('5a'.repeat(32));
const { manner } = checkManner({ waitMs: 0 });

let database: TestDatabase;
let handle: DatabaseHandle;
let deps: SettingsDeps;
let jobs: string[];
let metrics: Registry;
let now = new Date();
/** A setting that we keep ourselves: words, of which some may not be said. */
const stored = new Map<string, unknown>();
const greeting: KeptSettings = {
  names: ['greeting'],
  find: (_db, ids) =>
    Promise.resolve(new Map(ids.flatMap((id) => (stored.has(id) ? [[id, { greeting: stored.get(id) }]] : [])))),
  check: (wanted: SettingsValues) =>
    wanted.greeting === 'rude'
      ? { faults: [{ ...faultAt('greeting', 'INVALID', 'greeting must be kind'), path: ['greeting', 0] }] }
      : { values: wanted },
  store: (_tx, accepted) => {
    for (const { deviceId, values } of accepted) stored.set(deviceId, values.greeting);
    return Promise.resolve();
  },
};
const queue: JobQueue<SettingsJob> = {
  add: (added) => {
    jobs.push(...added.map(({ payload }) => payload.subject));
    return Promise.resolve();
  },
  work: () => Promise.reject(new Error('a server takes no jobs')),
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
  await handle.sql`truncate fida.displays, fida.targets, fida.settings_changes, fida.settings_change_events, fida.settings_versions`;
  stored.clear();
  jobs = [];
  now = new Date();
  metrics = new Registry();
  const common = { site: 'museum', timeZone: 'UTC', version: 1, removed: false, sealed: null };
  const connection = { host: '127.0.0.1', port: 1, version: 'V2C', community: 'c' };
  await handle.db.insert(targets).values(['a', 'b'].map((deviceId) => ({ deviceId, ...common, connection })));
  await saveLooks(
    handle.db,
    now,
    ['a', 'b'].map((deviceId) => ({ deviceId, at: now, look: anAnswer() })),
  );
  const outcomes = await openOutcomes({ db: handle.db, logs: openLogWatch(handle), tables: settingsTables, logger });
  deps = {
    ...{ db: handle.db, queue, outcomes, sealer, logger, kept: [greeting], now: () => now, identity: admin },
    metrics: settingsMetrics(metrics),
  };
  return () => outcomes.close();
});

const ask = (values: Partial<Ask> = {}): Ask => ({ deviceId: 'a', sent: {}, kept: {}, reason: null, ...values });
const set = async (values: Partial<Ask>) => {
  const [answer] = await setDisplays(deps, [ask(values)], { waitMs: 0 });
  if (answer === undefined) throw new Error('an ask was not answered');
  return answer;
};

describe('a setting that we keep ourselves', () => {
  it('is APPLIED at once, and no job is made', async () => {
    stored.set('a', 'hello');
    expect(await set({ kept: { greeting: 'welcome' } })).toMatchObject({
      kind: 'taken',
      change: { state: 'APPLIED', before: { greeting: 'hello' }, readBack: { greeting: 'welcome' } },
    });
    expect(stored.get('a')).toBe('welcome');
    expect(jobs).toEqual([]);
    expect(await metrics.metrics()).toContain('wheelhouse_fida_settings_changes_total{outcome="APPLIED"} 1');
  });

  it('is stored with values that are sent, and the change waits for these', async () => {
    const answer = await set({ sent: { power: 'OFF' }, kept: { greeting: 'good night' } });
    expect(answer).toMatchObject({
      change: { state: 'PENDING', wanted: { power: 'OFF', greeting: 'good night' }, before: { greeting: null } },
    });
    expect(stored.get('a')).toBe('good night');
    expect(jobs).toEqual(['a']);
  });

  it('is not stored where anything of the request is wrong', async () => {
    const answer = await set({ sent: { brightnessPercent: 200 }, kept: { greeting: 'rude' } });
    expect(answer).toMatchObject({
      kind: 'refused',
      faults: [{ path: ['input', 'brightnessPercent'] }, { path: ['input', 'greeting', 0], code: 'INVALID' }],
    });
    await set({ kept: { greeting: 'late' }, expectedVersion: 7 });
    expect(stored.size).toBe(0);
  });

  it('needs no profile, and may be set on a display that never answered', async () => {
    await handle.sql`truncate fida.displays`;
    expect(await set({ kept: { greeting: 'hello' } })).toMatchObject({ change: { state: 'APPLIED' } });
    expect(await set({ sent: { power: 'OFF' } })).toMatchObject({ faults: [{ code: 'NOT_SETTABLE' }] });
  });

  it('is planned, applied and taken back, also to what was not set', async () => {
    const [planned] = await planDisplays(deps, [ask({ kept: { greeting: 'hello' } })]);
    if (planned?.kind !== 'planned') throw new Error('it was not planned');
    expect(planned.plan).toMatchObject({ before: { greeting: null }, kept: { greeting: 'hello' } });
    expect(stored.size).toBe(0);
    const applied = await applyPlan(deps, planned.id, 0);
    if (applied.kind !== 'taken') throw new Error('it was not taken');
    expect(stored.get('a')).toBe('hello');
    expect(await undoChange(deps, applied.change.id, manner)).toMatchObject({ change: { state: 'APPLIED' } });
    expect(stored.get('a')).toBeNull();
  });
});

describe('a change of which we keep a part', () => {
  /** Carries the oldest open change of the display to an end that the display is to blame for. */
  const refuse = (id: string, stored: SettingsValues) =>
    handle.db
      .update(settingsTables.changes)
      .set({ state: 'REJECTED', readBack: stored, code: 'GEN_ERR', finishedAt: now })
      .where(eq(settingsTables.changes.id, id));
  const mixed = async (word: string) => {
    const answer = await set({ sent: { power: 'OFF' }, kept: { greeting: word } });
    if (answer.kind !== 'taken') throw new Error('it was not taken');
    return answer.change.id;
  };

  it('is taken back in that part where the display refused the rest', async () => {
    const id = await mixed('good night');
    await refuse(id, { greeting: 'good night' });
    const undone = await undoChange(deps, id, manner);
    expect(undone).toMatchObject({ change: { state: 'APPLIED', wanted: { greeting: null }, undoes: id } });
  });

  it('is a later change of what is stored, also where the display refused the rest', async () => {
    const first = await mixed('good night');
    await refuse(first, { greeting: 'good night' });
    const second = await mixed('hello');
    await refuse(second, { greeting: 'hello' });
    expect(await undoChange(deps, first, manner)).toMatchObject({
      faults: [{ code: 'CONFLICT', message: expect.stringContaining(second) }],
    });
  });
});

describe('an undo', () => {
  /** What comes of taking back a change of the input that was applied, by what it was before. */
  const undoneFrom = async (inputSource: string | null) => {
    const answer = await set({ sent: { inputSource: 'DVI' } });
    if (answer.kind !== 'taken') throw new Error('it was not taken');
    const { id } = answer.change;
    await handle.db
      .update(settingsTables.changes)
      .set({ state: 'APPLIED', before: { inputSource }, finishedAt: now })
      .where(eq(settingsTables.changes.id, id));
    return undoChange(deps, id, manner);
  };

  it('of what the display can no longer be set to blames the change that is to be taken back', async () => {
    expect(await undoneFrom('SCART')).toMatchObject({
      faults: [{ path: ['input', 'id'], code: 'OUT_OF_RANGE', message: expect.stringContaining('SCART') }],
    });
  });

  it('is refused when what was before is not known', async () => {
    const message = 'what inputSource was before the change is not known';
    expect(await undoneFrom(null)).toMatchObject({ faults: [{ path: ['input', 'id'], code: 'INVALID', message }] });
  });
});

describe('a plan', () => {
  it('is over after fifteen minutes, and still answers with what came of it', async () => {
    const plans = await planDisplays(deps, [
      ask({ sent: { power: 'OFF' } }),
      ask({ deviceId: 'b', sent: { power: 'OFF' } }),
    ]);
    const [first, second] = plans.map((plan) => (plan.kind === 'planned' ? plan.id : ''));
    expect(await applyPlan(deps, first ?? '', 0)).toMatchObject({ kind: 'taken' });
    now = new Date(now.getTime() + 15 * 60_000);
    expect(await applyPlan(deps, first ?? '', 0)).toMatchObject({ kind: 'taken' });
    expect(await applyPlan(deps, second ?? '', 0)).toMatchObject({
      ...{ kind: 'refused', faults: [{ path: ['input', 'plan'], code: 'INVALID' }] },
    });
  });

  it('of a display that was removed since is NOT_FOUND', async () => {
    const [plan] = await planDisplays(deps, [ask({ sent: { power: 'OFF' } })]);
    await handle.sql`update fida.targets set removed = true`;
    const answer = await applyPlan(deps, plan?.kind === 'planned' ? plan.id : '', 0);
    expect(answer).toMatchObject({
      kind: 'refused',
      isKnown: false,
      faults: [{ path: ['input', 'plan'], code: 'NOT_FOUND' }],
    });
  });
});

describe('a request that is sent again', () => {
  it('is answered with the change that it made, also when the display was removed since', async () => {
    const request = { sent: { power: 'OFF' }, idempotencyKey: 'once' };
    const first = await set(request);
    if (first.kind !== 'taken') throw new Error('it was not taken');
    await handle.sql`update fida.targets set removed = true`;
    expect(await set(request)).toMatchObject({ kind: 'taken', change: { id: first.change.id } });
    const notFound = { kind: 'refused', faults: [{ code: 'NOT_FOUND' }] };
    expect(await set({ ...request, sent: { power: 'ON' } })).toMatchObject(notFound);
    expect(await set({ ...request, idempotencyKey: 'twice' })).toMatchObject(notFound);
  });
});

describe('the queue', () => {
  it('that is away costs a request nothing', async () => {
    const answer = await setDisplays(
      { ...deps, queue: { ...queue, add: () => Promise.reject(new Error('Redis is away')) } },
      [ask({ sent: { power: 'OFF' } })],
      { waitMs: 0 },
    );
    expect(answer).toMatchObject([{ kind: 'taken', change: { state: 'PENDING' } }]);
  });
});

describe('a database that goes away', () => {
  it('after a change was accepted hides it from nobody', async () => {
    const outcomes = { ...deps.outcomes, wait: () => Promise.reject(new Error('the database is away')) };
    const answers = await setDisplays({ ...deps, outcomes }, [ask({ sent: { power: 'OFF' } })], { waitMs: 5_000 });
    expect(answers).toMatchObject([{ kind: 'taken', change: { state: 'PENDING', wanted: { power: 'OFF' } } }]);
  });
});

describe('what Prometheus is told', () => {
  it('counts what was superseded', async () => {
    await set({ sent: { power: 'OFF' } });
    await set({ sent: { power: 'ON' } });
    expect(await metrics.metrics()).toContain('wheelhouse_fida_settings_changes_total{outcome="SUPERSEDED"} 1');
  });

  it('is the same for server and worker in one process', () => {
    settingsMetrics(metrics).sent({ kind: 'accepted' });
    settingsMetrics(metrics).sent({ kind: 'accepted' });
    return expect(metrics.metrics()).resolves.toContain('wheelhouse_fida_sets_total{outcome="accepted"} 2');
  });
});
