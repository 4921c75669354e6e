import { pruneLog } from '@wheelhouse/kit/log-table.ts';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CalendarStep, cutByCalendar } from '../calendar.ts';
import { at, hoursBetween, openEstate, type RegistryRow, type StatusRow, type TestEstate } from '../testing/estate.ts';
import { statusChanges } from './published.ts';
import { type GroupBy, readStatusTime, type StatusTimeFilter, type StatusTimeRow } from './status-time.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const KINDS = ['onlineSeconds', 'degradedSeconds', 'offlineSeconds', 'unknownSeconds', 'blindSeconds'] as const;
const NOBODY_LEFT_OUT: StatusTimeFilter = { deviceIds: null, sites: null, systems: null };

let estate: TestEstate;
beforeAll(async () => {
  estate = await openEstate();
});
beforeEach(
  () =>
    estate.sql`truncate devices.registry_log, devices.status_changes, devices.log_counters, devices.samples, devices.sample_runs,
    history.archived_days, history.archived_day_services, history.daily_statuses, history.known_statuses, history.gather_cursors`,
);
afterAll(() => estate.close());

/** Seals the days from `from` to before `to`, save those that are left open. */
async function seal(from: Date, to: Date, open: readonly string[] = []): Promise<void> {
  const hours = hoursBetween(from, to).filter((hour) => !open.includes(hour.toISOString().slice(0, 10)));
  // One hour more: a day is over for a service that went on after it.
  await estate.run('devices', [...hours, to]);
  await estate.append(
    'devices',
    hours.map((hour) => ({ subject: 'nobody', hour, metrics: {}, attributes: { name: 'x' } })),
  );
  await estate.gather(new Date(to.getTime() + DAY_MS / 2));
  const sealed = await estate.sql`select day::text from history.archived_days where sealed_at is not null`;
  expect(sealed.length).toBe(hours.length / 24);
}

/** What a device was in each second: null while it was not in the registry. */
type Second = { site: string; system: string; kind: (typeof KINDS)[number] } | null;
type Device = { id: string; seconds: Second[] };

const kindOf = ({ to, blind }: Pick<StatusRow, 'to' | 'blind'>): (typeof KINDS)[number] => {
  if (to === 'UNKNOWN') return blind === true ? 'blindSeconds' : 'unknownSeconds';
  return to === 'ONLINE' ? 'onlineSeconds' : to === 'DEGRADED' ? 'degradedSeconds' : 'offlineSeconds';
};

const SITES = ['museum', 'museum/hall', 'museum/hall-2', 'depot'];

/** Some devices that come, move, go and change their status at random, and the same second by second. */
async function randomDevices(random: () => number, start: Date, seconds: number): Promise<Device[]> {
  const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];
  const times = (count: number): number[] =>
    Array.from({ length: count }, () => Math.floor(random() * seconds)).sort((one, other) => one - other);
  const when = (second: number): Date => new Date(start.getTime() + second * SECOND_MS);
  const devices: Device[] = [];
  for (let index = 0; index < 4; index += 1) {
    const id = `d${index}`;
    const system = pick(['FIDA', 'SOUND']);
    const places = [...(index === 0 ? [-DAY_MS / SECOND_MS] : []), ...times(1 + Math.floor(random() * 4))];
    const entries = places.map((second, place): RegistryRow & { second: number } => ({
      ...{ deviceId: id, version: place + 1, at: when(second), site: pick(['museum', ...SITES]), system, second },
      removed: place > 0 && place === places.length - 1 && random() < 0.5,
    }));
    const changes: (StatusRow & { second: number })[] = [];
    for (const second of times(Math.floor(random() * 40))) {
      const from = changes.at(-1)?.to ?? 'UNKNOWN';
      const to = pick(['ONLINE', 'DEGRADED', 'OFFLINE', 'UNKNOWN']);
      changes.push({
        ...{ deviceId: id, at: when(second), from, to, second },
        blind: to === 'UNKNOWN' && random() < 0.5,
      });
    }
    await estate.register(entries.map(({ second: _, ...row }) => row));
    await estate.change(changes.map(({ second: _, ...row }) => row));
    const last = <T extends { second: number }>(list: readonly T[], second: number) =>
      list.findLast((each) => each.second <= second);
    devices.push({
      id,
      seconds: Array.from({ length: seconds }, (_, second) => {
        const entry = last(entries, second);
        if (entry === undefined || entry.removed === true) return null;
        const change = last(changes, second);
        return { site: entry.site, system, kind: change === undefined ? 'unknownSeconds' : kindOf(change) };
      }),
    });
  }
  return devices;
}

