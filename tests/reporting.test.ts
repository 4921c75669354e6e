import { readFileSync } from 'node:fs';
import { at, hoursBetween, openEstate, type TestEstate } from '@wheelhouse/history/testing/estate.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const sqlBlocks = [...read('docs/analysts.md').matchAll(/^```sql\n(.*?)^```$/gms)].map(([, text = '']) => text);

type Panel = {
  title: string;
  datasource: { type: string; uid: string };
  targets: { rawSql: string; format: 'table' | 'time_series' }[];
};
type Dashboard = { templating: { list: { name: string; query: string }[] }; panels: Panel[] };
const dashboard: Dashboard = JSON.parse(read('deploy/grafana/dashboards/history.json'));

const VIEWS = ['availability_daily', 'daily', 'devices', 'samples', 'settings_changes', 'status_changes'];
const START = at('2026-11-20T00:00:00');
const MIDNIGHT = at('2026-11-22T00:00:00');

describe('the views for analysts', () => {
  let estate: TestEstate;
  let reader: DatabaseHandle;
  // Roles belong to the whole server, and other files run beside this one.
  const role = `reporting_reader_${process.pid}`;
  const asRole = (text: string): string => text.replaceAll('reporting_reader', role);

  beforeAll(async () => {
    estate = await openEstate();
    const { sql } = estate;
    await estate.register([
      { deviceId: 'a', version: 1, at: START, site: 'museum/hall' },
      { deviceId: 'b', version: 1, at: START, site: 'museum/hall' },
      { deviceId: 'b', version: 2, at: at('2026-11-21T12:00:00'), site: 'depot' },
    ]);
    await estate.declare('fida', ['brightnessPercent', 'temperatureCelsius']);
    const hours = hoursBetween(START, at('2026-11-22T03:00:00'));
    for (const service of ['devices', 'fida'] as const) await estate.run(service, hours);
    await estate.append(
      'fida',
      hours.map((hour, index) => ({ subject: 'a', hour, metrics: { brightnessPercent: index } })),
    );
    await estate.change([
      { deviceId: 'a', at: START, from: 'UNKNOWN', to: 'ONLINE' },
      { deviceId: 'a', at: at('2026-11-20T18:00:00'), from: 'ONLINE', to: 'OFFLINE' },
      { deviceId: 'b', at: START, from: 'UNKNOWN', to: 'DEGRADED' },
    ]);
    await sql`insert into fida.settings_changes (id, subject, settings_version, state, wanted, actor, reason, requested_at)
      values ('s1', 'a', 1, 'SENDING', '{"brightnessPercent": 40}', 'ops', 'too bright', '2026-11-20T08:00:00Z')`;
    await estate.gather(at('2026-11-22T03:00:00'));
    for (const statement of asRole(sqlBlocks[0] ?? '')
      .split(';\n')
      .filter((text) => text.trim() !== ''))
      await sql.unsafe(statement);
    const url = new URL(estate.url);
    [url.username, url.password] = [role, 'choose-one'];
    reader = openDatabase(url.href, { maxConnections: 2 });
  });
  afterAll(async () => {
    await reader.close();
    await estate.sql.unsafe(`drop owned by ${role}`);
    await estate.sql.unsafe(`drop role ${role}`);
    await estate.close();
  });

  const rowsOf = async (text: string) => [...(await reader.sql.unsafe(text))];

  it('are these, each explained in the database', async () => {
    const views = await estate.sql`
      select table_name as name, obj_description(format('reporting.%I', table_name)::regclass, 'pg_class') as comment
      from information_schema.views where table_schema = 'reporting' order by 1`;
    expect(views.map(({ name }) => name)).toEqual(VIEWS);
    for (const { comment } of views) expect(comment).toMatch(/\.$/);
  });

  it('have the columns that docs/analysts.md names', async () => {
    const columns = await estate.sql<{ view: string; name: string }[]>`
      select table_name as view, column_name as name from information_schema.columns where table_schema = 'reporting'`;
    const page = read('docs/analysts.md');
    for (const [view, list] of Map.groupBy(columns, (column) => column.view)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${view}\` `)) ?? '';
      const named = [...row.matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name);
      const known = new Set([view, ...list.map(({ name }) => name), ...(view === 'daily' ? ['value'] : [])]);
      expect(named.filter((name) => !known.has(name))).toEqual([]);
      const common = ['device_id', 'name', 'site', 'system', 'metric', 'unit', 'day'];
      expect([...known].filter((name) => !named.includes(name) && !common.includes(name))).toEqual([]);
    }
  });

  it('say what the archive says', async () => {
    expect(await rowsOf(`select * from reporting.samples where at < '2026-11-20T02:00:00Z' order by at`)).toMatchObject(
      [
        {
          device_id: 'a',
          name: 'a',
          site: 'museum/hall',
          system: 'FIDA',
          metric: 'brightnessPercent',
          unit: '%',
          value: 0,
        },
        { value: 1 },
      ],
    );
    expect(await rowsOf('select *, day::text from reporting.daily order by reporting.daily.day')).toMatchObject([
      { day: '2026-11-20', metric: 'brightnessPercent', samples: 24, mean: 11.5, min: 0, max: 23, last: 23 },
      { day: '2026-11-21', samples: 24, mean: 35.5 },
    ]);
    const availability = await rowsOf(
      'select device_id, day::text, site, online_ratio, offline_seconds, degraded_seconds from reporting.availability_daily order by 1, 2, 3',
    );
    expect(availability).toEqual([
      ...[
        {
          device_id: 'a',
          day: '2026-11-20',
          site: 'museum/hall',
          online_ratio: 0.75,
          offline_seconds: 21_600,
          degraded_seconds: 0,
        },
        {
          device_id: 'a',
          day: '2026-11-21',
          site: 'museum/hall',
          online_ratio: 0,
          offline_seconds: 86_400,
          degraded_seconds: 0,
        },
        {
          device_id: 'b',
          day: '2026-11-20',
          site: 'museum/hall',
          online_ratio: 1,
          offline_seconds: 0,
          degraded_seconds: 86_400,
        },
      ],
      // It moved at noon.
      {
        device_id: 'b',
        day: '2026-11-21',
        site: 'depot',
        online_ratio: 1,
        offline_seconds: 0,
        degraded_seconds: 43_200,
      },
      {
        device_id: 'b',
        day: '2026-11-21',
        site: 'museum/hall',
        online_ratio: 1,
        offline_seconds: 0,
        degraded_seconds: 43_200,
      },
    ]);
    expect(await rowsOf('select device_id, site, removed from reporting.devices order by 1')).toEqual([
      { device_id: 'a', site: 'museum/hall', removed: false },
      { device_id: 'b', site: 'depot', removed: false },
    ]);
    expect(
      await rowsOf(
        `select from_status, to_status, blind from reporting.status_changes where device_id = 'a' order by at`,
      ),
    ).toEqual([
      { from_status: 'UNKNOWN', to_status: 'ONLINE', blind: false },
      { from_status: 'ONLINE', to_status: 'OFFLINE', blind: false },
    ]);
    // What is under way inside is PENDING to everybody outside.
    expect(await rowsOf('select * from reporting.settings_changes')).toMatchObject([
      {
        id: 's1',
        device_id: 'a',
        system: 'FIDA',
        state: 'PENDING',
        requested_by: 'ops',
        wanted: { brightnessPercent: 40 },
      },
    ]);
  });

  it('leave out the months that are not asked for', async () => {
    const plan = await estate.sql.unsafe(
      `explain select * from reporting.samples where at >= '2026-12-05T00:00:00Z' and at < '2026-12-06T00:00:00Z'`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).not.toContain('archived_samples_2026_11');
    expect(text).toContain('archived_samples_2026_12');
  });

  it.each(VIEWS)('%s is read by the role of docs/analysts.md', async (view) => {
    expect((await rowsOf(`select * from reporting.${view}`)).length).toBeGreaterThan(0);
  });

  it.each([
    'select * from fida.targets',
    'select * from fida.samples',
    'select * from devices.devices',
    'select * from devices.registry_log',
    'select * from history.archived_samples',
    'select * from bullmq.job',
    'select history.refresh_reporting()',
  ])('the role can not: %s', async (text) => {
    await expect(rowsOf(text)).rejects.toThrow(/permission denied/);
  });

  it.each([
    ...VIEWS.map((view) => `delete from reporting.${view}`),
    "insert into reporting.status_changes (device_id) values ('x')",
    "update reporting.devices set name = 'x'",
    'create table reporting.mine (n int)',
    'create table public.mine (n int)',
    'drop view reporting.samples',
  ])('the role can not: %s, also in a transaction that it opens for writing', async (text) => {
    await expect(reader.sql.begin('read write', (tx) => tx.unsafe(text))).rejects.toThrow(
      /permission denied|must be owner|cannot (delete from|insert into|update) view/,
    );
    await expect(rowsOf(text)).rejects.toThrow();
  });

  it('hold a new service by itself', async () => {
    await estate.sql.unsafe('create schema curtains');
    for (const table of ['settings_changes', 'settings_change_events'])
      await estate.sql.unsafe(`create table curtains.${table} (like fida.${table} including all)`);
    await estate.sql`insert into curtains.settings_changes (id, subject, settings_version, state, wanted, actor, requested_at)
      values ('q1', 'core', 1, 'APPLIED', '{"gain": -10}', 'ops', '2026-11-20T09:00:00Z')`;
    // By several workers at once, and again where nothing is new: then the view is not touched.
    await Promise.all([1, 2, 3].map(() => estate.sql`select history.refresh_reporting()`));
    const versions = () => estate.sql`select xmin from pg_class where oid = 'reporting.settings_changes'::regclass`;
    const before = await versions();
    await estate.sql`select history.refresh_reporting()`;
    expect(await versions()).toEqual(before);
    expect(await rowsOf('select id, state from reporting.settings_changes order by id')).toEqual([
      { id: 'q1', state: 'APPLIED' },
      { id: 's1', state: 'PENDING' },
    ]);
  });

  it('are made although the role has tables of those names for its session', async () => {
    await reader.sql.begin('read write', async (tx) => {
      for (const table of [
        'settings_changes',
        'settings_change_events',
        'sample_runs',
        'sample_metrics',
        'log_counters',
      ])
        await tx.unsafe(`create temporary table ${table} (mine int)`);
      await tx.unsafe(
        `create temporary table samples (position int, subject int, hour int, sampled_at int, metrics int, attributes int)`,
      );
    });
    await estate.sql`select history.refresh_reporting()`;
    expect((await estate.gather(at('2026-11-22T04:00:00'))).open).toEqual([]);
    const reading = 'select service from reporting.settings_changes';
    expect((await estate.sql.unsafe(reading)).every(({ service }) => !service.startsWith('pg_'))).toBe(true);
  });

  it('tell when an entry became what it is, and not when others were told of it anew', async () => {
    const changedAt = async () =>
      (
        await rowsOf(
          "select extract(epoch from changed_at)::float8 * 1000 as ms from reporting.devices where device_id = 'b'",
        )
      )[0];
    const before = await changedAt();
    await estate.register([{ deviceId: 'b', version: 2, at: at('2026-11-21T18:00:00'), site: 'depot' }]);
    expect(await changedAt()).toEqual(before);
    expect(before).toEqual({ ms: at('2026-11-21T12:00:00').getTime() });
  });

  it('are enough for what docs/analysts.md asks', async () => {
    expect(sqlBlocks).toHaveLength(2);
    const rows = await rowsOf(sqlBlocks[1] ?? '');
    expect(rows.map(({ site }) => site)).toEqual(['museum/hall', 'depot']);
  });

  describe('in Grafana', () => {
    const quoted = (values: readonly string[]): string =>
      values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',');
    /** As Grafana puts a range and variables into a query (its documentation: PostgreSQL query editor, Macros; Variable syntax). */
    const filledIn = (text: string, variables: Record<string, readonly string[]>): string =>
      text
        .replaceAll(
          /\$__timeFilter\(([^()]*(?:\([^()]*\))?[^()]*)\)/g,
          (_, column: string) => `${column} BETWEEN '${START.toISOString()}' AND '${MIDNIGHT.toISOString()}'`,
        )
        .replaceAll(/\$\{(\w+):sqlstring\}/g, (_, name: string) => quoted(variables[name] ?? []));

    it('the variables offer what there is', async () => {
      const offered: Record<string, unknown[]> = {};
      for (const { name, query } of dashboard.templating.list)
        offered[name] = (await rowsOf(query.replace('current_date', "date '2026-11-25'"))).map(
          (row) => Object.values(row)[0],
        );
      expect(offered).toEqual({ site: ['depot', 'museum/hall'], metric: ['brightnessPercent'] });
    });

    it.each(dashboard.panels)('the panel "$title" has an answer', async ({ targets, datasource }) => {
      const [{ datasources }] = [parse(read('deploy/grafana/provisioning/datasources/wheelhouse.yaml'))];
      expect(datasources[0]).toMatchObject({ uid: datasource.uid, type: datasource.type, user: 'reporting_reader' });
      for (const { rawSql, format } of targets) {
        const text = filledIn(rawSql, { site: ["it's", 'museum/hall', 'depot'], metric: ['brightnessPercent'] });
        expect(text).not.toMatch(/\$/);
        const rows = await rowsOf(text);
        expect(rows.length).toBeGreaterThan(0);
        if (format === 'time_series') expect(Object.keys(rows[0] ?? {})).toEqual(['time', 'metric', 'value']);
      }
    });
  });
});
