import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import { describe, expect, it } from 'vitest';
import { type Hours, type HoursException, WEEKDAYS, type Weekday, type Window } from './hours.ts';
import { lastSwitching, nextSwitching, type Switching } from './switchings.ts';
import { stateByMinute, walk } from './testing/by-minute.ts';

const at = (text: string): Date => new Date(text);
const everyDay = (on: string, off: string): Hours => ({
  weekly: WEEKDAYS.map((weekday) => ({ weekday, on, off })),
  exceptions: [],
});
const onDays = (...windows: [Weekday, string, string][]): Hours => ({
  weekly: windows.map(([weekday, on, off]) => ({ weekday, on, off })),
  exceptions: [],
});
const except = (hours: Hours, ...exceptions: [string, ...[string, string][]][]): Hours => ({
  ...hours,
  exceptions: exceptions.map(([date, ...windows]) => ({ date, windows: windows.map(([on, off]) => ({ on, off })) })),
});
const none: Hours = { weekly: [], exceptions: [] };
const always = everyDay('00:00', '24:00');
/** The switchings after `from`, up to and including `to`, one after the other. */
function switchingsBetween(hours: Hours, timeZone: string, from: Date, to: Date): Switching[] {
  const found: Switching[] = [];
  for (let next = nextSwitching(hours, timeZone, from); next && next.at <= to; ) {
    found.push(next);
    next = nextSwitching(hours, timeZone, next.at);
  }
  return found;
}
const written = (hours: Hours, timeZone: string, from: string, to: string): string[] =>
  switchingsBetween(hours, timeZone, at(from), at(to)).map(
    (switching) => `${switching.at.toISOString().slice(0, 16)}Z ${switching.power}`,
  );

type Case = [fact: string, hours: Hours, timeZone: string, from: string, to: string, switchings: string[]];

