import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { ComponentDescription, ControlDescription } from './design.ts';
import {
  dropRemovedDesigns,
  findComponentPages,
  findComponents,
  findControlPages,
  findControls,
  findDesigns,
  saveDesign,
  saveValues,
} from './design-store.ts';
import { findCores, registryCopy, saveLooks } from './store.ts';
import { anAnswer } from './testing/links.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 25, 9, 0, seconds));
const aControl = (name: string, value: number | null = 0): ControlDescription => ({
  ...{ name, type: 'Float', direction: 'READ_WRITE', min: -100, max: 20 },
  ...{ value, string: `${value}dB`, position: 0.5 },
});
const aComponent = (name: string, ...controls: ControlDescription[]): ComponentDescription => ({
  ...{ name, type: 'gain', controls },
});

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
beforeEach(() => handle.sql`truncate qsys.cores, qsys.designs, qsys.components, qsys.controls`);

describe('looks', () => {
  it('keep the last answer where one has none, and an older slot changes nothing', async () => {
    const { db } = handle;
    await saveLooks(db, at(60), [{ deviceId: 'a', at: at(61), look: anAnswer({ problems: ['Fault'] }) }]);
    await saveLooks(db, at(120), [{ deviceId: 'a', at: at(121), look: { kind: 'silent', detail: 'no answer' } }]);
    await saveLooks(db, at(0), [{ deviceId: 'a', at: at(1), look: anAnswer({ designName: 'old' }) }]);
    expect(await findCores(db, ['a'])).toEqual([
      expect.objectContaining({
        ...{ slot: at(120), lookedAt: at(121), lookProblem: 'no answer', measuredAt: at(61), roundTripMs: 2.5 },
        ...{ platform: 'Core 110f', engineState: 'ACTIVE', designName: 'Museum', problems: ['Fault'] },
      }),
    ]);
  });
});

