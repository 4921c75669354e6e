import { get, type IncomingMessage } from 'node:http';
import { type HttpDoor, openHttpDoor } from '@wheelhouse/kit/http.ts';
import { type Asserted, IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import type { Refusal } from '@wheelhouse/kit/refusals.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/harness.ts';
import { admin, inRole } from '../../../tests/identities.ts';
import { at, hoursBetween, openEstate, silent, type TestEstate } from '../testing/estate.ts';
import { createExportDoor } from './door.ts';

/** Who is named here is taken at their word: what is signed is the business of kit/identity.ts. */
const CALLERS: Record<string, Asserted> = {
  admin,
  ...{ hall: inRole('ANALYST', 'museum/hall'), viewer: inRole('VIEWER'), other: { ...admin, sub: 'user:other' } },
};
const identityReader = async (token: string) => CALLERS[token] ?? null;
const as = (name: string) => ({ [IDENTITY_HEADER]: name });
const AS_ADMIN = as('admin');
const refused: Refusal[] = [];
const refusals = { note: (refusal: Refusal) => void refused.push(refusal) };
const START = at('2026-11-20T00:00:00');
const NOW = at('2026-11-23T09:00:00');
const RANGE = { from: '2026-11-20T00:00:00Z', to: '2026-11-24T00:00:00Z' };

const LONG = 'long '.repeat(60);

type Query = Record<string, string | string[]>;

describe('the door for exports', () => {
  const errors: unknown[] = [];
  let estate: TestEstate;
  let door: HttpDoor;

  const openDoor = (limits: { stalledMs?: number; longestMs?: number } = {}): Promise<HttpDoor> =>
    openHttpDoor({
      ...{ host: '127.0.0.1', port: 0, unready: () => null, metrics: new Registry() },
      routes: {
        '/export/history': createExportDoor({
          ...{ db: estate.db, client: estate.sql, now: () => NOW, logger: silent, identityReader, refusals },
          ...limits,
        }),
      },
      onError: (err) => void errors.push(err),
    });

  beforeAll(async () => {
    estate = await openEstate();
    door = await openDoor();
    await estate.register([
      { deviceId: 'a', version: 1, at: START, site: 'museum/hall' },
      { deviceId: '=b', version: 1, at: START, site: 'depot, "old"' },
      { deviceId: 'c', version: 1, at: START, site: 'museum-shop' },
    ]);
    await estate.declare('fida', ['brightnessPercent', 'temperatureCelsius']);
    const hours = hoursBetween(START, at('2026-11-23T02:00:00'));
    for (const service of ['devices', 'fida'] as const) await estate.run(service, hours);
    for (const hour of hours) {
      const index = (hour.getTime() - START.getTime()) / 3_600_000;
      await estate.append('fida', [
        { subject: 'a', hour, metrics: { brightnessPercent: index, temperatureCelsius: -index } },
        ...(index % 24 === 3 ? [{ subject: '=b', hour, metrics: { temperatureCelsius: 20.5 } }] : []),
      ]);
      await estate.append('devices', [{ subject: 'a', hour, metrics: {}, attributes: { status: 'ONLINE' } }]);
    }
  });
  afterAll(async () => {
    await door.close();
    await estate.close();
  });

  const urlOf = (query: Query, at = door): URL => {
    const url = new URL('/export/history', at.url);
    for (const [name, values] of Object.entries(query))
      for (const value of [values].flat()) url.searchParams.append(name, value);
    return url;
  };
  const fetchExport = (query: Query, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(urlOf({ ...RANGE, ...query }), { headers: { ...AS_ADMIN, ...headers } });
  const lines = async (query: Query): Promise<string[]> => {
    const response = await fetchExport(query);
    expect(response.status).toBe(200);
    return (await response.text()).split('\r\n').slice(0, -1);
  };
  const runningExports = async (): Promise<number> =>
    (
      await estate.sql`select 1 from pg_stat_activity where datname = current_database() and state <> 'idle'
        and pid <> pg_backend_pid() and query like 'fetch % from batches'`
    ).length;

  it('tells who sees the past of some devices of these alone, and others nothing', async () => {
    const ids = async (query: Query, caller: string): Promise<(string | undefined)[]> => {
      const response = await fetchExport(query, as(caller));
      const rows = (await response.text()).split('\r\n').slice(1, -1);
      return [...new Set(rows.map((row) => row.split(',')[0]))].sort();
    };
    for (const query of [{}, { step: 'DAY' }, { kind: 'availability' }]) {
      expect(await ids(query, 'admin')).toContain("'=b");
      expect(await ids(query, 'hall')).toEqual(['a']);
      expect(await ids({ ...query, device: ['=b', 'nothing'] }, 'hall')).toEqual([]);
      expect(await ids({ ...query, site: 'depot, "old"' }, 'hall')).toEqual([]);
    }
    refused.length = 0;
    const answer = await fetchExport({}, as('viewer'));
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { error: 'an export needs the scope history:read, which viewer does not have' },
    ]);
    expect(refused).toMatchObject([{ identity: { name: 'viewer' }, what: 'export', code: 'FORBIDDEN' }]);
    for (const stranger of [{ [IDENTITY_HEADER]: 'a stranger' }, { [IDENTITY_HEADER]: '' }]) {
      const unknown = await fetchExport({}, stranger);
      expect([unknown.status, Object.keys((await unknown.json()) as object)]).toEqual([401, ['error']]);
    }
  });

  it('gives samples as CSV, by device, then by time, with a name for the file', async () => {
    const response = await fetchExport({ to: '2026-11-20T04:00:00Z' });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="wheelhouse-samples-hour-2026-11-20-2026-11-20.csv"',
      'cache-control': 'no-store',
    });
    expect((await response.text()).split('\r\n')).toEqual([
      'device_id,name,site,system,metric,unit,at,value',
      `'=b,'=b,"depot, ""old""",FIDA,temperatureCelsius,%,2026-11-20T03:00:00.000Z,20.5`,
      ...[0, 1, 2, 3].flatMap((hour) => [
        `a,a,museum/hall,FIDA,brightnessPercent,%,2026-11-20T0${hour}:00:00.000Z,${hour}`,
        `a,a,museum/hall,FIDA,temperatureCelsius,%,2026-11-20T0${hour}:00:00.000Z,${0 - hour}`,
      ]),
      '',
    ]);
  });

  it('gives the same before the samples are archived, in between, and after', async () => {
    const ask = async () => [await lines({}), await lines({ step: 'DAY' })];
    const before = await ask();
    expect(before[0]).toHaveLength(1 + 3 + 74 * 2);
    await estate.gather(at('2026-11-21T09:00:00'), 20);
    expect(await ask()).toEqual(before);
    const { sealed } = await estate.gather(NOW);
    expect(sealed).toEqual(['2026-11-21', '2026-11-22']);
    expect(await ask()).toEqual(before);
  });

  it('gives what the samples of each day say together', async () => {
    const [header, ...rows] = await lines({ step: 'DAY', device: 'a', metric: 'brightnessPercent' });
    expect(header).toBe('device_id,name,site,system,metric,unit,from,mean,min,max,last,samples');
    const start = 'a,a,museum/hall,FIDA,brightnessPercent,%';
    expect(rows).toEqual([
      `${start},2026-11-20T00:00:00.000Z,11.5,0,23,23,24`,
      `${start},2026-11-21T00:00:00.000Z,35.5,24,47,47,24`,
      `${start},2026-11-22T00:00:00.000Z,59.5,48,71,71,24`,
      `${start},2026-11-23T00:00:00.000Z,72.5,72,73,73,2`,
    ]);
  });

  it.each<[string, Query, number]>([
    ['a device', { device: '=b' }, 3],
    ['several devices', { device: ['=b', 'a'] }, 151],
    ['a site and what is below, not what only begins alike', { site: 'museum' }, 148],
    ['a site', { site: 'depot, "old"' }, 3],
    ['a system', { system: 'FIDA' }, 151],
    ['another system', { system: 'QSYS' }, 0],
    ['a metric', { metric: 'brightnessPercent' }, 74],
    ['several metrics', { metric: ['brightnessPercent', 'temperatureCelsius'] }, 151],
    ['all of it', { device: 'a', site: 'museum/hall', metric: 'temperatureCelsius', to: '2026-11-20T10:00:00Z' }, 10],
  ])('narrows to %s', async (_name, query, count) => {
    expect(await lines(query)).toHaveLength(1 + count);
  });

  it('takes from as the first instant, and to as the first one behind', async () => {
    const between = {
      from: '2026-11-20T01:00:00Z',
      to: '2026-11-20T02:00:00Z',
      device: 'a',
      metric: 'brightnessPercent',
    };
    expect((await lines(between)).slice(1)).toEqual([
      'a,a,museum/hall,FIDA,brightnessPercent,%,2026-11-20T01:00:00.000Z,1',
    ]);
  });

  it('gives NDJSON, and either one compressed to who takes it so', async () => {
    const query = { device: '=b', to: '2026-11-21T00:00:00Z' };
    const response = await fetchExport({ ...query, format: 'ndjson' }, { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('content-disposition')).toContain('.ndjson"');
    expect(
      (await response.text())
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        ...{ device_id: '=b', name: '=b', site: 'depot, "old"', system: 'FIDA' },
        ...{ metric: 'temperatureCelsius', unit: '%', at: '2026-11-20T03:00:00.000Z', value: 20.5 },
      },
    ]);
    const plain = await fetchExport(query, { 'accept-encoding': 'br, gzip;q=0', accept: 'application/x-ndjson' });
    expect([plain.headers.get('content-encoding'), plain.headers.get('content-type')]).toEqual([
      null,
      'application/x-ndjson; charset=utf-8',
    ]);
  });

  it('gives how long each device was in which status, day by day', async () => {
    await estate.change([
      { deviceId: 'c', at: at('2026-11-20T06:00:00'), from: 'UNKNOWN', to: 'ONLINE' },
      { deviceId: 'c', at: at('2026-11-22T00:00:00'), from: 'ONLINE', to: 'OFFLINE' },
      { deviceId: 'c', at: at('2026-11-22T18:00:00'), from: 'OFFLINE', to: 'UNKNOWN', blind: true },
    ]);
    await estate.gather(NOW);
    const [header, ...rows] = await lines({ kind: 'availability', device: 'c' });
    expect(header).toBe(
      'device_id,name,site,system,from,to,online_ratio,online_seconds,degraded_seconds,offline_seconds,unknown_seconds,blind_seconds,maintenance_seconds',
    );
    const day = (date: number) => `2026-11-${date}T00:00:00.000Z,2026-11-${date + 1}T00:00:00.000Z`;
    expect(rows).toEqual([
      `c,c,museum-shop,FIDA,${day(20)},1,64800,0,0,21600,0,0`,
      `c,c,museum-shop,FIDA,${day(21)},1,86400,0,0,0,0,0`,
      `c,c,museum-shop,FIDA,${day(22)},0,0,0,64800,0,21600,0`,
      `c,c,museum-shop,FIDA,${day(23)},,0,0,0,0,32400,0`,
    ]);
    const ndjson = await fetchExport({ kind: 'availability', device: 'c', step: 'MONTH', format: 'ndjson' });
    expect(JSON.parse(await ndjson.text())).toMatchObject({
      ...{ device_id: 'c', from: '2026-11-20T00:00:00.000Z', to: '2026-11-24T00:00:00.000Z' },
      ...{ online_ratio: 0.7, online_seconds: 151_200, offline_seconds: 64_800 },
    });
  });

  it('says which parameter is at fault, and takes GET only', async () => {
    const refused = await fetchExport({ step: 'WEEK' });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: 'step must be HOUR or DAY for samples', parameter: 'step' },
    ]);
    const posted = await fetch(urlOf(RANGE), { method: 'POST', headers: AS_ADMIN });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });

  describe('for exports that are long', () => {
    beforeAll(async () => {
      // 400 days of a device with a long name: some 50 MB of text, more than all sockets on the way hold.
      await estate.register([{ deviceId: LONG, version: 1, at: START, site: 'long' }]);
      await estate.sql`
        insert into fida.samples (position, subject, hour, sampled_at, metrics, attributes)
        select 10000 + n, ${LONG}, hour, hour, jsonb_build_object('m1', n, 'm2', n, 'm3', n, 'm4', n, 'm5', n, 'm6', n, 'm7', n, 'm8', n), '{}'
        from (select n, timestamptz '2024-01-01T00:00:00Z' + n * interval '1 hour' as hour from generate_series(0, 9599) as n) as hours`;
    });
    const long = { from: '2024-01-01T00:00:00Z', to: '2025-02-04T00:00:00Z', device: LONG };
    /** Of exports, that wait for a lock, for their client or for their rows. */
    const openStatements = async (): Promise<string[]> => {
      const rows = await estate.sql<{ query: string }[]>`select query from pg_stat_activity
        where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid() and query like '% batches%'`;
      return rows.map(({ query }) => query);
    };
    /** A response of which nothing is read until someone asks. */
    const begin = (query: Query = long, at = door, headers = AS_ADMIN): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => void get(urlOf(query, at), { headers }, resolve).once('error', reject));

    it('reads no more than the client does, and ends the statement of one that leaves', async () => {
      const response = await begin();
      await eventually('the statement waits', async () => (await runningExports()) === 1);
      response.destroy();
      await eventually('the statement has ended', async () => (await runningExports()) === 0);
      expect(await lines({ device: 'a', metric: 'brightnessPercent' })).toHaveLength(75);
    });

    it('ends the statement of one that leaves before the first row is there', async () => {
      const held = await estate.sql.reserve();
      await held`begin`;
      await held`lock table fida.samples in access exclusive mode`;
      const leaving = get(urlOf(long, door), { headers: AS_ADMIN });
      const left = new Promise((resolve) => leaving.once('close', resolve));
      leaving.once('error', () => {});
      await eventually('the statement waits', async () =>
        (await openStatements()).some((text) => text.startsWith('declare')),
      );
      leaving.destroy();
      await left;
      // What comes behind it on the same door has seen that it left.
      await fetch(urlOf({ step: 'WEEK' }), { headers: AS_ADMIN }).then((response) => response.text());
      await held`rollback`;
      held.release();
      await eventually('the statement has ended', async () => (await openStatements()).length === 0);
    });

    it('breaks the connection when the database does, and never ends a part as if it were whole', async () => {
      const response = await begin();
      await eventually('the statement waits', async () => (await runningExports()) === 1);
      await estate.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid() and query like 'fetch % from batches'`;
      const read = async (): Promise<number> => {
        let bytes = 0;
        for await (const chunk of response) bytes += chunk.length;
        return bytes;
      };
      await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(response.complete).toBe(false);
    });

    it('lets go of a client that stops reading', async () => {
      const impatient = await openDoor({ stalledMs: 1_500 });
      const response = await begin(long, impatient);
      await eventually('the statement waits', async () => (await runningExports()) === 1);
      await eventually('the statement has ended', async () => (await runningExports()) === 0);
      response.destroy();
      await impatient.close();
    });

    it('breaks off what takes too long, however steadily it is read', async () => {
      const hasty = await openDoor({ longestMs: 300 });
      const response = await begin(long, hasty);
      const read = async (): Promise<void> => {
        for await (const _ of response) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
      await hasty.close();
    });

    it('serves four at a time, two of one caller, and more when one of them has ended', async () => {
      // The room of the one before is given back a moment after its statement has ended.
      const begun = (who: string): Promise<IncomingMessage> =>
        eventually('it has begun', async () => {
          const response = await begin(long, door, as(who));
          if (response.statusCode !== 200) response.destroy();
          return response.statusCode === 200 && response;
        });
      const two = await Promise.all([begun('admin'), begun('admin')]);
      const third = await fetchExport({});
      expect([third.status, third.headers.get('retry-after'), await third.json()]).toEqual([
        ...[429, '10'],
        { error: '2 exports at a time are all that one caller may have: try again when one of yours has ended' },
      ]);
      const four = [...two, ...(await Promise.all([begun('other'), begun('other')]))];
      const fifth = await fetchExport({}, as('hall'));
      expect([fifth.status, fifth.headers.get('retry-after')]).toEqual([503, '10']);
      await fifth.text();
      for (const response of four) response.destroy();
      await eventually('there is room again', async () => {
        const response = await fetchExport({});
        await response.text();
        return response.status === 200;
      });
    });
  });

  it('has logged no error of its own', () => {
    expect(errors).toEqual([]);
  });
});

describe('a door whose database is away', () => {
  it('answers 503', async () => {
    const estate = await openEstate();
    const options = { db: estate.db, client: estate.sql, now: () => NOW, logger: silent, identityReader, refusals };
    const door = await openHttpDoor({
      ...{ host: '127.0.0.1', port: 0, unready: () => null, metrics: new Registry() },
      routes: { '/export/history': createExportDoor(options) },
      onError: () => {},
    });
    await estate.sql.end();
    const url = new URL(`/export/history?${new URLSearchParams(RANGE)}`, door.url);
    const response = await fetch(url, { headers: AS_ADMIN });
    expect([response.status, await response.json()]).toEqual([503, { error: 'the database is away' }]);
    await door.close();
    await estate.close();
  });
});
