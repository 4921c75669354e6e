import { describe, expect, it } from 'vitest';
import { type Change, faultsOf } from './witness.ts';

const row = (position: number, overrides: Partial<Change> = {}): Change => ({
  position,
  device: `d${position}`,
  from: 'ONLINE',
  to: 'OFFLINE',
  ...overrides,
});
const log = [row(5), row(6), row(7, { to: 'DEGRADED' }), row(8)];
const everything = (): boolean => true;
const onlyOffline = ({ to }: Change): boolean => to === 'OFFLINE';

describe('what a client was told, beside the log', () => {
  it.each<[what: string, told: Change[], isWanted: (change: Change) => boolean, faults: string[]]>([
    ['is right when it is the log', log, everything, []],
    ['is right when it goes on behind the last row looked at', [...log, row(9)], everything, []],
    ['is right without what the filter holds back', [row(5), row(6), row(8)], onlyOffline, []],
    ['is right without a device that could not be read', [row(5, { device: null }), ...log.slice(1)], everything, []],
    ['lacks a row', [row(5), ...log.slice(2)], everything, ['missed: 6: d6 ONLINE -> OFFLINE']],
    ['lacks the last row', log.slice(0, 3), everything, ['missed: 8: d8 ONLINE -> OFFLINE']],
    ['has a row twice', [row(5), row(5), ...log.slice(1)], everything, ['told twice: 5: d5 ONLINE -> OFFLINE']],
    ['has a row again later', [...log, row(6)], everything, ['told twice: 6: d6 ONLINE -> OFFLINE']],
    [
      'has two rows in another order',
      [row(6), row(5), ...log.slice(2)],
      everything,
      ['out of order: 5: d5 ONLINE -> OFFLINE'],
    ],
    ['has what the filter holds back', log, onlyOffline, ['not asked for: 7: d7 ONLINE -> DEGRADED']],
    ['has a row from before it began', [row(4), ...log], everything, ['not asked for: 4: d4 ONLINE -> OFFLINE']],
    [
      'has another device in a row',
      [row(5, { device: 'd6' }), ...log.slice(1)],
      everything,
      ['told as 5: d6 ONLINE -> OFFLINE, and is 5: d5 ONLINE -> OFFLINE'],
    ],
  ])('%s', (_what, told, isWanted, faults) => {
    expect(faultsOf({ told, isWanted }, log)).toEqual(faults);
  });
});
