import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { appendToLog } from '@wheelhouse/kit/log-table.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../../tests/database.ts';
import { knownStatuses } from '../tables.ts';
import { registryLog, statusChanges } from './published.ts';
import { type StatusInterval, statusIntervals } from './status-intervals.ts';

let database: TestDatabase;
let handle: DatabaseHandle;
beforeAll(async () => {
  database = await createMigratedDatabase();
  handle = openDatabase(database.url, { maxConnections: 2 });
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});

/** Minute of a day. */
const minute = (count: number): string => new Date(Date.UTC(2026, 10, 20, 0, count)).toISOString();

type Entry = { at: number; site?: string; version?: number; removed?: true; name?: string };
type Change = { at: number; from: string; to: string; blind?: true };
/** `[from, to, status, site]`, in minutes. */
type Expected = [number, number, string, string];
type Case = {
  fact: string;
  registry: Entry[];
  changes?: Change[];
  known?: { at: number; status: 'ONLINE' };
  gives: Expected[];
};

const added: Entry = { at: -100 };
const online: Change = { at: -90, from: 'UNKNOWN', to: 'ONLINE' };

/** The range is from minute 0 to minute 100. */
const cases: Case[] = [
  { fact: 'a device without a change is UNKNOWN', registry: [added], gives: [[0, 100, 'UNKNOWN', 'a']] },
  {
    fact: 'a status holds from its last change before the range',
    registry: [added],
    changes: [online],
    gives: [[0, 100, 'ONLINE', 'a']],
  },
  {
    fact: 'a change cuts the range',
    registry: [added],
    changes: [online, { at: 40, from: 'ONLINE', to: 'OFFLINE' }],
    gives: [
      [0, 40, 'ONLINE', 'a'],
      [40, 100, 'OFFLINE', 'a'],
    ],
  },
  {
    fact: 'a change exactly at the beginning holds from there',
    registry: [added],
    changes: [online, { at: 0, from: 'ONLINE', to: 'OFFLINE' }],
    gives: [[0, 100, 'OFFLINE', 'a']],
  },
  {
    fact: 'a change exactly at the end is not in the range',
    registry: [added],
    changes: [online, { at: 100, from: 'ONLINE', to: 'OFFLINE' }],
    gives: [[0, 100, 'ONLINE', 'a']],
  },
  {
    fact: 'of two changes at one instant the later position holds',
    registry: [added],
    changes: [online, { at: 40, from: 'ONLINE', to: 'OFFLINE' }, { at: 40, from: 'OFFLINE', to: 'DEGRADED' }],
    gives: [
      [0, 40, 'ONLINE', 'a'],
      [40, 100, 'DEGRADED', 'a'],
    ],
  },
  {
    fact: 'before the first change that the log still has, the status is what that one says it was',
    registry: [added],
    changes: [{ at: 40, from: 'DEGRADED', to: 'OFFLINE' }],
    gives: [
      [0, 40, 'DEGRADED', 'a'],
      [40, 100, 'OFFLINE', 'a'],
    ],
  },
  {
    fact: 'so it is also where that change lies behind the range',
    registry: [added],
    changes: [{ at: 140, from: 'DEGRADED', to: 'OFFLINE' }],
    gives: [[0, 100, 'DEGRADED', 'a']],
  },
  {
    fact: 'where all changes were pruned, the status is the one that was known when the last day was sealed',
    registry: [added],
    known: { at: -95, status: 'ONLINE' },
    gives: [[0, 100, 'ONLINE', 'a']],
  },
  {
    fact: 'a change that was pruned and lies in the range still cuts it',
    registry: [added],
    known: { at: 30, status: 'ONLINE' },
    gives: [
      [0, 30, 'UNKNOWN', 'a'],
      [30, 100, 'ONLINE', 'a'],
    ],
  },
  {
    fact: 'what the log says goes before what was known',
    registry: [added],
    changes: [online, { at: 30, from: 'ONLINE', to: 'OFFLINE' }, { at: 30, from: 'OFFLINE', to: 'ONLINE' }],
    known: { at: 30, status: 'ONLINE' },
    gives: [
      [0, 30, 'ONLINE', 'a'],
      [30, 100, 'ONLINE', 'a'],
    ],
  },
  {
    fact: 'UNKNOWN because nobody looked is told apart',
    registry: [added],
    changes: [
      online,
      { at: 10, from: 'ONLINE', to: 'UNKNOWN', blind: true },
      { at: 20, from: 'UNKNOWN', to: 'ONLINE' },
    ],
    gives: [
      [0, 10, 'ONLINE', 'a'],
      [10, 20, 'BLIND', 'a'],
      [20, 100, 'ONLINE', 'a'],
    ],
  },
  {
    fact: 'it may have begun before the range',
    registry: [added],
    changes: [online, { at: -10, from: 'ONLINE', to: 'UNKNOWN', blind: true }],
    gives: [[0, 100, 'BLIND', 'a']],
  },
  {
    fact: 'a device that is added in the range has no time before',
    registry: [{ at: 30 }],
    changes: [{ at: 50, from: 'UNKNOWN', to: 'ONLINE' }],
    gives: [
      [30, 50, 'UNKNOWN', 'a'],
      [50, 100, 'ONLINE', 'a'],
    ],
  },
  {
    fact: 'a device that is removed in the range has no time after',
    registry: [added, { at: 60, removed: true }],
    changes: [online],
    gives: [[0, 60, 'ONLINE', 'a']],
  },
  {
    fact: 'a device that was removed before the range has none',
    registry: [added, { at: -50, removed: true }],
    changes: [online],
    gives: [],
  },
  {
    fact: 'a device that is removed exactly at the beginning has none',
    registry: [added, { at: 0, removed: true }],
    changes: [online],
    gives: [],
  },
  { fact: 'a device that is added exactly at the end has none', registry: [{ at: 100 }], gives: [] },
  {
    fact: 'a device that moves has its time at each place',
    registry: [added, { at: 50, site: 'b' }],
    changes: [online, { at: 40, from: 'ONLINE', to: 'OFFLINE' }],
    gives: [
      [0, 40, 'ONLINE', 'a'],
      [40, 50, 'OFFLINE', 'a'],
      [50, 100, 'OFFLINE', 'b'],
    ],
  },
  {
    fact: 'a device that comes back has two times at a place',
    registry: [added, { at: 20, site: 'b' }, { at: 30 }],
    changes: [online],
    gives: [
      [0, 20, 'ONLINE', 'a'],
      [20, 30, 'ONLINE', 'b'],
      [30, 100, 'ONLINE', 'a'],
    ],
  },
  {
    fact: 'a row that tells of no other place cuts nothing',
    registry: [added, { at: 20, version: 1 }, { at: 30, name: 'renamed' }],
    changes: [online],
    gives: [[0, 100, 'ONLINE', 'a']],
  },
  {
    fact: 'a row whose clock was behind takes effect with the row before it',
    registry: [added, { at: 50, site: 'b' }, { at: 40, site: 'c' }],
    changes: [online],
    gives: [
      [0, 50, 'ONLINE', 'a'],
      [50, 100, 'ONLINE', 'c'],
    ],
  },
];

