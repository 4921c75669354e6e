import { expect, it } from 'vitest';
import { settingWords, valueWords } from './value-words.ts';

const READ = { value: -12, string: '-12.0dB', position: 0.73 };
const day = (weekday: string) => ({ weekday, on: '09:00', off: '18:00' });

it.each([
  ['power', 'ON', 'ON'],
  ['brightnessPercent', 70.00000001, '70'],
  ['Foyer Gain/gain', READ, '-12.0dB'],
  ['Foyer Gain/gain', { value: -11 }, '-11 dB'],
  ['Foyer Gain/mute', { mute: true }, 'Muted'],
  ['Foyer Gain/invert', { mute: true }, 'On'],
  ['Announcements/play', { value: 0, string: '', position: 0 }, '0'],
  ['Foyer Source/selector', { text: 'Film' }, '“Film”'],
  ['Announcements/play', { trigger: true }, 'fired'],
  ['hoursOfOperation', ['MONDAY', 'TUESDAY', 'SUNDAY'].map(day), 'Monday to Tuesday 09:00–18:00; Sunday 09:00–18:00'],
  ['hoursOfOperation', [], 'none'],
  ['hoursExceptions', [{ date: '2026-12-25', windows: [] }], '2026-12-25 closed'],
  ['hoursOfOperation', [{ weekday: 'MONDAY' }], '[{"weekday":"MONDAY"}]'],
  ['menu', { language: 'en' }, '{"language":"en"}'],
  ['menu', undefined, ''],
])('%s of %j reads %s', (name, value, words) => expect(valueWords(name, value, READ)).toBe(words));

it.each([
  ['Foyer Gain/gain', 'Foyer Gain, gain'],
  ['L~1R/gain', 'L/R, gain'],
  ['hoursOfOperation', 'Hours of operation'],
])('%s is called %s', (name, words) => expect(settingWords(name)).toBe(words));
