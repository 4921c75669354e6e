import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, hoursBetween } from '../testing/estate.ts';
import { startHistory, type TestHistory } from '../testing/history.ts';

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

let history: TestHistory;
beforeAll(async () => {
  history = await startHistory();
  await history.register([
    { deviceId: 'd1', version: 1, at: at('2026-10-01T00:00:00'), site: 'museum/hall' },
    { deviceId: 'd2', version: 1, at: at('2026-10-01T00:00:00'), site: 'museum/depot' },
    { deviceId: 's1', version: 1, at: at('2026-10-01T00:00:00'), site: 'museum', system: 'SOUND' },
    // It moves on the 24th at noon, and is removed a day later.
    { deviceId: 'd2', version: 2, at: at('2026-10-24T12:00:00'), site: 'museum/hall' },
    { deviceId: 'd2', version: 3, at: at('2026-10-25T12:00:00'), site: 'museum/hall', removed: true },
  ]);
  await history.change([
    ...['d1', 'd2', 's1'].map((deviceId) => ({
      deviceId,
      at: at('2026-10-01T00:00:00'),
      from: 'UNKNOWN',
      to: 'ONLINE',
    })),
    { deviceId: 'd1', at: at('2026-10-24T06:00:00'), from: 'ONLINE', to: 'OFFLINE' },
    { deviceId: 'd1', at: at('2026-10-24T07:00:00'), from: 'OFFLINE', to: 'DEGRADED' },
    { deviceId: 'd1', at: at('2026-10-24T09:00:00'), from: 'DEGRADED', to: 'UNKNOWN' },
    { deviceId: 'd1', at: at('2026-10-24T12:00:00'), from: 'UNKNOWN', to: 'UNKNOWN', blind: true },
    { deviceId: 'd1', at: at('2026-10-24T16:00:00'), from: 'UNKNOWN', to: 'ONLINE' },
  ]);
  const sampled = hoursBetween(at('2026-10-20T00:00:00'), at('2026-10-26T00:00:00'));
  for (const service of ['fida', 'devices'] as const) await history.run(service, sampled);
  await history.append(
    'devices',
    sampled.map((hour) => ({ subject: 'd1', hour, metrics: {}, attributes: { status: 'ONLINE' } })),
  );
  await history.gather(at('2026-10-26T02:00:00'));
});
afterAll(() => history.close());

type Row = { group: string; from: string; to: string; onlineRatio: number | null } & Record<string, number>;
const FIELDS = `group from to onlineRatio onlineSeconds degradedSeconds offlineSeconds unknownSeconds blindSeconds
  maintenanceSeconds devices`;
const ask = (args: string, range = 'from: "2026-10-24T00:00:00Z", to: "2026-10-25T00:00:00Z"') =>
  history.query(`{ availability(${range}, ${args}) { ${FIELDS} } }`);
const rowsOf = async (args: string, range?: string): Promise<Row[]> => {
  const { data, errors } = await ask(args, range);
  expect(errors).toBeUndefined();
  return data.availability;
};

