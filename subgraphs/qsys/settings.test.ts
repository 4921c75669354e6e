import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { openLogWatch } from '@wheelhouse/kit/log-watch.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { checkManner } from '@wheelhouse/kit/settings-manner.ts';
import { openOutcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import { PLAN_VALID_MS } from '@wheelhouse/kit/settings-plan.ts';
import type { SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { eq } from 'drizzle-orm';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { admin } from '../../tests/identities.ts';
import { type CrossPointsInput, checkCrossPoints } from './cross-points.ts';
import type { ControlDescription } from './design.ts';
import { findMixerSizes, saveDesign, saveValues } from './design-store.ts';
import { type SettingsDeps, setControls } from './settings.ts';
import type { Ask } from './settings-checks.ts';
import { settingsMetrics } from './settings-metrics.ts';
import { applyPlan, planControls } from './settings-plans.ts';
import { type ControlInput, checkControls } from './settings-rules.ts';
import { undoControls } from './settings-undo.ts';
import { settingsTables, targets } from './tables.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const sealer = createSealer('5a'.repeat(32));
const { manner } = checkManner({ waitMs: 0 });
const aControl = (name: string, overrides: Partial<ControlDescription> = {}): ControlDescription => ({
  ...{ name, type: 'Float', direction: 'READ_WRITE', min: -100, max: 20, value: 0, string: '0dB', position: 0.8 },
  ...overrides,
});
const crossPoints = (inputs: number, outputs: number): ControlDescription[] =>
  Array.from({ length: inputs * outputs }, (_, index) =>
    aControl(`input.${(index % inputs) + 1}.output.${Math.floor(index / inputs) + 1}.gain`, { value: -index / 10 }),
  );
const gain = {
  name: 'Gain',
  type: 'gain',
  controls: [aControl('gain'), aControl('meter', { direction: 'READ_ONLY' })],
};
const mixer = (inputs: number, outputs: number) => ({
  ...{ name: 'Mixer', type: 'mixer' },
  controls: [...crossPoints(inputs, outputs), aControl('input.99.gain'), aControl('input.9.output.x.gain')],
});

let database: TestDatabase;
let handle: DatabaseHandle;
let deps: SettingsDeps;
let now = new Date();
const queue: JobQueue<SettingsJob> = {
  add: () => Promise.resolve(),
  work: () => Promise.reject(new Error('a server takes no jobs')),
};
const design = (...components: Parameters<typeof saveDesign>[2]['components']) =>
  saveDesign(handle.db, 'a', { designCode: 'w1', readAt: now, components });

beforeAll(async () => {
  database = await createMigratedDatabase();
  handle = openDatabase(database.url);
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});
beforeEach(async () => {
  await handle.sql`truncate qsys.targets, qsys.cores, qsys.designs, qsys.components, qsys.controls, qsys.settings_changes,
    qsys.settings_change_events, qsys.settings_versions`;
  now = new Date();
  await handle.db.insert(targets).values({
    ...{ deviceId: 'a', site: 'museum', timeZone: 'UTC', version: 1, removed: false, sealed: null },
    connection: { host: '127.0.0.1', port: 1, transport: 'TCP' },
  });
  await design(gain, mixer(20, 16));
  const outcomes = await openOutcomes({ db: handle.db, logs: openLogWatch(handle), tables: settingsTables, logger });
  deps = {
    ...{ db: handle.db, queue, outcomes, sealer, logger, now: () => now, identity: admin },
    metrics: settingsMetrics(new Registry()),
  };
  return () => outcomes.close();
});

const ask = (
  { controls, points }: { controls?: ControlInput[]; points?: Partial<CrossPointsInput>[] },
  more: Partial<Ask> = {},
): Ask => {
  const groups = points?.map((point) => ({ mixer: 'Mixer', inputs: '1', outputs: '1', ...point }));
  return {
    ...{ deviceId: 'a', reason: null, ...more },
    controls: checkControls(controls, groups).asked,
    crossPoints: checkCrossPoints(groups).asked,
  };
};
const set = (what: Ask) => setControls(deps, what, { waitMs: 0 });
const taken = async (what: Ask) => {
  const answer = await set(what);
  if (answer.kind !== 'taken') throw new Error(JSON.stringify(answer.faults));
  return answer.change;
};
const planned = async (what: Ask) => {
  const answer = await planControls(deps, what);
  if (answer.kind !== 'planned') throw new Error(JSON.stringify(answer.faults));
  return answer;
};
const gainTo = (value: number) => [{ component: 'Gain', name: 'gain', value }];
const moveGain = (value: number) =>
  saveValues(handle.db, [
    {
      ...{ deviceId: 'a', component: 'Gain', name: 'gain', value, string: `${value}dB`, position: 0.5 },
      measuredAt: new Date(now.getTime() + 1_000),
    },
  ]);

it('a mixer is as large as its cross-points say, and what has none is none', async () => {
  const wanted = ['Mixer', 'Gain', 'Attic'].flatMap((component) =>
    ['gain', 'mute'].map((control) => ({ component, control })),
  );
  expect(await findMixerSizes(handle.db, 'a', wanted)).toEqual([
    { component: 'Mixer', control: 'gain', inputs: 20, outputs: 16 },
  ]);
});

describe('cross-points', () => {
  it('are as many as a change may have, in a plan that is short enough to be sent to and fro', async () => {
    const { plan, id } = await planned(ask({ points: [{ inputs: '1-16', outputs: '*', gainDb: -3 }] }));
    expect(Object.keys(plan.sent)).toHaveLength(256);
    expect(plan.before['Mixer/input.2.output.1.gain']).toMatchObject({ value: -0.1 });
    expect(id.length).toBeLessThan(16_000);
    expect(await applyPlan(deps, id, 0)).toMatchObject({ kind: 'taken', change: { state: 'PENDING' } });
  });

  it('sent again are answered with the first change, also when the mixer is another one by now', async () => {
    const what = ask({ points: [{ inputs: '*', outputs: '1', gainDb: 1 }] }, { idempotencyKey: 'k' });
    const first = await taken(what);
    await design(mixer(8, 4));
    expect((await taken(what)).id).toBe(first.id);
    await design(gain);
    expect((await taken(what)).id).toBe(first.id);
    expect(await set({ ...what, idempotencyKey: 'other' })).toMatchObject({ faults: [{ code: 'NOT_FOUND' }] });
    const other = ask({ points: [{ inputs: '1', outputs: '1', gainDb: 1 }] }, { idempotencyKey: 'k' });
    await design(mixer(8, 4));
    expect(await set(other)).toMatchObject({ faults: [{ path: ['input', 'idempotencyKey'], code: 'CONFLICT' }] });
  });

  it('that can be read only, or are not there, are refused once for their group', async () => {
    const controls = crossPoints(2, 2).map((control): ControlDescription => ({ ...control, direction: 'READ_ONLY' }));
    await design({
      name: 'Mixer',
      type: 'mixer',
      controls: controls.slice(0, 3).concat(aControl('input.3.output.3.gain')),
    });
    const all = ask({
      points: [
        { inputs: '*', outputs: '*', gainDb: 1 },
        { inputs: '2', outputs: '3', gainDb: 1 },
      ],
    });
    expect(await set({ ...all, crossPoints: all.crossPoints.slice(0, 1) })).toMatchObject({
      faults: [{ path: ['input', 'crossPoints', '0', 'mixer'], code: 'NOT_SETTABLE' }],
    });
    expect(await set({ ...all, crossPoints: all.crossPoints.slice(1) })).toMatchObject({
      faults: [{ code: 'NOT_FOUND', message: 'the component has no control input.2.output.3.gain' }],
    });
  });
});

describe('a plan of controls', () => {
  it('has the Core asked for what the controls were, and holds the caller to what he expected', async () => {
    const controls = [...gainTo(5), { name: 'Named', mute: true }];
    const { id } = await planned(ask({ controls, points: [{ gainDb: 1 }] }));
    expect(await applyPlan(deps, id, 0)).toMatchObject({
      change: { expected: { 'Gain/gain': { value: 0 }, 'Mixer/input.1.output.1.gain': { value: 0 } } },
    });
    const expecting = await planned(
      ask({ controls: [{ component: 'Gain', name: 'gain', value: 6, expected: { position: 0.7 } }] }),
    );
    expect(expecting.effects).toContainEqual(expect.stringContaining('it would be refused if the Core still says so'));
    expect(await applyPlan(deps, expecting.id, 0)).toMatchObject({
      change: { expected: { 'Gain/gain': { position: 0.7 } } },
    });
  });

  it('is a CONFLICT where the control was read otherwise since, and names it', async () => {
    const { id } = await planned(ask({ controls: gainTo(5) }));
    await moveGain(-7);
    expect(await applyPlan(deps, id, 0)).toMatchObject({
      ...{ kind: 'refused', isKnown: true },
      faults: [{ path: ['input', 'plan'], code: 'CONFLICT', message: expect.stringContaining('Gain/gain was') }],
    });
  });

  it('is refused as a whole where the design is another one, when it is over, and when it is none', async () => {
    const { id } = await planned(ask({ controls: gainTo(5) }));
    await design(mixer(1, 1));
    expect(await applyPlan(deps, id, 0)).toMatchObject({ faults: [{ path: ['input', 'plan'], code: 'NOT_FOUND' }] });
    now = new Date(now.getTime() + PLAN_VALID_MS);
    expect(await applyPlan(deps, id, 0)).toMatchObject({ faults: [{ code: 'INVALID' }] });
    expect(await applyPlan(deps, 'hello', 0)).toMatchObject({ isKnown: false, faults: [{ code: 'INVALID' }] });
  });

  it('leaves no trace', async () => {
    await planned(ask({ controls: gainTo(5) }));
    expect(await handle.sql`select 1 from qsys.settings_changes`).toHaveLength(0);
    expect(await handle.sql`select 1 from qsys.settings_versions`).toHaveLength(0);
  });
});

describe('an undo', () => {
  const ended = async (what: Ask, before: Record<string, unknown>) => {
    const change = await taken(what);
    const { changes } = settingsTables;
    await handle.db
      .update(changes)
      .set({ state: 'APPLIED', sentAt: now, finishedAt: now, before })
      .where(eq(changes.id, change.id));
    return change.id;
  };
  const undo = (id: string, exceptTriggers = false) => undoControls(deps, { id, exceptTriggers }, manner);
  const read = (value: number | null) => ({ value, string: null, position: null });

  it('sets back what was before, in the way in which it was set', async () => {
    const id = await ended(ask({ controls: [...gainTo(5), { name: 'Named', mute: true }] }), {
      ...{ 'Gain/gain': read(-6), Named: read(0) },
    });
    expect(await undo(id)).toMatchObject({
      change: { undoes: id, wanted: { 'Gain/gain': { value: -6 }, Named: { mute: false } }, settingsVersion: 2 },
    });
  });

  it('is refused where what was before is not known, and where the control is gone', async () => {
    const unknown = await ended(ask({ controls: gainTo(5) }), {});
    expect(await undo(unknown)).toMatchObject({
      faults: [{ path: ['input', 'id'], message: 'what Gain/gain was before the change is not known' }],
    });
    const gone = await ended(ask({ controls: gainTo(6) }), { 'Gain/gain': read(5) });
    await design(mixer(1, 1));
    expect(await undo(gone)).toMatchObject({ faults: [{ path: ['input', 'id'], code: 'NOT_FOUND' }] });
  });
});