async function store(deviceId: string, { registry, changes = [], known }: Omit<Case, 'fact' | 'gives'>): Promise<void> {
  const rows = registry.map(({ at, site = 'a', version, removed = false, name = 'Foyer' }, index) => ({
    ...{ device_id: deviceId, version: version ?? index + 1, at: minute(at), name, system: 'FIDA', site },
    ...{ removed, actor: 'anonymous' },
  }));
  await appendToLog(handle.db, registryLog, rows);
  const log = changes.map(({ at, blind = false, ...change }) => ({
    ...{ device_id: deviceId, at: minute(at), reason: null, blind },
    ...change,
  }));
  await appendToLog(handle.db, statusChanges, log);
  if (known === undefined) return;
  await handle.db
    .insert(knownStatuses)
    .values({ deviceId, at: new Date(minute(known.at)), status: known.status, blind: false });
}

async function intervalsOf(deviceIds: string[] | null): Promise<Map<string, Expected[]>> {
  const range = { from: new Date(minute(0)), to: new Date(minute(100)), deviceIds };
  const rows = await handle.db.execute<StatusInterval>(statusIntervals(range));
  const inMinutes = (at: string): number => (Date.parse(at) - Date.parse(minute(0))) / 60_000;
  const sorted = rows.toSorted((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
  const found = Map.groupBy(sorted, (row) => row.device_id);
  const expectedOf = (row: StatusInterval): Expected => [
    inMinutes(row.starts_at),
    inMinutes(row.ends_at),
    row.blind ? 'BLIND' : row.status,
    row.site,
  ];
  return new Map([...found].map(([deviceId, intervals]) => [deviceId, intervals.map(expectedOf)]));
}

describe('the time of a status', () => {
  beforeAll(async () => {
    for (const { fact, gives: _, ...one } of cases) await store(fact, one);
  });

  it.each(cases)('is such that $fact', async ({ fact, gives }) => {
    expect((await intervalsOf([fact])).get(fact) ?? []).toEqual(gives);
  });

  it('is the same for all devices at once', async () => {
    const all = await intervalsOf(null);
    expect(Object.fromEntries(all)).toEqual(
      Object.fromEntries(cases.flatMap(({ fact, gives }) => (gives.length === 0 ? [] : [[fact, gives]]))),
    );
  });

  it('is that of the devices that are asked for, and of no other', async () => {
    expect([...(await intervalsOf(['a device without a change is UNKNOWN', 'nobody', '\0'])).keys()]).toEqual([
      'a device without a change is UNKNOWN',
    ]);
  });
});