describe('availability', () => {
  it('by device tells each kind of time apart', async () => {
    const range = {
      from: '2026-10-24T00:00:00.000Z',
      to: '2026-10-25T00:00:00.000Z',
      maintenanceSeconds: 0,
      devices: 1,
    };
    expect(await rowsOf('groupBy: DEVICE')).toEqual([
      {
        ...{ ...range, group: 'd1', onlineRatio: 16 / 17, onlineSeconds: 14 * HOUR_S, degradedSeconds: 2 * HOUR_S },
        ...{ offlineSeconds: HOUR_S, unknownSeconds: 3 * HOUR_S, blindSeconds: 4 * HOUR_S },
      },
      ...['d2', 's1'].map((group) => ({
        ...{ ...range, group, onlineRatio: 1, onlineSeconds: DAY_S, degradedSeconds: 0 },
        ...{ offlineSeconds: 0, unknownSeconds: 0, blindSeconds: 0 },
      })),
    ]);
  });

  it('by site counts a device that moved in each place for its time there', async () => {
    const rows = await rowsOf('groupBy: SITE');
    expect(rows.map(({ group, onlineSeconds, devices }) => [group, onlineSeconds, devices])).toEqual([
      ['museum', DAY_S, 1],
      ['museum/depot', 12 * HOUR_S, 1],
      ['museum/hall', 26 * HOUR_S, 2],
    ]);
  });

  it('by system adds up what its devices have', async () => {
    const rows = await rowsOf('groupBy: SYSTEM');
    expect(rows.map(({ group, onlineSeconds, devices }) => [group, onlineSeconds, devices])).toEqual([
      ['FIDA', 38 * HOUR_S, 2],
      ['SOUND', DAY_S, 1],
    ]);
  });

  it.each([
    ['{}', 16 / 17],
    ['{ degraded: AS_OFFLINE }', 14 / 17],
    ['{ degraded: LEFT_OUT }', 14 / 15],
    ['{ unknown: AS_OFFLINE }', 16 / 20],
    ['{ blind: AS_ONLINE }', 20 / 21],
    ['{ unknown: AS_OFFLINE, blind: AS_OFFLINE, degraded: AS_OFFLINE, maintenance: AS_OFFLINE }', 14 / 24],
  ])('counts as asked: %s', async (counting, ratio) => {
    const [row] = await rowsOf(`groupBy: DEVICE, filter: { ids: ["d1"] }, counting: ${counting}`);
    expect(row?.onlineRatio).toBeCloseTo(ratio, 12);
  });

  it.each([
    ['{ ids: ["d2", "nothing"] }', ['d2']],
    ['{ sites: ["museum"] }', ['d1', 'd2', 's1']],
    ['{ sites: ["museum/depot"] }', ['d2']],
    ['{ sites: ["muse", "museum/%"] }', []],
    ['{ systems: ["SOUND"] }', ['s1']],
    ['{ systems: ["FIDA"], sites: ["museum/hall"] }', ['d1', 'd2']],
    ['{ ids: [] }', []],
  ])('is narrowed by %s', async (filter, groups) => {
    const rows = await rowsOf(`groupBy: DEVICE, filter: ${filter}`);
    expect(rows.map(({ group }) => group)).toEqual(groups);
  });

  it('is cut into days of a time zone, of which one has 25 hours when the clocks go back', async () => {
    const range = 'from: "2026-10-23T22:00:00Z", to: "2026-10-27T23:00:00Z"';
    const rows = await rowsOf('groupBy: DEVICE, step: DAY, timeZone: "Europe/Berlin", filter: { ids: ["s1"] }', range);
    expect(rows.map(({ from, to, onlineSeconds = 0 }) => [from, to, onlineSeconds / HOUR_S])).toEqual([
      ['2026-10-23T22:00:00.000Z', '2026-10-24T22:00:00.000Z', 24],
      ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25],
      ['2026-10-25T23:00:00.000Z', '2026-10-26T23:00:00.000Z', 24],
      ['2026-10-26T23:00:00.000Z', '2026-10-27T23:00:00.000Z', 24],
    ]);
  });

  it('is the same from sealed days, from the log and from both', async () => {
    const sum = (rows: readonly Row[], field: string): number =>
      rows.reduce((total, row) => total + (row[field] ?? 0), 0);
    const range = 'from: "2026-10-20T00:00:00Z", to: "2026-10-27T09:30:00Z"';
    const whole = await rowsOf('groupBy: DEVICE', range);
    const byDay = await rowsOf('groupBy: SITE, step: DAY', range);
    const byZone = await rowsOf('groupBy: SYSTEM, step: DAY, timeZone: "Asia/Kolkata"', range);
    for (const field of ['onlineSeconds', 'degradedSeconds', 'offlineSeconds', 'unknownSeconds', 'blindSeconds']) {
      expect(sum(byDay, field)).toBeCloseTo(sum(whole, field), 6);
      expect(sum(byZone, field)).toBeCloseTo(sum(whole, field), 6);
    }
    expect(sum(whole, 'offlineSeconds')).toBe(HOUR_S);
  });

  it('begins and ends with the query, also in the midst of a step', async () => {
    const range = 'from: "2026-10-24T06:30:00Z", to: "2026-10-25T01:00:00Z"';
    const rows = await rowsOf('groupBy: DEVICE, step: WEEK, filter: { ids: ["d1"] }', range);
    expect(rows).toMatchObject([
      { from: '2026-10-24T06:30:00.000Z', to: '2026-10-25T01:00:00.000Z', offlineSeconds: HOUR_S / 2 },
    ]);
  });

  it('ends at the present', async () => {
    const from = new Date(Date.now() - 5_000);
    const range = `from: "${from.toISOString()}", to: "${new Date(from.getTime() + DAY_S * 1_000).toISOString()}"`;
    const [row] = await rowsOf('groupBy: DEVICE, filter: { ids: ["s1"] }', range);
    expect(row?.onlineSeconds).toBeGreaterThanOrEqual(5);
    expect(row?.onlineSeconds).toBeLessThan(60);
    const ahead = `from: "${new Date(Date.now() + 60_000).toISOString()}", to: "2999-01-01T00:00:00Z"`;
    expect((await ask('groupBy: DEVICE', ahead)).errors).toMatchObject([{ extensions: { field: 'from' } }]);
    const soon = `from: "${new Date(Date.now() + 60_000).toISOString()}", to: "${new Date(Date.now() + 120_000).toISOString()}"`;
    expect(await rowsOf('groupBy: DEVICE', soon)).toEqual([]);
  });
});

