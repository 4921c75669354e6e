import { describe, expect, it } from 'vitest';
import { readChannel, readDeviceStatus, readPage, readPlayer } from './shapes.ts';

describe('an item of the list of devices', () => {
  it('is read with what we know of it, whatever else it has', () => {
    const item = {
      ...{ id: 'p1', name: 'Foyer', deviceType: 'BrightSign', locationName: 'foyer', status: 'Communication_Lost' },
      ...{ channelId: 'c1', channelName: 'Welcome', appVersion: '2.7', lastOnlineAt: '2026-11-25T08:00:00Z' },
      ...{ surprise: { deep: [1] } },
    };
    expect(readPlayer(item)).toEqual({
      ...{ id: 'p1', name: 'Foyer', deviceType: 'BrightSign', locationName: 'foyer', state: 'COMMUNICATION_LOST' },
      ...{ channelId: 'c1', channelName: 'Welcome', playerVersion: '2.7', unknownStatus: null },
      lastContactAt: new Date('2026-11-25T08:00:00Z'),
    });
  });

  it.each([
    ['missing', {}],
    ['null', { name: null, status: null, deviceType: null, channelName: null, appVersion: null, lastOnlineAt: null }],
    [
      'of another kind',
      { name: [], status: {}, deviceType: true, channelName: [[]], appVersion: {}, lastOnlineAt: {} },
    ],
    ['empty', { name: '', status: ' ', deviceType: '\n', channelName: '\0', appVersion: '', lastOnlineAt: '' }],
  ])('has nulls where fields are %s', (_how, fields) => {
    expect(readPlayer({ id: 'p1', ...fields })).toEqual({
      ...{ id: 'p1', name: null, deviceType: null, locationName: null, state: null, unknownStatus: null },
      ...{ channelId: null, channelName: null, playerVersion: null, lastContactAt: null },
    });
  });

  it.each([
    ['2026-11-25T08:00:00', '2026-11-25T08:00:00.000Z'],
    ['2026-11-25T10:00:00+02:00', '2026-11-25T08:00:00.000Z'],
    ['2026-11-25', '2026-11-25T00:00:00.000Z'],
    [1_795_593_600_000, '2026-11-25T08:00:00.000Z'],
    ['0001-01-01T00:00:00', undefined],
    ['9999-12-31T23:59:59Z', undefined],
    ['yesterday', undefined],
    [1e300, undefined],
  ])('was last in contact at %j: %s', (lastOnlineAt, at) => {
    expect(readPlayer({ id: 'p1', lastOnlineAt })?.lastContactAt?.toISOString()).toBe(at);
  });

  it('has texts that PostgreSQL can hold, of bounded length', () => {
    const player = readPlayer({ id: 'p1', name: 'a\0b\u2028c \ud800', status: `x${'é'.repeat(5_000)}` });
    expect(player?.name).toBe('a b c \ufffd');
    expect(player?.unknownStatus).toHaveLength(200);
  });

  it.each([
    [{}],
    [{ id: null }],
    [{ id: '' }],
    [{ id: 'a b' }],
    [{ id: 'a,b' }],
    [{ id: 'x'.repeat(101) }],
    [null],
    ['p1'],
    [[]],
  ])('that is %j is none', (item) => {
    expect(readPlayer(item)).toBeNull();
  });

  it('may have a number for an id', () => {
    expect(readPlayer({ id: 42 })?.id).toBe('42');
  });
});

it.each([
  [
    { deviceId: 'a', status: 'Online' },
    { id: 'a', state: 'ONLINE', unknownStatus: null },
  ],
  [
    { id: 'a', status: 2 },
    { id: 'a', state: 'FAILED', unknownStatus: null },
  ],
  [
    { id: 'a', status: 'Odd' },
    { id: 'a', state: null, unknownStatus: 'Odd' },
  ],
  [{ id: 'a', status: null }, null],
  [{ status: 'Online' }, null],
  [null, null],
])('the status item %j is read as %j', (item, read) => {
  expect(readDeviceStatus(item)).toEqual(read);
});

it.each([
  [
    { id: 1, name: 'Welcome' },
    { id: '1', name: 'Welcome' },
  ],
  [{ id: 'c' }, null],
  [{ name: 'Welcome' }, null],
])('the channel %j is read as %j', (item, read) => {
  expect(readChannel(item)).toEqual(read);
});

it.each([
  [
    { items: [1], totalCount: 3 },
    { items: [1], totalCount: 3, size: null },
  ],
  [
    { items: [], size: 3, totalCount: 'many' },
    { items: [], totalCount: null, size: 3 },
  ],
  [
    { items: [], size: -1 },
    { items: [], totalCount: null, size: null },
  ],
  [{ items: null }, null],
  [{ items: {} }, null],
  [[], null],
  [null, null],
  ['[]', null],
])('the answer %j is the page %j', (answer, page) => {
  expect(readPage(answer)).toEqual(page);
});
