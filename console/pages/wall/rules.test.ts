import { describe, expect, it } from 'vitest';
import { addChanges, barsOf, emptyHour, type HourChange, totalsOf } from './hour-rules.ts';
import { entryScript, isReloadDue } from './version-rules.ts';
import {
  bySite,
  commonZone,
  countStatuses,
  isWithin,
  keepAlike,
  nextTile,
  overlaid,
  type Placed,
  regroup,
  withChanges,
} from './wall-rules.ts';

const NOW = Date.parse('2026-11-26T12:00:30Z');
const aDevice = (id: string, overrides: Partial<Placed> = {}): Placed => ({
  ...{ id, name: id, site: 'museum', status: 'ONLINE', stale: false },
  ...overrides,
});
const aChange = (cursor: string, at: string, to: HourChange['to'] = 'OFFLINE'): HourChange => ({
  ...{ cursor, at: `2026-11-26T${at}Z`, to, device: { id: 'd', name: 'd', site: 'museum' } },
});

describe('the order of the wall', () => {
  const devices = [aDevice('display 10'), aDevice('display 2'), aDevice('x', { site: 'annexe' })];
  const orderOf = (list: readonly Placed[]) =>
    [...bySite(list)].map(([path, held]) => [path, held.map(({ id }) => id)]);

  it('is by site and then by name, with numbers as numbers', () => {
    expect(orderOf(devices)).toEqual([
      ['annexe', ['x']],
      ['museum', ['display 2', 'display 10']],
    ]);
  });

  it('does not change with a status', () => {
    expect(orderOf(devices.map((device) => ({ ...device, status: 'OFFLINE', stale: true })))).toEqual(orderOf(devices));
  });
});

describe('what stands on the wall', () => {
  const [a, b, c] = [aDevice('a'), aDevice('b', { site: 'annexe' }), aDevice('c')];
  const before = regroup(null, [a, b, c]);

  it('takes over a status, and keeps the lists of sites in which nothing changed', () => {
    const off = aDevice('c', { status: 'OFFLINE' });
    const { sites } = regroup(before, [a, b, off]);
    expect(sites).toEqual(bySite([a, b, off]));
    expect(sites.get('annexe')).toBe(before.sites.get('annexe'));
  });

  it.each([
    ['came', [a, b, c, aDevice('d')]],
    ['is gone', [a, b]],
    ['was renamed', [a, b, aDevice('c', { name: 'A' })]],
    ['moved', [a, b, aDevice('c', { site: 'annexe' })]],
  ])('is sorted anew when a device %s', (_what, devices) => {
    expect(regroup(before, devices).sites).toEqual(bySite(devices));
  });

  it('is the same where nothing changed', () => {
    expect(regroup(before, before.devices)).toBe(before);
  });
});

describe('what the strip says', () => {
  it('counts devices by status, and those that are stale besides', () => {
    const devices = [
      aDevice('a'),
      aDevice('b', { status: 'OFFLINE', stale: true }),
      aDevice('c', { status: 'OFFLINE' }),
    ];
    expect(countStatuses(devices)).toEqual({ OFFLINE: 2, DEGRADED: 0, UNKNOWN: 0, ONLINE: 1, stale: 1 });
  });

  it('has the clock of the zone in which most devices stand', () => {
    const zoneOf = (path: string) => (path === 'cairo' ? 'Africa/Cairo' : 'Asia/Tokyo');
    const sites = [
      { path: 'tokyo-1', count: 3 },
      { path: 'cairo', count: 5 },
      { path: 'tokyo-2', count: 3 },
    ];
    expect(commonZone(sites, zoneOf)).toBe('Asia/Tokyo');
    expect(commonZone([], zoneOf)).toBeNull();
  });
});

describe('the last hour', () => {
  const read = addChanges(
    emptyHour(NOW - 3_600_000),
    [aChange('3', '11:59:50'), aChange('2', '11:59:10', 'ONLINE'), aChange('1', '11:30:00', 'DEGRADED')],
    NOW,
  );

  it('is counted by minute, each as the worst that happened in it', () => {
    expect(barsOf(read, NOW)).toEqual([
      { minute: 29, total: 1, worst: 'DEGRADED' },
      { minute: 58, total: 2, worst: 'OFFLINE' },
    ]);
    expect(totalsOf(read, NOW)).toEqual({ total: 3, offline: 1 });
  });

  it('counts once what comes twice', () => {
    expect(totalsOf(addChanges(read, [aChange('3', '11:59:50'), aChange('2', '11:59:10')], NOW), NOW).total).toBe(3);
  });

  it('tells the newest three, however many come', () => {
    const came = Array.from({ length: 5_000 }, (_, index) => aChange(`c${5_000 - index}`, '12:00:10'));
    const full = addChanges(read, came, NOW);
    expect(full.last.map(({ cursor }) => cursor)).toEqual(['c5000', 'c4999', 'c4998']);
    expect(totalsOf(full, NOW).total).toBe(5_003);
    expect(full.known.size).toBeLessThanOrEqual(2_000);
  });

  it('forgets what is older', () => {
    const later = NOW + 31 * 60_000;
    expect(totalsOf(read, later)).toEqual({ total: 2, offline: 1 });
    expect(addChanges(read, [], later).minutes.size).toBe(1);
    expect(totalsOf(addChanges(read, [aChange('0', '10:59:00')], NOW), NOW).total).toBe(3);
  });
});

