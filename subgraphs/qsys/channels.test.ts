import { expect, it } from 'vitest';
import { selectChannels, selectorOf } from './channels.ts';

it.each<[string, number[], string]>([
  ['1', [1], '1'],
  ['1-3', [1, 2, 3], '1-3'],
  ['*', [1, 2, 3, 4, 5, 6, 7, 8], '1-8'],
  ['1 3,5', [1, 3, 5], '1 3 5'],
  [' 8 , 1 ', [1, 8], '1 8'],
  ['2-4 3-5', [2, 3, 4, 5], '2-5'],
  ['1-8 !3', [1, 2, 4, 5, 6, 7, 8], '1-2 4-8'],
  ['!3 1-8', [1, 2, 4, 5, 6, 7, 8], '1-2 4-8'],
  ['* !3-5', [1, 2, 6, 7, 8], '1-2 6-8'],
  ['!3', [1, 2, 4, 5, 6, 7, 8], '1-2 4-8'],
])('of eight channels %j means %j, which is sent as %j', (selector, channels, sent) => {
  expect(selectChannels(selector, 8)).toEqual({ channels });
  expect(selectorOf(channels)).toBe(sent);
  expect(selectChannels(sent, 8)).toEqual({ channels });
  expect(selectChannels(selector, null)).toEqual({ channels: [] });
});

it.each([
  ['9', 'OUT_OF_RANGE', 'must be within 1 to 8'],
  ['1-9', 'OUT_OF_RANGE', 'must be within 1 to 8'],
  ['!9', 'OUT_OF_RANGE', 'must be within 1 to 8'],
  ['* !*', 'INVALID', 'selects no channel of 1 to 8'],
  ['3 !1-4', 'INVALID', 'selects no channel of 1 to 8'],
])('of eight channels %j is refused as %s', (selector, code, message) => {
  expect(selectChannels(selector, 8)).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(selectChannels(selector, null)).toEqual({ channels: [] });
});

it.each([
  ['0', 'OUT_OF_RANGE'],
  ['', 'INVALID'],
  [' , ', 'INVALID'],
  ['a', 'INVALID'],
  ['1-', 'INVALID'],
  ['-1', 'INVALID'],
  ['3-1', 'INVALID'],
  ['1;2', 'INVALID'],
  ['!!1', 'INVALID'],
  ['1.5', 'INVALID'],
  ['12345', 'INVALID'],
])('%j is refused as %s, however many channels there are', (selector, code) => {
  for (const count of [8, null]) expect(selectChannels(selector, count)).toMatchObject({ code });
});