describe('a question about availability', () => {
  it.each([
    [
      'from that is to',
      'groupBy: SITE',
      'from: "2026-10-24T00:00:00Z", to: "2026-10-24T00:00:00Z"',
      'from',
      /must be before to/,
    ],
    [
      'more than five years',
      'groupBy: SITE',
      'from: "2020-10-24T00:00:00Z", to: "2026-10-24T00:00:00Z"',
      'from',
      /5 years apart, and are 2191 days/,
    ],
    [
      'a time zone that does not exist',
      'groupBy: SITE, step: DAY, timeZone: "Europe/Atlantis"',
      undefined,
      'timeZone',
      /"Europe\/Atlantis" is none/,
    ],
    ['a time zone that does not exist, without a step', 'groupBy: SITE, timeZone: ""', undefined, 'timeZone', /IANA/],
    ['an offset', 'groupBy: SITE, step: DAY, timeZone: "+02:00"', undefined, 'timeZone', /IANA/],
    [
      'too many ids',
      `groupBy: SITE, filter: { ids: [${Array(1001).fill('"x"').join(' ')}] }`,
      undefined,
      'filter.ids',
      /may have 1000 items, and has 1001/,
    ],
  ])('is refused with %s', async (_what, args, range, field, message) => {
    const { data, errors } = await ask(args, range);
    expect(data.availability).toBeNull();
    expect(errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', field } },
    ]);
  });

  it('is refused with more groups and steps than 10,000', async () => {
    await history.register(
      Array.from({ length: 8 }, (_, index) => ({
        deviceId: `more-${index}`,
        version: 1,
        at: at('2021-01-01T00:00:00'),
        site: 'far',
      })),
    );
    const range = 'from: "2021-11-01T00:00:00Z", to: "2026-10-24T00:00:00Z"';
    const { errors } = await ask('groupBy: DEVICE, step: DAY', range);
    expect(errors).toMatchObject([
      {
        message: '11 groups in 1818 steps are more than 10000: narrow filter, or take longer steps',
        extensions: { field: 'step' },
      },
    ]);
    expect((await ask('groupBy: DEVICE, step: WEEK', range)).errors).toBeUndefined();
  });

  it('counts what a request asks for under several names together', async () => {
    const years = (name: string, from: number) =>
      `${name}: availability(from: "${from}-11-21T00:00:00Z", to: "2026-11-21T00:00:00Z", groupBy: SYSTEM, step: DAY) { group }`;
    const names = ['a', 'b', 'c', 'd'];
    const { data, errors } = await history.query(`{ ${names.map((name) => years(name, 2022)).join(' ')} }`);
    expect(names.map((name) => data[name] !== null)).toEqual([true, true, true, false]);
    expect(errors).toMatchObject([
      {
        path: ['d'],
        message:
          '2 groups in 1461 steps are, with what the request asks for besides, more than 10000: narrow filter, or take longer steps',
      },
    ]);
  });
});
