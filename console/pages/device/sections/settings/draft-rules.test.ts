import { describe, expect, it } from 'vitest';
import { type DisplayValues, readDraft, type Settable, settled, typedExceptions, typedWeek } from './draft-rules.ts';

const values: DisplayValues = {
  power: 'ON',
  brightnessPercent: 40,
  inputSource: 'HDMI1',
  hoursOfOperation: [
    { weekday: 'MONDAY', on: '09:00', off: '18:00' },
    { weekday: 'FRIDAY', on: '09:00', off: '24:00' },
  ],
  hoursExceptions: [{ date: '2026-12-25', windows: [] }],
};
const none = { min: null, max: null, isWhole: null, choices: null, otherCodes: null, maxLength: null };
const settable: Settable[] = [
  { ...none, name: 'power', choices: ['ON', 'OFF'] },
  { ...none, name: 'brightnessPercent', min: 10, max: 90, isWhole: true },
  { ...none, name: 'inputSource', maxLength: 8 },
];
const week = typedWeek(values.hoursOfOperation);
const exceptions = typedExceptions(values.hoursExceptions);

describe('a draft', () => {
  it('asks for nothing while it says what holds anyway', () => {
    const draft = { power: 'ON', brightness: '40', inputSource: 'HDMI1', week, exceptions } as const;
    expect(readDraft(draft, values, settable)).toEqual({ input: {}, edited: [], faults: {} });
    expect(settled(draft, readDraft(draft, values, settable))).toEqual({});
  });

  it('asks for what differs, and for nothing else', () => {
    const draft = { power: 'OFF', brightness: '41', week: { ...week, TUESDAY: '9-17' } } as const;
    const { input, edited, faults } = readDraft(draft, values, settable);
    expect(edited).toEqual(['power', 'brightnessPercent', 'hoursOfOperation']);
    expect(faults).toEqual({});
    expect(input).toEqual({
      power: 'OFF',
      brightnessPercent: 41,
      hoursOfOperation: [
        { weekday: 'MONDAY', on: '09:00', off: '18:00' },
        { weekday: 'TUESDAY', on: '09:00', off: '17:00' },
        { weekday: 'FRIDAY', on: '09:00', off: '24:00' },
      ],
    });
  });

  it('is edited no longer where it was applied', () => {
    const draft = { power: 'OFF', brightness: '41' } as const;
    const after: DisplayValues = { ...values, brightnessPercent: 41 };
    expect(settled(draft, readDraft(draft, after, settable))).toEqual({ power: 'OFF' });
  });

  it.each([
    ['9', 'outOfRange'],
    ['10', undefined],
    ['90', undefined],
    ['91', 'outOfRange'],
    ['50.5', 'notWhole'],
    ['', 'notANumber'],
    ['bright', 'notANumber'],
  ])('of a brightness of %j has the fault %s', (brightness, fault) => {
    const { input, faults, edited } = readDraft({ brightness }, values, settable);
    expect(faults.brightnessPercent).toBe(fault);
    expect(edited).toEqual(['brightnessPercent']);
    expect(input.brightnessPercent).toBe(fault === undefined ? Number(brightness) : undefined);
  });

  it('names the days that are not understood, and asks for no hours then', () => {
    const draft = { week: { ...week, TUESDAY: 'nine', WEDNESDAY: '9-12, 11-13' } };
    expect(readDraft(draft, values, settable)).toEqual({
      input: {},
      edited: ['hoursOfOperation'],
      faults: { TUESDAY: 'windows', WEDNESDAY: 'overlap' },
    });
  });

  it('names exceptions without a date, and dates that are there twice', () => {
    const typed = [...exceptions, { key: 'a', date: '2026-12-25', text: '' }, { key: 'b', date: '', text: '9-10' }];
    expect(readDraft({ exceptions: typed }, values, settable).faults).toEqual({
      '2026-12-25': 'dateTwice',
      a: 'dateTwice',
      b: 'date',
    });
  });

  it('gives exceptions in the order of their dates', () => {
    const typed = [...exceptions, { key: 'a', date: '2026-12-24', text: '9-12' }];
    expect(readDraft({ exceptions: typed }, values, settable).input.hoursExceptions).toEqual([
      { date: '2026-12-24', windows: [{ on: '09:00', off: '12:00' }] },
      { date: '2026-12-25', windows: [] },
    ]);
  });

  it('keeps to what a text may be', () => {
    expect(readDraft({ inputSource: 'x'.repeat(9) }, values, settable).faults).toEqual({ inputSource: 'tooLong' });
    expect(readDraft({ inputSource: ' ' }, values, settable).faults).toEqual({ inputSource: 'empty' });
  });
});