// What local time it is where: `TZ=<zone> date -d <instant>` says so too.
const CASES: Case[] = [
  [
    'a plain day is switched by the local time',
    everyDay('09:00', '18:00'),
    'Africa/Cairo',
    '2026-11-25T00:00Z',
    '2026-11-25T23:59Z',
    ['2026-11-25T07:00Z ON', '2026-11-25T16:00Z OFF'],
  ],
  [
    'the range holds its end and not its beginning',
    everyDay('09:00', '18:00'),
    'UTC',
    '2026-11-25T09:00Z',
    '2026-11-25T18:00Z',
    ['2026-11-25T18:00Z OFF'],
  ],
  [
    'a window goes on past midnight',
    onDays(['TUESDAY', '22:00', '02:00']),
    'UTC',
    '2026-11-24T00:00Z',
    '2026-12-01T00:00Z',
    ['2026-11-24T22:00Z ON', '2026-11-25T02:00Z OFF'],
  ],
  [
    "Sunday's window goes on into Monday",
    onDays(['SUNDAY', '20:00', '04:00']),
    'America/Sao_Paulo',
    '2026-11-22T00:00Z',
    '2026-11-24T00:00Z',
    ['2026-11-22T23:00Z ON', '2026-11-23T07:00Z OFF'],
  ],
  [
    '24:00 and 00:00 make no switching between two days',
    onDays(['FRIDAY', '08:00', '24:00'], ['SATURDAY', '00:00', '12:00']),
    'UTC',
    '2026-11-26T00:00Z',
    '2026-11-30T00:00Z',
    ['2026-11-27T08:00Z ON', '2026-11-28T12:00Z OFF'],
  ],
  [
    'nor do Sunday and Monday',
    onDays(['SUNDAY', '08:00', '00:00'], ['MONDAY', '00:00', '12:00']),
    'UTC',
    '2026-11-28T00:00Z',
    '2026-12-02T00:00Z',
    ['2026-11-29T08:00Z ON', '2026-11-30T12:00Z OFF'],
  ],
  ['what is always on never switches', always, 'Europe/Berlin', '2026-01-01T00:00Z', '2026-12-31T00:00Z', []],
  [
    'adjacent windows of a day make no switching',
    onDays(['MONDAY', '08:00', '12:00'], ['MONDAY', '12:00', '13:00'], ['MONDAY', '14:00', '15:00']),
    'UTC',
    '2026-11-23T00:00Z',
    '2026-11-24T00:00Z',
    ['2026-11-23T08:00Z ON', '2026-11-23T13:00Z OFF', '2026-11-23T14:00Z ON', '2026-11-23T15:00Z OFF'],
  ],
  [
    'a window of the same beginning and end is a whole day',
    onDays(['MONDAY', '09:00', '09:00']),
    'UTC',
    '2026-11-22T00:00Z',
    '2026-11-29T00:00Z',
    ['2026-11-23T09:00Z ON', '2026-11-24T09:00Z OFF'],
  ],
  [
    'an exception closes a day',
    except(everyDay('09:00', '18:00'), ['2026-12-25']),
    'UTC',
    '2026-12-24T12:00Z',
    '2026-12-26T12:00Z',
    ['2026-12-24T18:00Z OFF', '2026-12-26T09:00Z ON'],
  ],
  [
    "an exception's windows stand in place of the day's",
    except(everyDay('09:00', '18:00'), ['2026-12-24', ['10:00', '11:00'], ['12:00', '13:00']]),
    'UTC',
    '2026-12-24T00:00Z',
    '2026-12-25T00:00Z',
    ['2026-12-24T10:00Z ON', '2026-12-24T11:00Z OFF', '2026-12-24T12:00Z ON', '2026-12-24T13:00Z OFF'],
  ],
  [
    'the night before runs on into a day that is closed',
    except(everyDay('20:00', '03:00'), ['2026-12-25']),
    'UTC',
    '2026-12-24T12:00Z',
    '2026-12-26T23:00Z',
    ['2026-12-24T20:00Z ON', '2026-12-25T03:00Z OFF', '2026-12-26T20:00Z ON'],
  ],
  [
    'an exception of what is always on',
    except(always, ['2026-12-25']),
    'UTC',
    '2026-01-01T00:00Z',
    '2027-12-31T00:00Z',
    ['2026-12-25T00:00Z OFF', '2026-12-26T00:00Z ON'],
  ],
  [
    "New Year's Eve runs over the end of the year",
    except(none, ['2026-12-31', ['22:00', '02:00']]),
    'Asia/Kathmandu',
    '2026-01-01T00:00Z',
    '2027-12-31T00:00Z',
    ['2026-12-31T16:15Z ON', '2026-12-31T20:15Z OFF'],
  ],
  // Europe/Berlin: 2026-03-29 02:00 -> 03:00 and 2026-10-25 03:00 -> 02:00, both at 01:00 UTC.
  [
    'the same local time is another instant in summer',
    onDays(['SATURDAY', '09:00', '10:00'], ['SUNDAY', '09:00', '10:00']),
    'Europe/Berlin',
    '2026-03-28T00:00Z',
    '2026-03-30T00:00Z',
    ['2026-03-28T08:00Z ON', '2026-03-28T09:00Z OFF', '2026-03-29T07:00Z ON', '2026-03-29T08:00Z OFF'],
  ],
  [
    'a time that does not exist runs at the first instant after the gap',
    onDays(['SUNDAY', '02:30', '05:00']),
    'Europe/Berlin',
    '2026-03-29T00:00Z',
    '2026-03-29T12:00Z',
    ['2026-03-29T01:00Z ON', '2026-03-29T03:00Z OFF'],
  ],
  [
    'the first minute of a gap does not exist, the first one after it does',
    onDays(['SUNDAY', '02:00', '03:01']),
    'Europe/Berlin',
    '2026-03-29T00:00Z',
    '2026-03-29T12:00Z',
    ['2026-03-29T01:00Z ON', '2026-03-29T01:01Z OFF'],
  ],
  [
    'a window within a gap does not take place',
    onDays(['SUNDAY', '02:10', '02:40'], ['SUNDAY', '03:00', '04:00']),
    'Europe/Berlin',
    '2026-03-29T00:00Z',
    '2026-03-29T12:00Z',
    ['2026-03-29T01:00Z ON', '2026-03-29T02:00Z OFF'],
  ],
  [
    'a pause within a gap does not take place',
    onDays(['SUNDAY', '01:00', '02:10'], ['SUNDAY', '02:50', '04:00']),
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    '2026-03-29T12:00Z',
    ['2026-03-29T00:00Z ON', '2026-03-29T02:00Z OFF'],
  ],
  [
    'a time that occurs twice runs once, the first time',
    onDays(['SUNDAY', '02:30', '05:00']),
    'Europe/Berlin',
    '2026-10-25T00:00Z',
    '2026-10-25T12:00Z',
    ['2026-10-25T00:30Z ON', '2026-10-25T04:00Z OFF'],
  ],
  [
    'so does an off that occurs twice',
    onDays(['SATURDAY', '20:00', '02:30']),
    'Europe/Berlin',
    '2026-10-24T12:00Z',
    '2026-10-25T12:00Z',
    ['2026-10-24T18:00Z ON', '2026-10-25T00:30Z OFF'],
  ],
  [
    'a window within the hour that occurs twice takes place once',
    onDays(['SUNDAY', '02:10', '02:40']),
    'Europe/Berlin',
    '2026-10-25T00:00Z',
    '2026-10-25T12:00Z',
    ['2026-10-25T00:10Z ON', '2026-10-25T00:40Z OFF'],
  ],
  [
    'what is off from the hour that occurs twice stays on for both',
    onDays(['SUNDAY', '01:00', '03:00']),
    'Europe/Berlin',
    '2026-10-24T20:00Z',
    '2026-10-25T12:00Z',
    ['2026-10-24T23:00Z ON', '2026-10-25T02:00Z OFF'],
  ],
  // Australia/Lord_Howe: 2026-04-05 02:00 -> 01:30 at 15:00 UTC of the 4th, 2026-10-04 02:00 -> 02:30 at 15:30 UTC of the 3rd.
  [
    'a gap of half an hour',
    onDays(['SUNDAY', '02:15', '02:45']),
    'Australia/Lord_Howe',
    '2026-10-03T12:00Z',
    '2026-10-04T12:00Z',
    ['2026-10-03T15:30Z ON', '2026-10-03T15:45Z OFF'],
  ],
  [
    'half an hour that occurs twice',
    onDays(['SUNDAY', '01:45', '02:15']),
    'Australia/Lord_Howe',
    '2026-04-04T12:00Z',
    '2026-04-05T12:00Z',
    ['2026-04-04T14:45Z ON', '2026-04-04T15:45Z OFF'],
  ],
  // Africa/Cairo: Friday 2026-04-24 00:00 -> 01:00 at 22:00 UTC of the 23rd, Thursday 2026-10-29 24:00 -> 23:00 at 21:00 UTC.
  [
    'a day that begins at 01:00',
    onDays(['THURSDAY', '20:00', '24:00'], ['FRIDAY', '00:30', '02:00']),
    'Africa/Cairo',
    '2026-04-23T12:00Z',
    '2026-04-24T12:00Z',
    ['2026-04-23T18:00Z ON', '2026-04-23T23:00Z OFF'],
  ],
  [
    'a midnight that does not exist ends the day at the jump',
    onDays(['THURSDAY', '20:00', '24:00']),
    'Africa/Cairo',
    '2026-04-23T12:00Z',
    '2026-04-24T12:00Z',
    ['2026-04-23T18:00Z ON', '2026-04-23T22:00Z OFF'],
  ],
  [
    'a day whose last hour occurs twice ends after both',
    onDays(['THURSDAY', '23:30', '24:00'], ['FRIDAY', '00:30', '02:00']),
    'Africa/Cairo',
    '2026-10-29T12:00Z',
    '2026-10-30T12:00Z',
    ['2026-10-29T20:30Z ON', '2026-10-29T22:00Z OFF', '2026-10-29T22:30Z ON', '2026-10-30T00:00Z OFF'],
  ],
  // America/Sao_Paulo: Sunday 2018-11-04 00:00 -> 01:00 at 03:00 UTC, Saturday 2018-02-17 24:00 -> 23:00 at 02:00 UTC of the 18th.
  [
    'an old midnight in Brazil that does not exist',
    onDays(['SUNDAY', '00:00', '08:00']),
    'America/Sao_Paulo',
    '2018-11-04T00:00Z',
    '2018-11-04T12:00Z',
    ['2018-11-04T03:00Z ON', '2018-11-04T10:00Z OFF'],
  ],
  [
    'an old Saturday in Brazil whose last hour occurs twice',
    onDays(['SATURDAY', '23:15', '23:45']),
    'America/Sao_Paulo',
    '2018-02-17T12:00Z',
    '2018-02-18T12:00Z',
    ['2018-02-18T01:15Z ON', '2018-02-18T01:45Z OFF'],
  ],
  // America/Havana: Sunday 2026-11-01 01:00 -> 00:00 at 05:00 UTC: the first hour of the day occurs twice.
  [
    'a midnight that occurs twice is the first one',
    onDays(['SATURDAY', '12:00', '24:00'], ['SUNDAY', '00:30', '01:00']),
    'America/Havana',
    '2026-10-31T12:00Z',
    '2026-11-01T12:00Z',
    ['2026-10-31T16:00Z ON', '2026-11-01T04:00Z OFF', '2026-11-01T04:30Z ON', '2026-11-01T06:00Z OFF'],
  ],
  // Pacific/Apia: there was no 2011-12-30; the 29th ended at 10:00 UTC of the 30th, and the 31st began.
  [
    'a day that was left out does not take place',
    everyDay('09:00', '18:00'),
    'Pacific/Apia',
    '2011-12-29T12:00Z',
    '2011-12-31T12:00Z',
    ['2011-12-29T19:00Z ON', '2011-12-30T04:00Z OFF', '2011-12-30T19:00Z ON', '2011-12-31T04:00Z OFF'],
  ],
  [
    'what runs into a day that was left out ends with it, and what comes out of it begins after it',
    onDays(['THURSDAY', '20:00', '03:00'], ['FRIDAY', '22:00', '05:00']),
    'Pacific/Apia',
    '2011-12-29T12:00Z',
    '2011-12-31T12:00Z',
    ['2011-12-30T06:00Z ON', '2011-12-30T15:00Z OFF'],
  ],
  [
    'what is on over a day that was left out never switches',
    always,
    'Pacific/Apia',
    '2011-12-25T00:00Z',
    '2012-01-05T00:00Z',
    [],
  ],
  // Pacific/Chatham is 13:45 ahead of UTC in summer, 12:45 in winter: 2026-04-05 03:45 -> 02:45 at 14:00 UTC of the 4th.
  [
    'a zone with quarters of an hour',
    onDays(['SUNDAY', '03:00', '04:00']),
    'Pacific/Chatham',
    '2026-04-04T00:00Z',
    '2026-04-05T00:00Z',
    ['2026-04-04T13:15Z ON', '2026-04-04T15:15Z OFF'],
  ],
];