describe('a design', () => {
  const design = (readAt: Date, ...components: ComponentDescription[]) => ({ designCode: 'x', readAt, components });
  const controlsOf = async (component: string, after: string | null = null, limit = 50) =>
    (await findControlPages(handle.db, [{ deviceId: 'a', component, after, limit }])).map(({ name }) => name);

  it('takes the place of the one before, of the same Core only, and one that was read earlier does not', async () => {
    const { db } = handle;
    await saveDesign(db, 'a', design(at(1), aComponent('old', aControl('gain'))));
    await saveDesign(db, 'b', design(at(1), aComponent('other', aControl('gain'))));
    await saveDesign(db, 'a', design(at(3), aComponent('new', aControl('z'), aControl('a')), aComponent('bare')));
    await saveDesign(db, 'a', design(at(2), aComponent('late')));
    const page = (deviceId: string) => ({ deviceId, after: null, limit: 50 });
    const rows = await findComponentPages(db, [page('b'), page('a'), page('nobody')]);
    expect(rows.map(({ page: index, name }) => [index, name])).toEqual([
      [0, 'other'],
      [1, 'bare'],
      [1, 'new'],
    ]);
    expect(await controlsOf('new')).toEqual(['z', 'a']);
    expect(await controlsOf('old')).toEqual([]);
    expect((await findDesigns(db, ['a', 'b', 'c'])).map(({ deviceId, readAt }) => [deviceId, readAt])).toEqual(
      expect.arrayContaining([
        ['a', at(3)],
        ['b', at(1)],
      ]),
    );
  });

  it('is read by two workers at once without harm', async () => {
    const components = Array.from({ length: 50 }, (_, i) => aComponent(`c${i}`, aControl('gain'), aControl('mute')));
    await Promise.all([1, 2, 3, 4].map((second) => saveDesign(handle.db, 'a', design(at(second), ...components))));
    expect(await findComponentPages(handle.db, [{ deviceId: 'a', after: null, limit: 99 }])).toHaveLength(50);
    expect((await findDesigns(handle.db, ['a']))[0]?.readAt).toEqual(at(4));
  });

  it('goes with its Core, and does not come back when it is read once more', async () => {
    const { db } = handle;
    const ids = ['gone', 'kept'];
    for (const id of ids) await saveDesign(db, id, design(at(1), aComponent('m', aControl('x'))));
    const item = (id: string, version: number, removed = false) => ({
      ...{ id, version, removed, site: 'museum', timeZone: 'UTC', sealed: null, connection: {} },
    });
    const take = (items: ReturnType<typeof item>[], move: { from: string | null; to: string }) =>
      takeFeedItems(db, registryCopy, items, move, dropRemovedDesigns);
    await take([item('gone', 1), item('kept', 1)], { from: null, to: '1' });
    expect(await findDesigns(db, ids)).toHaveLength(2);
    await take([item('gone', 2, true)], { from: '1', to: '2' });
    await saveDesign(db, 'gone', design(at(5), aComponent('m', aControl('x'))));
    const left = { deviceId: 'kept' };
    const places = ids.map((deviceId) => ({ deviceId, component: 'm', name: 'x' }));
    expect(await findDesigns(db, ids)).toMatchObject([left]);
    expect(await findComponents(db, places)).toMatchObject([left]);
    expect(await findControls(db, places)).toMatchObject([left]);
  });

  it('is paged, its controls in the order of the Core', async () => {
    const { db } = handle;
    await saveDesign(
      db,
      'a',
      design(at(1), aComponent('m', ...['z', 'y', 'x'].map((name) => aControl(name))), aComponent('n')),
    );
    expect(await controlsOf('m', null, 2)).toEqual(['z', 'y']);
    expect(await controlsOf('m', 'y', 2)).toEqual(['x']);
    expect(await controlsOf('m', 'no such', 2)).toEqual([]);
    const second = await findComponentPages(db, [{ deviceId: 'a', after: 'm', limit: 1 }]);
    expect(second.map(({ name }) => name)).toEqual(['n']);
    const places = [
      { deviceId: 'a', component: 'm', name: 'x' },
      { deviceId: 'a', component: 'm', name: 'no' },
    ];
    expect(await findComponents(db, [...places, { deviceId: 'a', component: 'no' }])).toHaveLength(2);
    expect(await findControls(db, places)).toEqual([
      expect.objectContaining({ name: 'x', min: -100, max: 20, direction: 'READ_WRITE', measuredAt: at(1) }),
    ]);
  });

  it('has the newest values, whatever is told last', async () => {
    const { db } = handle;
    await saveDesign(db, 'a', design(at(1), aComponent('m', aControl('x', 0), aControl('y', 0))));
    const told = (deviceId: string, seconds: number, name: string, value: number | null) => ({
      ...{ deviceId, component: 'm', name, value, string: 's', position: 1, measuredAt: at(seconds) },
    });
    await saveValues(db, [told('a', 3, 'x', 3), told('a', 3, 'unknown', 1)]);
    await saveValues(db, [...[told('a', 2, 'x', 2), told('a', 2, 'y', 2), told('a', 2, 'y', 4)], told('b', 9, 'x', 9)]);
    const read = async (name: string) => (await findControls(db, [{ deviceId: 'a', component: 'm', name }]))[0];
    expect(await read('x')).toMatchObject({ value: 3, string: 's', position: 1, measuredAt: at(3) });
    expect(await read('y')).toMatchObject({ value: 4, measuredAt: at(2) });
    // The same again, soon and later, and another value soon.
    await saveValues(db, [told('a', 4, 'x', 3), told('a', 8, 'y', 4)], { quietMs: 5_000 });
    expect([await read('x'), await read('y')]).toMatchObject([{ measuredAt: at(3) }, { measuredAt: at(8) }]);
    await saveValues(db, [told('a', 4, 'x', null)], { quietMs: 5_000 });
    expect(await read('x')).toMatchObject({ value: null, measuredAt: at(4) });
  });
});
