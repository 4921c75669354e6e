import { describe, expect, it } from 'vitest';
import { judgeService, type ProcessRow } from './services.ts';
import { sweepsOf } from './sweeps.ts';

const now = new Date('2026-11-26T12:00:30.000Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1_000);
const slotAgo = (slots: number): number => Date.parse('2026-11-26T12:00:00.000Z') - slots * 60_000;
const databaseSince = ago(86_400);

const aProcess = (overrides: Partial<ProcessRow> = {}): ProcessRow => ({
  ...{ id: 'one', role: 'WORKER', startedAt: ago(7_200), seenAt: ago(2), stoppedAt: null },
  ...{ version: '1.0.0', revision: null, host: 'a', pid: 7, sweep: null, queues: null },
  ...overrides,
});
const server = aProcess({ id: 'server', role: 'SERVER' });
const judge = (rows: ProcessRow[], since = databaseSince) =>
  judgeService('lights', { rows, now, databaseSince: since });
const statesOf = (rows: ProcessRow[], since?: Date) =>
  Object.fromEntries(judge(rows, since).processes.map(({ id, state }) => [id, state]));

describe('a service', () => {
  it.each<[string, ProcessRow[], string, string | null]>([
    ['UP with a server and a worker', [server, aProcess()], 'UP', null],
    ['UP until a process is silent for more than 15 s', [server, aProcess({ seenAt: ago(15) })], 'UP', null],
    [
      'DOWN when its only worker is silent',
      [server, aProcess({ seenAt: ago(16) })],
      'DOWN',
      'no worker is there: the last one was last heard of 16 s ago',
    ],
    [
      'DOWN when its only worker has stopped',
      [server, aProcess({ seenAt: ago(3), stoppedAt: ago(3) })],
      'DOWN',
      'no worker is there: the last one stopped 3 s ago',
    ],
    [
      'DEGRADED when one of two workers is silent',
      [server, aProcess(), aProcess({ id: 'two', seenAt: ago(60), host: 'b' })],
      'DEGRADED',
      '1 of 2 workers silent',
    ],
    ['MISSING where nobody ever started a worker', [server], 'MISSING', 'no worker was heard of in the last hour'],
    [
      'MISSING where nobody ever started anything',
      [],
      'MISSING',
      'no server was heard of in the last hour; no worker was heard of in the last hour',
    ],
  ])('is %s', (_what, rows, state, stateReason) => {
    expect(judge(rows)).toMatchObject({ state, stateReason });
  });

  it('is UNKNOWN, and not down, where it could not be looked at', () => {
    expect(judgeService('lights', { problem: 'no' })).toMatchObject({ state: 'UNKNOWN', stateReason: 'no' });
  });

  it('is UNKNOWN, and not down, while the database has not been there for as long as a process may be silent', () => {
    const rows = [server, aProcess({ seenAt: ago(300) })];
    expect(judge(rows, ago(15))).toMatchObject({ state: 'UNKNOWN' });
    expect(statesOf(rows, ago(15))).toEqual({ server: 'UP', one: 'UNKNOWN' });
    expect(judge(rows, ago(16))).toMatchObject({ state: 'DOWN' });
  });

  it('tells of its queues by the newest count of each', () => {
    const queue = (name: string, waiting: number, atMs: number) => ({ name, waiting, active: 0, atMs });
    const rows = [
      aProcess({ queues: [queue('b', 1, 10), queue('a', 2, 10)] }),
      aProcess({ id: 'two', queues: [queue('a', 9, 5)] }),
    ];
    expect(judge(rows).queues).toEqual([queue('a', 2, 10), queue('b', 1, 10)]);
  });
});

describe('a silent process', () => {
  it.each([
    ['was started on its machine since', { startedAt: ago(50) }, 'REPLACED'],
    ['was there before', { startedAt: ago(100) }, 'SILENT'],
    ['was started on another machine', { startedAt: ago(50), host: 'b' }, 'SILENT'],
    ['was started in another role', { startedAt: ago(50), role: 'SERVER' as const }, 'SILENT'],
  ])('stands for itself or for another one that %s', (_what, other, state) => {
    expect(statesOf([aProcess({ seenAt: ago(60) }), aProcess({ id: 'other', ...other })]).one).toBe(state);
  });

  it('is replaced by one that replaced no other', () => {
    const rows = [
      aProcess({ seenAt: ago(60) }),
      aProcess({ id: 'two', seenAt: ago(59) }),
      aProcess({ id: 'new', startedAt: ago(50) }),
    ];
    expect(statesOf(rows)).toEqual({ one: 'REPLACED', two: 'SILENT', new: 'UP' });
  });
});

describe('the sweeps of a service', () => {
  const slot = (slots: number, overrides = {}) => ({
    ...{ slotMs: slotAgo(slots), startedMs: slotAgo(slots) + 5, endedMs: slotAgo(slots) + 8_000 },
    ...{ planned: 10, visited: 10, leftOut: 0 },
    ...overrides,
  });
  const noted = (slots: ReturnType<typeof slot>[], overrides: Partial<ProcessRow> = {}) =>
    aProcess({ sweep: { intervalSeconds: 60, slots }, ...overrides });
  const all = Array.from({ length: 11 }, (_, index) => slot(index + 1));

  it('are of no service that notes none', () => {
    expect(sweepsOf([aProcess()], now)).toBeNull();
  });

  it('are what all its workers did together', () => {
    const one = noted([slot(0, { planned: null, visited: 4, endedMs: slotAgo(0) + 9_000 }), ...all]);
    const other = noted([slot(0, { visited: 5, leftOut: 1 })], { id: 'two' });
    expect(sweepsOf([one, other], now)).toEqual({
      ...{ intervalSeconds: 60, slots: 10, missedSlots: 0, lateLooks: 0, underWay: null },
      lastFinished: {
        ...{ slot: new Date(slotAgo(0)), startedAt: new Date(slotAgo(0) + 5) },
        ...{ finishedAt: new Date(slotAgo(0) + 9_000), durationSeconds: 9, planned: 10, visited: 9, leftOut: 1 },
      },
    });
  });

  it('are under way until all is visited or left out', () => {
    const sweep = sweepsOf([noted([slot(0, { visited: 9 }), ...all])], now);
    expect(sweep?.underWay).toMatchObject({ finishedAt: null, durationSeconds: null, planned: 10, visited: 9 });
    expect(sweep?.lastFinished).toMatchObject({ slot: new Date(slotAgo(1)) });
  });

  it('tell of what was left out, and of slots that nobody swept since a worker was there', () => {
    const some = all.filter((_, index) => index !== 3 && index !== 4);
    const sweep = sweepsOf([noted(some.map((one) => ({ ...one, visited: 8, leftOut: 2 })))], now);
    expect(sweep).toMatchObject({ slots: 10, missedSlots: 2, lateLooks: 16 });
    expect(sweepsOf([noted(all.slice(0, 2), { startedAt: ago(130) })], now)).toMatchObject({
      slots: 1,
      missedSlots: 0,
    });
    const dead = noted(all.slice(5), { seenAt: ago(300) });
    expect(judge([server, dead])).toMatchObject({
      state: 'DOWN',
      stateReason: 'no worker is there: the last one was last heard of 300 s ago; 5 of the last 10 slots not swept',
    });
  });

  it('of nothing are swept as well', () => {
    const empty = slot(0, { planned: 0, visited: 0, endedMs: null });
    expect(sweepsOf([noted([empty])], now)?.lastFinished).toMatchObject({
      planned: 0,
      visited: 0,
      durationSeconds: 0.005,
    });
  });
});