/** The label of a second's part of the calendar, asked of Intl every quarter of an hour: no zone shifts in between. */
function labelsOf(start: Date, seconds: number, step: CalendarStep, timeZone: string): string[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return Array.from({ length: Math.ceil(seconds / 900) }, (_, quarter) => {
    const day = format.format(start.getTime() + quarter * 900 * SECOND_MS);
    if (step === 'DAY') return day;
    if (step === 'MONTH') return day.slice(0, 7);
    const ms = Date.parse(day);
    return new Date(ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
  });
}

type Tally = Record<string, { devices: Set<string> } & Record<(typeof KINDS)[number], number>>;

describe.each([
  ['when the clocks go back', '2026-10-23T00:00:00'],
  ['when the clocks go forward', '2026-03-27T00:00:00'],
  ['over a leap day and the end of a month', '2028-02-27T00:00:00'],
  ['over the end of a year', '2026-12-30T00:00:00'],
])('the time of statuses, %s', (_when, first) => {
  it.each([1, 2, 3])('is what one gets by counting second by second (seed %i)', async (seed) => {
    const start = at(first);
    const days = 5;
    const random = seededRandom(seed * 7919 + start.getTime() / DAY_MS);
    const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(random() * items.length)] ?? items[0];
    const seconds = (days * DAY_MS) / SECOND_MS;
    const devices = await randomDevices(random, start, seconds);
    const dayNames = Array.from({ length: days }, (_, day) =>
      new Date(start.getTime() + day * DAY_MS).toISOString().slice(0, 10),
    );
    await seal(
      start,
      new Date(start.getTime() + 4 * DAY_MS),
      random() < 0.5 ? [] : [pick(['', ...dayNames.slice(0, 4)])].filter((day) => day !== ''),
    );
    for (let question = 0; question < 6; question += 1) {
      const [from = 0, to = 0] = [Math.floor(random() * seconds), Math.floor(random() * seconds)].sort((a, b) => a - b);
      const edges = random() < 0.3 ? { from: 0, to: seconds } : { from, to: to + 1 };
      const span = { fromMs: start.getTime() + edges.from * SECOND_MS, toMs: start.getTime() + edges.to * SECOND_MS };
      const nowSecond = random() < 0.3 ? Math.floor(random() * seconds) : seconds * 2;
      const step = pick<CalendarStep | null>([null, 'DAY', 'DAY', 'WEEK', 'MONTH']);
      const timeZone = pick(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati']);
      const groupBy = pick<GroupBy>(['DEVICE', 'SITE', 'SYSTEM']);
      const filter: StatusTimeFilter = {
        deviceIds: random() < 0.3 ? ['d0', 'd2'] : null,
        sites: random() < 0.3 ? ['museum/hall', 'depot'] : null,
        systems: random() < 0.2 ? ['FIDA'] : null,
      };
      const parts = step === null ? [span] : cutByCalendar(span, step, timeZone);
      const rows = await readStatusTime(estate.db, {
        parts,
        now: new Date(start.getTime() + nowSecond * SECOND_MS),
        groupBy,
        filter,
      });

      const labels = step === null ? [] : labelsOf(start, seconds, step, timeZone);
      const tally: Tally = {};
      for (const { id, seconds: life } of devices) {
        if (filter.deviceIds !== null && !filter.deviceIds.includes(id)) continue;
        for (let second = edges.from; second < Math.min(edges.to, nowSecond); second += 1) {
          const was = life[second];
          if (was === null || was === undefined) continue;
          const isBelow = (site: string): boolean => was.site === site || was.site.startsWith(`${site}/`);
          if (filter.sites !== null && !filter.sites.some(isBelow)) continue;
          if (filter.systems !== null && !filter.systems.includes(was.system)) continue;
          const group = { DEVICE: id, SITE: was.site, SYSTEM: was.system }[groupBy];
          const key = `${group} ${labels[Math.floor(second / 900)] ?? 'all'}`;
          tally[key] ??= {
            ...{ devices: new Set(), onlineSeconds: 0, degradedSeconds: 0, offlineSeconds: 0 },
            ...{ unknownSeconds: 0, blindSeconds: 0 },
          };
          tally[key][was.kind] += 1;
          tally[key].devices.add(id);
        }
      }
      const labelOf = ({ part }: StatusTimeRow): string =>
        labels[Math.floor(((parts[part]?.fromMs ?? 0) - start.getTime()) / (900 * SECOND_MS))] ?? 'all';
      const found = Object.fromEntries(
        rows.map((row) => [
          `${row.group} ${labelOf(row)}`,
          { ...Object.fromEntries(KINDS.map((kind) => [kind, row[kind]])), devices: row.devices },
        ]),
      );
      const expected = Object.fromEntries(
        Object.entries(tally).map(([key, { devices: counted, ...kinds }]) => [
          key,
          { ...kinds, devices: counted.size },
        ]),
      );
      expect(found, JSON.stringify({ span, step, timeZone, groupBy, filter, nowSecond })).toEqual(expected);
      // In their order, each group's parts one after another.
      expect(rows.map(({ group, part }) => [group, part])).toEqual(
        rows
          .map(({ group, part }) => [group, part] as const)
          .sort(([a, p], [b, q]) => (a < b ? -1 : a > b ? 1 : p - q)),
      );
    }
  });
});

it('is exact to the millisecond, however many pieces it is the sum of', async () => {
  const start = at('2026-11-20T00:00:00');
  const day = DAY_MS;
  await estate.register(['a', 'b', 'c'].map((deviceId) => ({ deviceId, version: 1, at: start, site: 'museum' })));
  // 4,321 ms up, 2,345 ms down, and so on through the first of two days; the second one is up.
  const rows: StatusRow[] = [];
  let [ms, up, upMs] = [0, true, 0];
  while (ms < day) {
    const lengthMs = Math.min(up ? 4_321 : 2_345, day - ms);
    if (up) upMs += lengthMs;
    for (const deviceId of ['a', 'b', 'c'])
      rows.push({
        deviceId,
        at: new Date(start.getTime() + ms),
        from: up ? 'OFFLINE' : 'ONLINE',
        to: up ? 'ONLINE' : 'OFFLINE',
      });
    [ms, up] = [ms + lengthMs, !up];
  }
  rows.push(
    ...['a', 'b', 'c'].map((deviceId) => ({
      deviceId,
      at: new Date(start.getTime() + day),
      from: 'OFFLINE',
      to: 'ONLINE',
    })),
  );
  await estate.change(rows);
  const ask = () =>
    readStatusTime(estate.db, {
      parts: [{ fromMs: start.getTime(), toMs: start.getTime() + 2 * day }],
      now: new Date(start.getTime() + 3 * day),
      groupBy: 'SITE',
      filter: NOBODY_LEFT_OUT,
    });
  const exact = { onlineSeconds: (3 * (upMs + day)) / 1_000, offlineSeconds: (3 * (day - upMs)) / 1_000 };
  expect(await ask()).toMatchObject([exact]);
  await seal(start, new Date(start.getTime() + day));
  expect(await ask()).toMatchObject([exact]);
});

describe('where the status log no longer reaches back so far', () => {
  const hour = (count: number): Date => new Date(at('2026-11-01T00:00:00').getTime() + count * 3_600_000);
  const secondsOf = async (fromHour: number, toHour: number) => {
    const parts = [{ fromMs: hour(fromHour).getTime(), toMs: hour(toHour).getTime() }];
    const rows = await readStatusTime(estate.db, {
      parts,
      now: hour(1_000),
      groupBy: 'DEVICE',
      filter: NOBODY_LEFT_OUT,
    });
    return rows.map(({ onlineSeconds, offlineSeconds }) => [onlineSeconds / 3_600, offlineSeconds / 3_600]);
  };
  beforeEach(async () => {
    await estate.register([{ deviceId: 'd1', version: 1, at: hour(0), site: 'hall' }]);
    await estate.change([
      { deviceId: 'd1', at: hour(0), from: 'UNKNOWN', to: 'ONLINE' },
      { deviceId: 'd1', at: hour(6), from: 'ONLINE', to: 'OFFLINE' },
      { deviceId: 'd1', at: hour(12), from: 'OFFLINE', to: 'ONLINE' },
      { deviceId: 'd1', at: hour(60), from: 'ONLINE', to: 'OFFLINE' },
      { deviceId: 'd1', at: hour(66), from: 'OFFLINE', to: 'ONLINE' },
    ]);
    await seal(hour(0), hour(72));
    await pruneLog(estate.db, statusChanges, { time: statusChanges.at, before: hour(60), limit: 100 });
  });

  it('a whole day is what was sealed of it', async () => {
    expect(await secondsOf(0, 24)).toEqual([[18, 6]]);
    expect(await secondsOf(0, 72)).toEqual([[60, 12]]);
  });

  it('a day that a late sample opens again keeps what was sealed of it', async () => {
    await estate.append('devices', [{ subject: 'late', hour: hour(3), metrics: {} }]);
    const { gathered, sealed } = await estate.gather(hour(84));
    expect([gathered, sealed]).toEqual([1, ['2026-11-01']]);
    expect(await secondsOf(0, 24)).toEqual([[18, 6]]);
  });

  it('a change that is told late leaves days alone of which the log has lost a part', async () => {
    await estate.change([{ deviceId: 'd1', at: hour(20), from: 'ONLINE', to: 'OFFLINE' }]);
    await estate.gather(hour(84));
    expect(await secondsOf(0, 24)).toEqual([[18, 6]]);
  });

  it('a part of a day is that part of what was sealed of it', async () => {
    expect(await secondsOf(0, 12)).toEqual([[9, 3]]);
    expect(await secondsOf(12, 28)).toEqual([[9 + 4, 3]]);
  });

  it('a part of the day in which the log begins is told by the log from there on', async () => {
    // Half of the hours before the 60th are told by the day as a whole: 18 of 24 hours online.
    expect(await secondsOf(58, 68)).toEqual([[2 * 0.75 + 2, 2 * 0.25 + 6]]);
  });
});

it('two statements tell the time of statuses, whatever the number of devices and parts', async () => {
  const count = 500;
  await estate.register(
    Array.from({ length: count }, (_, index) => ({
      deviceId: `d${index}`,
      version: 1,
      at: at('2026-11-01T00:00:00'),
      site: `hall-${index % 7}`,
    })),
  );
  const parts = cutByCalendar(
    { fromMs: at('2026-11-01T00:00:00').getTime(), toMs: at('2026-12-01T00:00:00').getTime() },
    'DAY',
    'Africa/Cairo',
  );
  let sent = 0;
  const counting = Object.assign(Object.create(estate.db), {
    execute: (query: ReturnType<typeof sql>) => {
      sent += 1;
      return estate.db.execute(query);
    },
  }) as typeof estate.db;
  const rows = await readStatusTime(counting, {
    parts,
    now: at('2027-01-01T00:00:00'),
    groupBy: 'SITE',
    filter: NOBODY_LEFT_OUT,
  });
  expect(rows).toHaveLength(7 * 31);
  expect(sent).toBe(2);
});
