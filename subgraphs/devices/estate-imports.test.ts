import { openDatabase } from '@wheelhouse/kit/database.ts';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applyImport, importOnce } from './estate-imports.ts';
import { type ImportDeps, planImport, readPlan } from './estate-plans.ts';
import { removeDevice, updateDevice } from './registry.ts';
import { devices, estateImports } from './tables.ts';
import { at, by, openTestRegistry, sealer, type TestRegistry } from './testing/registry.ts';

const MINUTE_MS = 60_000;

const item = (name: string, more = '') =>
  `  - { name: ${name}, externalId: ${name}, system: FIDA, site: museum/hall-2${more},
      snmp: { host: 10.1.2.3, version: V2C, community: hush-hush } }`;
const file = (...items: string[]) => `devices:\n${items.join('\n')}\n`;

describe('an estate file that comes through the graph', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await openTestRegistry();
  });
  afterAll(() => registry.close());
  afterEach(async () => {
    await registry.sql`truncate devices.devices, devices.device_parents, devices.device_statuses, devices.sites,
      devices.estate_imports, devices.audit_outbox`;
  });

  const deps = (more: Partial<ImportDeps['by']> = {}): ImportDeps => ({
    ...{ db: registry.db, sealer, timeZone: 'UTC' },
    by: { at, actor: 'admin', sub: 'user:1', origin: null, ...more },
  });
  const later = (minutes: number) => deps({ at: new Date(at.getTime() + minutes * MINUTE_MS) });
  const bring = (text: string, idempotencyKey = 'first') => importOnce(deps(), { text, idempotencyKey });
  const planOf = async (text: string) => {
    const { plan, faults } = await planImport(deps(), text);
    expect(faults).toEqual([]);
    if (plan?.id == null) throw new Error('there is no plan');
    return { ...plan, id: plan.id };
  };
  const idOf = async (name: string): Promise<string> => {
    const row = (await registry.db.select().from(devices)).find((device) => device.name === name);
    if (row === undefined) throw new Error(`there is no device ${name}`);
    return row.id;
  };

  it('is told by its differences first, with the line of each, and nothing is written', async () => {
    await bring(file(item('a'), item('b'), item('c')));
    const text = `sites:\n  - { path: museum, timeZone: Africa/Cairo }\n${file(item('a'), item('b', ', tags: [x], parents: [a]').replace('10.1.2.3', '10.9.9.9'), item('d'))}`;
    const plan = await planOf(text);
    expect(plan.unchanged).toBe(1);
    expect(plan.differences.map(({ kind, externalId, site, line }) => [kind, externalId, site, line])).toEqual([
      ['SITE_CHANGED', null, 'museum', 2],
      ['DEVICE_CHANGED', 'b', 'museum/hall-2', 6],
      ['DEVICE_ADDED', 'd', 'museum/hall-2', 8],
    ]);
    expect(plan.differences[1]?.fields).toEqual([
      { field: 'tags', before: [], after: ['x'], isSecret: false },
      { field: 'parents', before: [], after: ['a'], isSecret: false },
      { field: 'snmp.host', before: '10.1.2.3', after: '10.9.9.9', isSecret: false },
    ]);
    expect(plan.differences[0]?.fields).toEqual([
      { field: 'timeZone', before: null, after: 'Africa/Cairo', isSecret: false },
    ]);
    expect((await registry.db.select().from(devices)).map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
    expect(await readPlan(deps(), plan.id)).toEqual(plan);
  });

  it('shows no secret, and keeps none but sealed', async () => {
    await bring(file(item('a')));
    const plan = await planOf(file(item('a').replace('hush-hush', 'quite-another'), item('b')));
    expect(plan.differences.map(({ fields }) => fields.filter(({ isSecret }) => isSecret))).toEqual([
      [{ field: 'snmp.community', before: null, after: null, isSecret: true }],
      [{ field: 'snmp.community', before: null, after: null, isSecret: true }],
    ]);
    const kept = JSON.stringify([plan, await registry.db.select().from(estateImports)]);
    expect(kept).not.toMatch(/hush-hush|quite-another/);
    await applyImport(deps(), plan.id);
    expect((await registry.db.select().from(estateImports)).map(({ sealed }) => sealed)).toContain(null);
  });

  it('is refused with every mistake at its place, and its sound items are told of all the same', async () => {
    const text = file(item('a'), item('b').replace('V2C', 'V9'), item('c', ', parents: [nobody]'));
    const { plan, faults } = await planImport(deps(), text);
    expect(faults.map(({ code, path, place }) => [code, path, place])).toEqual([
      ['INVALID', 'devices[1].snmp.version', { line: 5, column: 40 }],
      ['NOT_FOUND', 'devices[2].parents[0]', { line: 6, column: 76 }],
    ]);
    expect(plan).toMatchObject({ id: null, unchanged: 0 });
    expect(plan?.differences.map(({ externalId }) => externalId)).toEqual(['a', 'c']);
    expect(await registry.db.$count(estateImports)).toBe(0);
    expect(await bring(text)).toEqual({ faults: faults.map((fault) => ({ ...fault, field: 'input.content' })) });
  });

  it.each([
    ['no YAML', 'devices: [', /content: /, 1],
    ['no estate', 'gadgets: []', /gadgets is not known here/, 1],
    ['nested without an end', '['.repeat(2_000), /nested too deeply|content: /, 1],
    ['too large', `# ${'x'.repeat(1_000_000)}`, /at most 1000000 bytes, and has 1000002/, null],
  ])('that is %s is refused', async (_what, text, message, line) => {
    const { plan, faults } = await planImport(deps(), text);
    expect(plan).toBeNull();
    expect(faults[0]?.message).toMatch(message);
    expect(faults[0]?.place?.line ?? null).toBe(line);
  });

  it('tells of the first two hundred mistakes, and how many more there are', async () => {
    const { faults } = await planImport(deps(), file(...Array.from({ length: 230 }, () => '  - {}')));
    expect(faults).toHaveLength(201);
    expect(faults.at(-1)?.message).toMatch(/^there are \d+ more mistakes in the file$/);
  });

  it('is taken over by its plan, once however often it is asked for, with a record for the audit log', async () => {
    const { id } = await planOf(file(item('a'), item('b')));
    const [one, other] = await Promise.all([applyImport(deps(), id), applyImport(deps(), id)]);
    expect(one).toEqual({ done: { added: 2, updated: 0, unchanged: 0, sitesChanged: 0, at } });
    expect(other).toEqual(one);
    expect(await applyImport(later(600), id)).toEqual(one);
    expect(await readPlan(deps(), id)).toBeNull();
    const records = await registry.sql`select actor, sub, action from devices.audit_outbox`;
    expect([...records]).toEqual([{ actor: 'admin', sub: 'user:1', action: 'devices.importEstate' }]);
  });

  it.each([
    ['a device was changed', async (id: string) => updateDevice(registry.db, { id, name: 'other' }, by, sealer)],
    ['a device was removed', async (id: string) => removeDevice(registry.db, id, by)],
    ['a device was added', async () => void (await bring(file(item('b')), 'second'))],
  ])('is refused by its plan when %s since', async (_what, move) => {
    await bring(file(item('a')));
    const { id } = await planOf(file(item('a').replace('10.1.2.3', '10.9.9.9'), item('b')));
    await move(await idOf('a'));
    const before = await registry.db.select().from(devices);
    expect(await applyImport(deps(), id)).toMatchObject({
      faults: [{ field: 'plan', code: 'CONFLICT', message: expect.stringMatching(/: the device [ab]\. Plan again$/) }],
    });
    expect(await registry.db.select().from(devices)).toEqual(before);
  });

  it('is not taken over by a plan that is over, or is none', async () => {
    const { id } = await planOf(file(item('a')));
    expect(await applyImport(later(15), id)).toMatchObject({ faults: [{ code: 'INVALID' }] });
    expect(await readPlan(later(15), id)).toBeNull();
    expect(await applyImport(deps(), 'nothing')).toMatchObject({ faults: [{ code: 'NOT_FOUND' }] });
    await bring(file(item('b')));
    const row = (await registry.db.select().from(estateImports)).find(({ doneAt }) => doneAt !== null);
    expect(await applyImport(deps(), row?.id ?? '')).toMatchObject({ faults: [{ code: 'NOT_FOUND' }] });
  });

  it('costs as many statements for two hundred devices as for two', async () => {
    const metrics = new Registry();
    const counted = openDatabase(registry.url, {
      maxConnections: 1,
      metrics: { registry: metrics, service: 'devices' },
    });
    const total = async () => (await metrics.getMetricsAsJSON())[0]?.values[0]?.value ?? 0;
    const costs: number[] = [];
    await counted.sql`select 1`;
    for (const count of [2, 200]) {
      const before = await total();
      const names = Array.from({ length: count }, (_, index) => `${count}-${index}`);
      const text = file(...names.map((name, index) => item(name, index > 0 ? `, parents: [${names[0]}]` : '')));
      const { plan } = await planImport({ ...deps(), db: counted.db }, text);
      await applyImport({ ...deps(), db: counted.db }, plan?.id ?? '');
      costs.push((await total()) - before);
    }
    await counted.close();
    expect(costs[1]).toBe(costs[0]);
    expect(await registry.db.$count(devices)).toBe(202);
  });

  it('without a plan is taken once for its key, and another one under that key is refused', async () => {
    const [one, other] = await Promise.all([bring(file(item('a'))), bring(file(item('a')))]);
    expect(one).toEqual({ done: { added: 1, updated: 0, unchanged: 0, sitesChanged: 0, at } });
    expect(other).toEqual(one);
    expect(await bring(file(item('b')))).toMatchObject({
      faults: [{ field: 'input.idempotencyKey', code: 'CONFLICT' }],
    });
    const ofAnother = await importOnce(deps({ sub: 'user:2' }), { text: file(item('b')), idempotencyKey: 'first' });
    expect(ofAnother).toMatchObject({ done: { added: 1 } });
  });
});
