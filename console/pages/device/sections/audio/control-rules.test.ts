import { describe, expect, it } from 'vitest';
import { afterKey, kindOf, matching, openAtFirst, pageOf, partOf, readingText, withinLimits } from './control-rules.ts';

const GAIN = {
  ...{ name: 'gain', type: 'Float', value: -6, string: '-6.0dB', position: 0.78, min: -100, max: 20 },
  direction: 'READ_WRITE',
} as const;
const LIMITS = { min: -100, max: 20 };

describe('what a control is', () => {
  it.each([
    ['a level that can be set is a fader', {}, 'fader'],
    ['a level that can only be read is a meter', { direction: 'READ_ONLY' }, 'meter'],
    ['a level without limits is a number', { max: null }, 'number'],
    ['a number in another unit is a number', { string: '41.0°C' }, 'number'],
    ['a number that can only be read is a value', { string: '41.0°C', direction: 'READ_ONLY' }, 'value'],
    ['a delay is a number', { type: 'Time', string: '0.5s' }, 'number'],
    ['so is a whole one', { type: 'Integer', string: '3' }, 'number'],
    ['a Boolean of that name is a mute', { name: 'mute', type: 'Boolean', string: 'muted' }, 'mute'],
    ['a cross-point has one, too', { name: 'input.1.output.2.mute', type: 'Boolean', string: 'no' }, 'mute'],
    ['a Boolean of another name is a switch', { name: 'unmute.all', type: 'Boolean', string: 'no' }, 'switch'],
    ['one that can only be read is a value', { name: 'clip', type: 'Boolean', direction: 'READ_ONLY' }, 'value'],
    ['a text is a text, whatever its number', { type: 'Text', string: 'Music' }, 'text'],
    ['a trigger is one', { type: 'Trigger', string: '' }, 'trigger'],
    ['so is one with a state', { type: 'State Trigger', string: '' }, 'trigger'],
    ['what has no number has a position', { string: 'left', value: null }, 'position'],
    ['what has neither is a value', { string: '', value: null, position: null }, 'value'],
    ['a status only tells', { type: 'Status', string: 'OK' }, 'value'],
  ] as const)('%s', (_fact, overrides, kind) => expect(kindOf({ ...GAIN, ...overrides })).toBe(kind));
});

describe('the keys of a fader', () => {
  it.each([
    ['ArrowUp', false, -6, -5.5],
    ['ArrowLeft', false, -6, -6.5],
    ['ArrowRight', true, -6, -5.9],
    ['PageUp', false, -6, -3],
    ['PageDown', false, -6, -9],
    ['Home', false, -6, -100],
    ['End', false, -6, 20],
    ['PageUp', false, 19, 20],
    ['ArrowDown', false, -100, -100],
  ])('%s (with Shift: %s) moves %d dB to %d dB', (key, isFine, from, to) =>
    expect(afterKey(key, isFine, from, LIMITS)).toBe(to),
  );

  it('are no others', () => expect(afterKey('Tab', false, -6, LIMITS)).toBeNull());
});

describe('a value', () => {
  it('is sent in tenths, and never outside of the limits', () => {
    expect(withinLimits(-6.04, LIMITS)).toBe(-6);
    expect(withinLimits(24, LIMITS)).toBe(20);
    expect(withinLimits(10, { min: -40, max: 9.95 })).toBe(9.95);
  });

  it('is at a part of the range', () => {
    expect(partOf(-40, LIMITS)).toBe(0.5);
    expect(partOf(-140, LIMITS)).toBe(0);
  });

  it('is said as a level, as muted or not, or as the Core words it', () => {
    expect(readingText('fader', { value: -6, string: '-6.0dB' })).toBe('-6 dB');
    expect(readingText('mute', { value: 1, string: 'muted' })).toBe('Muted');
    expect(readingText('value', { value: 2100, string: '2100RPM' })).toBe('2100RPM');
    expect(readingText('value', { value: null, string: '' })).toBe('not known');
    expect(readingText('switch', { value: 1, string: 'yes' })).toBe('On');
    expect(readingText('text', { value: null, string: '' })).toBe('');
  });
});

describe('a long list', () => {
  const all = Array.from({ length: 258 }, (_, at) => `input.${at + 1}.gain`);

  it('is searched by all words, in any order', () =>
    expect(matching(all, 'GAIN  input.25', (name) => name)).toEqual(all.filter((name) => name.startsWith('input.25'))));

  it('is shown by pages, and the last page where there are fewer', () => {
    expect(pageOf(all, 1, 25)).toMatchObject({ page: 1, pages: 11, from: 26, to: 50 });
    expect(pageOf(all.slice(0, 30), 9, 25)).toMatchObject({ page: 1, from: 26, to: 30 });
    expect(pageOf([], 3, 25)).toEqual({ items: [], page: 0, pages: 1, from: 0, to: 0 });
  });
});

describe('which components are open', () => {
  const components = [
    { name: 'Amplifier', type: 'cxq_amplifier' },
    { name: 'Foyer Gain', type: 'gain' },
    { name: 'Hall Gain', type: 'gain' },
  ];
  it.each([
    ['the first gains where the address names none', '', ['Foyer Gain']],
    ['those of the address', 'component=Amplifier&component=Hall+Gain', ['Amplifier', 'Hall Gain']],
    ['none where the address says none', 'component=', []],
  ])('%s', (_fact, address, open) => expect(openAtFirst(new URLSearchParams(address), components, 1)).toEqual(open));

  it('are the first of any kind where there are no gains', () =>
    expect(openAtFirst(new URLSearchParams(), components.slice(0, 1), 5)).toEqual(['Amplifier']));
});