describe('switchings', () => {
  it.each(CASES)('%s', (_fact, hours, timeZone, from, to, expected) => {
    expect(written(hours, timeZone, from, to)).toEqual(expected);
  });

  it.each(CASES)('are the same backwards: %s', (_fact, hours, timeZone, from, to) => {
    const backwards = [];
    for (let last = lastSwitching(hours, timeZone, at(to)); last && last.at > at(from); ) {
      backwards.unshift(last);
      last = lastSwitching(hours, timeZone, new Date(last.at.getTime() - 1));
    }
    expect(backwards).toEqual(switchingsBetween(hours, timeZone, at(from), at(to)));
  });
});

describe('the switching next to a moment', () => {
  const now = at('2026-11-25T12:00Z');

  it.each([
    ['without hours', none],
    ['of what is always on', always],
    ['of days that are all closed', except(none, ['2026-12-25'], ['2027-12-25'])],
  ])('is none %s', (_name, hours) => {
    expect([nextSwitching(hours, 'UTC', now), lastSwitching(hours, 'UTC', now)]).toEqual([null, null]);
  });

  it('is found behind as many exceptions as there may be, also a weekday in seven years', () => {
    const mondays = Array.from({ length: 366 }, (_, index): [string] => [
      new Date(Date.UTC(2026, 10, 30) + index * 7 * 86_400_000).toISOString().slice(0, 10),
    ]);
    const hours = except(onDays(['MONDAY', '09:00', '17:00']), ...mondays);
    expect(nextSwitching(hours, 'Europe/Berlin', now)).toEqual({ at: at('2033-12-05T08:00Z'), power: 'ON' });
    expect(lastSwitching(hours, 'Europe/Berlin', at('2033-12-05T00:00Z'))).toEqual({
      at: at('2026-11-23T16:00Z'),
      power: 'OFF',
    });
  });

  it('is found on exceptions that are far away', () => {
    const hours = except(always, ['2199-12-31'], ['2000-01-01']);
    expect(nextSwitching(hours, 'UTC', now)).toEqual({ at: at('2199-12-31T00:00Z'), power: 'OFF' });
    expect(lastSwitching(hours, 'UTC', now)).toEqual({ at: at('2000-01-02T00:00Z'), power: 'ON' });
  });

  it('is no search for a zone that does not exist', () => {
    expect(() => nextSwitching(everyDay('09:00', '18:00'), 'Mars/Olympus', now)).toThrow(RangeError);
  });
});