describe('a new version', () => {
  const page = (script: string) =>
    `<html><script src="/preferences.js"></script><script type="module" crossorigin src="${script}"></script>`;
  const due = {
    ...{ running: '/assets/a.js', served: '/assets/b.js', isLive: true },
    ...{ lastInputMs: 0, lastReloadMs: 0, nowMs: 3_600_000 },
  };

  it('is told by the script that the page begins with', () => {
    expect(entryScript(page('/assets/index-1a2b.js'))).toBe('/assets/index-1a2b.js');
    expect(entryScript('<html>502 Bad Gateway</html>')).toBeNull();
  });

  it.each([
    ['another one is served, and nobody is there', {}, true],
    ['the same one is served', { served: '/assets/a.js' }, false],
    ['what is served is no page of ours', { served: null }, false],
    ['the page is not live', { isLive: false }, false],
    ['somebody was at the screen half a minute ago', { lastInputMs: 3_570_000 }, false],
    ['it reloaded five minutes ago', { lastReloadMs: 3_300_000 }, false],
  ])('when %s', (_case, facts, isDue) => {
    expect(isReloadDue({ ...due, ...facts })).toBe(isDue);
  });
});

describe('the keys of the wall', () => {
  it.each([
    ['ArrowRight', 3, 4],
    ['ArrowLeft', 0, null],
    ['ArrowDown', 3, 8],
    ['ArrowDown', 7, null],
    ['ArrowUp', 7, 2],
    ['ArrowUp', 2, null],
    ['Home', 7, 0],
    ['End', 0, 9],
    ['End', 9, null],
    ['a', 3, null],
  ])('%s at tile %i of ten in rows of five leads to %s', (key, index, next) => {
    expect(nextTile(key, index, 10, 5)).toBe(next);
  });
});

it('a list takes over what is newer, and keeps what did not come', () => {
  expect(
    overlaid(
      [
        { id: 'a', n: 1 },
        { id: 'b', n: 1 },
      ],
      [
        { id: 'b', n: 2 },
        { id: 'c', n: 2 },
      ],
    ),
  ).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ]);
});

it('a site holds itself and what is below it', () => {
  expect(['hall', 'hall/left', 'hall-2'].map((site) => isWithin(site, 'hall'))).toEqual([true, true, false]);
  expect(isWithin('hall', null)).toBe(true);
});

describe('what came of devices', () => {
  const told = (id: string, statusSince: string, overrides: Partial<Placed> = {}) => ({
    ...aDevice(id, overrides),
    ...{ statusSince: `2026-11-26T${statusSince}Z`, observedAt: null as string | null },
  });
  const list = [told('a', '12:00:00'), told('b', '12:00:00')];

  it('is taken over where it is newer, the newest of each, whatever the order', () => {
    const off = told('a', '12:00:02.000', { status: 'OFFLINE' });
    const earlier = told('a', '12:00:01', { status: 'DEGRADED' });
    expect(withChanges(list, [off, null, earlier])).toEqual([off, list[1]]);
    expect(withChanges(list, [earlier, off])).toEqual([off, list[1]]);
  });

  it('leaves the list as it is where it is older, the same, or of another device', () => {
    const came = [told('a', '11:59:00', { status: 'OFFLINE' }), told('b', '12:00:00'), told('c', '12:00:09')];
    expect(withChanges(list, came)).toBe(list);
  });

  it('is the very item that is held when it says the same, but for when it was looked at', () => {
    const again = list.map((device) => ({ ...device, observedAt: '2026-11-26T12:01:00Z' }));
    expect(keepAlike(list, again)[0]).toBe(list[0]);
    expect(
      keepAlike(
        list,
        again.map((device) => ({ ...device, stale: true })),
      )[0],
    ).not.toBe(list[0]);
  });
});
