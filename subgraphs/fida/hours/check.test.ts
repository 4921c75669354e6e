import { describe, expect, it } from 'vitest';
import { checkHours, type HoursInput } from './check.ts';
import { type Hours, NO_HOURS, type OpeningHours, WEEKDAYS } from './hours.ts';

const monday = (on: string, off: string): OpeningHours => ({ weekday: 'MONDAY', on, off });
const sunday = (on: string, off: string): OpeningHours => ({ weekday: 'SUNDAY', on, off });
const check = (input: HoursInput, before: Hours = NO_HOURS) =>
  checkHours(input, before, { path: ['input'], today: '2026-11-25' });
/** `path: message` of each fault. */
const faultsOf = (input: HoursInput, before: Hours = NO_HOURS): string[] => {
  const checked = check(input, before);
  return 'faults' in checked ? checked.faults.map(({ path, message }) => `${path.join('.')}: ${message}`) : [];
};
const day = (date: string, ...windows: [string, string][]) => ({
  date,
  windows: windows.map(([on, off]) => ({ on, off })),
});
/** That many days one after the other. */
const manyDays = (count: number) =>
  Array.from({ length: count }, (_, index) => day(new Date(Date.UTC(2027, 0, 1 + index)).toISOString().slice(0, 10)));

describe('hours that can be kept', () => {
  it.each<[string, HoursInput]>([
    ['the whole day', { hoursOfOperation: [monday('00:00', '24:00')] }],
    ['a day from its first to its last minute', { hoursOfOperation: [monday('00:00', '23:59')] }],
    ['past midnight', { hoursOfOperation: [monday('23:59', '00:00')] }],
    ['until the same time of the next day', { hoursOfOperation: [monday('09:00', '09:00')] }],
    ['windows that touch', { hoursOfOperation: [monday('09:00', '12:00'), monday('12:00', '18:00')] }],
    ['windows that touch at midnight', { hoursOfOperation: [sunday('09:00', '24:00'), monday('00:00', '12:00')] }],
    ['windows that touch past midnight', { hoursOfOperation: [sunday('09:00', '02:00'), monday('02:00', '12:00')] }],
    [
      'four windows a day',
      {
        hoursOfOperation: [
          monday('01:00', '02:00'),
          monday('03:00', '04:00'),
          monday('05:00', '06:00'),
          monday('07:00', '08:00'),
        ],
      },
    ],
    ['a year of exceptions', { hoursExceptions: manyDays(366) }],
    ['a day that is closed', { hoursExceptions: [day('2026-12-25')] }],
    [
      'an exception where the window of the day before has ended',
      { hoursOfOperation: [sunday('20:00', '04:00')], hoursExceptions: [day('2026-11-30', ['04:00', '05:00'])] },
    ],
    [
      'an exception that closes the day into which the day before would reach further than now',
      {
        hoursOfOperation: [sunday('20:00', '04:00')],
        hoursExceptions: [day('2026-11-29'), day('2026-11-30', ['01:00', '05:00'])],
      },
    ],
    ['nothing', {}],
  ])('are %s', (_name, input) => {
    expect(faultsOf(input)).toEqual([]);
  });

  it('come in one order, however they were given', () => {
    const given: HoursInput = {
      hoursOfOperation: [sunday('09:00', '10:00'), monday('12:00', '13:00'), monday('09:00', '10:00')],
      hoursExceptions: [day('2027-01-01'), day('2026-12-24', ['12:00', '13:00'], ['09:00', '10:00'])],
    };
    expect(check(given)).toEqual({
      hours: {
        weekly: [monday('09:00', '10:00'), monday('12:00', '13:00'), sunday('09:00', '10:00')],
        exceptions: [day('2026-12-24', ['09:00', '10:00'], ['12:00', '13:00']), day('2027-01-01')],
      },
    });
  });

  it('stay as they are where nothing is given, and go where nothing is wanted', () => {
    const before: Hours = { weekly: [monday('09:00', '10:00')], exceptions: [day('2026-12-25')] };
    expect(check({}, before)).toEqual({ hours: before });
    expect(check({ hoursOfOperation: null, hoursExceptions: null }, before)).toEqual({ hours: before });
    expect(check({ hoursOfOperation: [] }, before)).toEqual({ hours: { ...before, weekly: [] } });
    expect(check({ hoursExceptions: [] }, before)).toEqual({ hours: { ...before, exceptions: [] } });
  });
});