describe('any hours in any zone', () => {
  // Jumps of every kind: of an hour, half an hour and a day, at night, at midnight and at noon, and zones without any.
  const PLACES: [string, string][] = [
    ['Europe/Berlin', '2026-03-26T00:00Z'],
    ['Europe/Berlin', '2026-10-22T00:00Z'],
    ['America/New_York', '2026-10-29T00:00Z'],
    ['Australia/Lord_Howe', '2026-04-01T00:00Z'],
    ['Australia/Lord_Howe', '2026-10-01T00:00Z'],
    ['Africa/Cairo', '2026-04-21T00:00Z'],
    ['Africa/Cairo', '2026-10-27T00:00Z'],
    ['America/Sao_Paulo', '2018-11-01T00:00Z'],
    ['America/Sao_Paulo', '2018-02-15T00:00Z'],
    ['America/Havana', '2026-10-30T00:00Z'],
    ['Pacific/Apia', '2011-12-28T00:00Z'],
    ['Antarctica/Troll', '2026-03-27T00:00Z'],
    ['Africa/Casablanca', '2026-02-13T00:00Z'],
    ['America/Noronha', '2000-10-06T00:00Z'],
    ['Asia/Kathmandu', '2026-12-29T00:00Z'],
  ];
  const DAYS = 6;

  it.each(PLACES)('switch as a walk minute by minute does: %s from %s', (timeZone, start) => {
    const from = at(start);
    const to = new Date(from.getTime() + DAYS * 86_400_000);
    const minutes = walk(timeZone, from, to);
    for (let seed = 1; seed <= 40; seed += 1) {
      const hours = randomHours(seededRandom(seed), from);
      const states = stateByMinute(hours, minutes);
      const expected = minutes.flatMap(({ at }, index): Switching[] => {
        const before = states[index - 1];
        const isOn = states[index] === true;
        return before === undefined || before === isOn ? [] : [{ at, power: isOn ? 'ON' : 'OFF' }];
      });
      expect(switchingsBetween(hours, timeZone, from, to), JSON.stringify(hours)).toEqual(expected);
      const last = expected.at(-1);
      if (last !== undefined) expect(lastSwitching(hours, timeZone, to)).toEqual(last);
    }
  });
});

/** Hours of any kind: windows of all lengths, near and far from midnight, that may touch and overlap. */
function randomHours(random: () => number, from: Date): Hours {
  const below = (count: number): number => Math.floor(random() * count);
  const time = (): string => {
    const minutes = random() < 0.5 ? below(288) * 5 : below(25) * 10;
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  };
  const windows = (): Window[] =>
    Array.from({ length: below(4) }, () => ({ on: time(), off: random() < 0.15 ? '24:00' : time() }));
  const exceptions: HoursException[] = Array.from({ length: below(3) }, (_, index) => ({
    date: new Date(from.getTime() + (index * 3 + below(3)) * 86_400_000).toISOString().slice(0, 10),
    windows: windows(),
  }));
  return { weekly: WEEKDAYS.flatMap((weekday) => windows().map((window) => ({ weekday, ...window }))), exceptions };
}