describe('hours that are refused', () => {
  it.each(['24:00', '9:00', '09:60', '25:00', '', '09:00:00', ' 09:00', '٠٩:٠٠', '-1:00'])('begin at %j', (on) => {
    expect(faultsOf({ hoursOfOperation: [monday('08:00', '08:30'), monday(on, '23:00')] })).toEqual([
      `input.hoursOfOperation.1.on: on must be a local time from 00:00 to 23:59, such as 09:00; got ${JSON.stringify(on)}`,
    ]);
  });

  it.each(['24:01', '9:00', '09:60', 'noon'])('end at %j', (off) => {
    const rule = 'off must be a local time from 00:00 to 23:59, such as 09:00, or 24:00';
    expect(faultsOf({ hoursOfOperation: [monday('08:00', off)] })).toEqual([
      `input.hoursOfOperation.0.off: ${rule}; got ${JSON.stringify(off)}`,
    ]);
    expect(faultsOf({ hoursExceptions: [day('2026-12-24', ['07:00', '08:00'], ['08:00', off])] })).toEqual([
      `input.hoursExceptions.0.windows.1.off: ${rule}; got ${JSON.stringify(off)}`,
    ]);
  });

  it('say all faults at once', () => {
    expect(
      faultsOf({ hoursOfOperation: [monday('x', 'y')], hoursExceptions: [day('2026-12-24', ['z', '24:00'])] }),
    ).toHaveLength(3);
  });

  it('have more than four windows a day', () => {
    const five = [1, 2, 3, 4, 5].map((hour) => monday(`0${hour}:00`, `0${hour}:30`));
    expect(faultsOf({ hoursOfOperation: five })).toEqual([
      'input.hoursOfOperation.4: MONDAY must have at most 4 windows',
    ]);
    expect(faultsOf({ hoursExceptions: [{ date: '2026-12-24', windows: five }] })).toEqual([
      'input.hoursExceptions.0.windows: windows must have at most 4 items',
    ]);
  });

  it('are more than anybody can mean', () => {
    expect(faultsOf({ hoursOfOperation: Array.from({ length: 29 }, () => monday('09:00', '10:00')) })).toEqual([
      'input.hoursOfOperation: hoursOfOperation must have at most 28 items, 4 a day',
    ]);
    expect(faultsOf({ hoursExceptions: manyDays(367) })).toEqual([
      'input.hoursExceptions: hoursExceptions must have at most 366 items',
    ]);
  });

  it('name a date twice, or one that is out of range', () => {
    expect(faultsOf({ hoursExceptions: [day('2026-12-24'), day('2026-12-24')] })).toEqual([
      'input.hoursExceptions.1.date: date 2026-12-24 is that of item 1 already',
    ]);
    expect(faultsOf({ hoursExceptions: [day('1999-12-31'), day('2200-01-01')] })).toEqual([
      'input.hoursExceptions.0.date: date must lie between 2000-01-01 and 2199-12-31; got "1999-12-31"',
      'input.hoursExceptions.1.date: date must lie between 2000-01-01 and 2199-12-31; got "2200-01-01"',
    ]);
    expect(faultsOf({ hoursExceptions: [day('2000-01-01'), day('2199-12-31')] })).toEqual([]);
  });

  it.each<[string, OpeningHours[], string]>([
    [
      'within a day',
      [monday('09:00', '12:01'), monday('12:00', '18:00')],
      '1: MONDAY 12:00 to 18:00 overlaps MONDAY 09:00 to 12:01',
    ],
    [
      'whatever their order',
      [monday('12:00', '18:00'), monday('09:00', '12:01')],
      '0: MONDAY 12:00 to 18:00 overlaps MONDAY 09:00 to 12:01',
    ],
    [
      'as the same window twice',
      [monday('09:00', '12:00'), monday('09:00', '12:00')],
      '1: MONDAY 09:00 to 12:00 overlaps MONDAY 09:00 to 12:00',
    ],
    [
      'from Sunday into Monday',
      [sunday('22:00', '02:01'), monday('02:00', '12:00')],
      '1: MONDAY 02:00 to 12:00 overlaps SUNDAY 22:00 to 02:01 of the next day',
    ],
    [
      'with a window that is long over others',
      [monday('09:00', '08:00'), monday('10:00', '11:00')],
      '1: MONDAY 10:00 to 11:00 overlaps MONDAY 09:00 to 08:00 of the next day',
    ],
  ])('overlap %s', (_name, hoursOfOperation, fault) => {
    expect(faultsOf({ hoursOfOperation })).toEqual([`input.hoursOfOperation.${fault}`]);
  });

  it('overlap each time that one is on over several', () => {
    const hoursOfOperation = [monday('09:00', '08:00'), monday('10:00', '11:00'), monday('12:00', '13:00')];
    expect(faultsOf({ hoursOfOperation })).toHaveLength(2);
  });

  it('overlap around the days of exceptions', () => {
    const before: Hours = { weekly: [sunday('20:00', '04:00')], exceptions: [] };
    // 2026-11-29 is a Sunday.
    expect(faultsOf({ hoursExceptions: [day('2026-11-30', ['03:59', '05:00'])] }, before)).toEqual([
      'input.hoursExceptions.0.windows.0: 2026-11-30 03:59 to 05:00 overlaps SUNDAY 20:00 to 04:00 of the next day',
    ]);
    expect(faultsOf({ hoursExceptions: [day('2026-11-28', ['21:00', '20:30'])] }, before)).toEqual([
      'input.hoursExceptions.0.windows.0: 2026-11-28 21:00 to 20:30 of the next day overlaps SUNDAY 20:00 to 04:00 of the next day',
    ]);
    expect(
      faultsOf({ hoursExceptions: [day('2026-12-24', ['22:00', '03:00']), day('2026-12-25', ['02:00', '04:00'])] }),
    ).toEqual([
      'input.hoursExceptions.1.windows.0: 2026-12-25 02:00 to 04:00 overlaps 2026-12-24 22:00 to 03:00 of the next day',
    ]);
  });

  it('overlap exceptions that were there before, unless those are over', () => {
    const before = (date: string): Hours => ({ weekly: [], exceptions: [day(date, ['03:00', '05:00'])] });
    const given: HoursInput = { hoursOfOperation: WEEKDAYS.map((weekday) => ({ weekday, on: '20:00', off: '04:00' })) };
    expect(faultsOf(given, before('2026-11-25'))).toEqual([
      'input.hoursOfOperation.1: TUESDAY 20:00 to 04:00 of the next day overlaps 2026-11-25 03:00 to 05:00',
    ]);
    expect(faultsOf(given, before('2026-11-24'))).toEqual([]);
  });
});
