import { describe, expect, it } from 'vitest';
import type { ControlRow } from './design-store.ts';
import { controlOf, settingOf } from './settings-names.ts';
import { checkControls } from './settings-rules.ts';
import { faultOfControl, happensEachTime, holdsControl, setsBack, type WantedControl } from './settings-wanted.ts';

const aControl = (overrides: Partial<ControlRow> = {}): ControlRow => ({
  ...{ deviceId: 'a', component: 'Foyer', name: 'gain', place: 0, type: 'Float', direction: 'READ_WRITE' },
  ...{ min: -100, max: 20, value: 0, string: '0.0dB', position: 0.8333, measuredAt: new Date() },
  ...overrides,
});
const toggle = aControl({ name: 'mute', type: 'Boolean', min: null, max: null });

describe('the name of a setting', () => {
  it.each([
    [{ component: 'Foyer Gain', name: 'mute' }, 'Foyer Gain/mute'],
    [{ component: null, name: 'FoyerMute' }, 'FoyerMute'],
    [{ component: 'a/b', name: 'c' }, 'a~1b/c'],
    [{ component: 'a', name: 'b/c' }, 'a/b~1c'],
    [{ component: null, name: 'a/b' }, 'a~1b'],
    [{ component: '~1', name: '~0/' }, '~01/~00~1'],
  ])('of %j is %s, and leads back to it', (control, setting) => {
    expect(settingOf(control)).toBe(setting);
    expect(controlOf(setting)).toEqual(control);
  });
});

describe('controls in a request', () => {
  const faultsOf = (...controls: Record<string, unknown>[]) =>
    checkControls(
      controls.map((control) => ({ name: 'x', ...control })),
      null,
    ).faults.map(({ path, code }) => `${path.join('.')} ${code}`);

  it('are what is to be sent', () => {
    const { asked, faults } = checkControls(
      [
        { component: 'Foyer', name: 'gain', value: -3, rampSeconds: 2 },
        { name: 'FoyerMute', mute: false, component: null, value: null },
      ],
      null,
    );
    expect(faults).toEqual([]);
    expect(asked.map(({ setting, wanted }) => [setting, wanted])).toEqual([
      ['Foyer/gain', { value: -3, rampSeconds: 2 }],
      ['FoyerMute', { mute: false }],
    ]);
  });

  it.each<[string, Record<string, unknown>[], string[]]>([
    ['nothing', [{}], ['input.controls.0 INVALID']],
    ['two values', [{ value: 1, position: 1 }], ['input.controls.0 INVALID']],
    ['a position of 0 and of 1', [{ position: 0 }, { position: 1, name: 'y' }], []],
    ['a position below', [{ position: -0.01 }], ['input.controls.0.position OUT_OF_RANGE']],
    ['a position above', [{ position: 1.01 }], ['input.controls.0.position OUT_OF_RANGE']],
    ['a ramp of 60 s', [{ value: 1, rampSeconds: 60 }], []],
    ['a longer one', [{ value: 1, rampSeconds: 60.1 }], ['input.controls.0.rampSeconds OUT_OF_RANGE']],
    ['a ramp of a mute', [{ mute: true, rampSeconds: 1 }], ['input.controls.0.rampSeconds INVALID']],
    ['a trigger that is not to fire', [{ trigger: false }], ['input.controls.0.trigger INVALID']],
    ['a name of 200', [{ name: 'n'.repeat(200), value: 1 }], []],
    ['a longer name', [{ name: 'n'.repeat(201), value: 1 }], ['input.controls.0.name INVALID']],
    ['an empty component', [{ component: '', value: 1 }], ['input.controls.0.component INVALID']],
    ['what it is taken for', [{ value: 1, expected: { value: 2 } }], []],
    ['nothing that it is taken for', [{ value: 1, expected: {} }], ['input.controls.0.expected INVALID']],
    [
      'two things that it is taken for',
      [{ value: 1, expected: { value: 1, mute: true } }],
      ['input.controls.0.expected INVALID'],
    ],
    [
      'a position that no control has',
      [{ value: 1, expected: { position: 2 } }],
      ['input.controls.0.expected.position OUT_OF_RANGE'],
    ],
    [
      'a trigger taken for something',
      [{ trigger: true, expected: { value: 1 } }],
      ['input.controls.0.expected INVALID'],
    ],
    ['a control character', [{ text: 'a\u0000b' }], ['input.controls.0.text INVALID']],
    ['a long text', [{ text: 'x'.repeat(1_001) }], ['input.controls.0.text INVALID']],
    ['a control twice', [{ value: 1 }, { value: 1 }], ['input.controls.1.name INVALID']],
    ['too many', Array.from({ length: 51 }, (_, i) => ({ name: `n${i}`, value: 1 })), ['input.controls INVALID']],
    ['as many as there may be', Array.from({ length: 50 }, (_, i) => ({ name: `n${i}`, value: 1 })), []],
  ])('are checked: %s', (_what, controls, faults) => {
    expect(faultsOf(...controls)).toEqual(faults);
  });
});

it('controls may be left out where there are cross-points, and nowhere else', () => {
  for (const controls of [undefined, null, []]) {
    expect(checkControls(controls, [{}])).toEqual({ asked: [], faults: [] });
    expect(checkControls(controls, []).faults).toMatchObject([{ path: ['input', 'controls'], code: 'INVALID' }]);
  }
});

describe('a control that is known', () => {
  it.each<[string, Partial<ControlRow> | undefined, WantedControl, string | null]>([
    ['takes its least value', {}, { value: -100 }, null],
    ['takes nothing below', {}, { value: -100.1 }, 'OUT_OF_RANGE'],
    ['takes its greatest value', {}, { value: 20 }, null],
    ['takes nothing above', {}, { value: 20.1 }, 'OUT_OF_RANGE'],
    ['takes no mute where it is a number', {}, { mute: true }, 'INVALID'],
    ['takes a mute where it is a Boolean', { type: 'Boolean' }, { mute: true }, null],
    ['takes nothing where it is read only', { direction: 'READ_ONLY' }, { value: 0 }, 'NOT_SETTABLE'],
    ['takes no value where it is a trigger', { type: 'Trigger' }, { value: 1 }, 'INVALID'],
    ['fires where it is a trigger', { type: 'State Trigger' }, { trigger: true }, null],
    ['does not fire where it is a gain', {}, { trigger: true }, 'INVALID'],
    ['is not there', undefined, { value: 1 }, 'NOT_FOUND'],
    ['takes the gain of a cross-point', {}, { gainDb: 20, inputs: '1', outputs: '1' }, null],
    ['takes no gain above', {}, { gainDb: 20.1, inputs: '1', outputs: '1' }, 'OUT_OF_RANGE'],
    ['takes no delay below', { min: 0 }, { delaySeconds: -1, inputs: '1', outputs: '1' }, 'OUT_OF_RANGE'],
    ['takes a solo where it is a Boolean', { type: 'Boolean' }, { solo: true, inputs: '1', outputs: '1' }, null],
    ['takes no solo where it is a number', {}, { solo: true, inputs: '1', outputs: '1' }, 'INVALID'],
  ])('%s', (_what, overrides, wanted, code) => {
    const asked = { component: 'Foyer', name: 'gain', path: 'input.controls.0', setting: 'Foyer/gain', wanted };
    expect(faultOfControl(asked, overrides && aControl(overrides))?.code ?? null).toBe(code);
  });

  it('does something each time where it is a trigger, or where nobody knows what it is', () => {
    expect(happensEachTime({ value: 1 }, aControl())).toBe(false);
    expect(happensEachTime({ trigger: true }, aControl({ type: 'Trigger' }))).toBe(true);
    expect(happensEachTime({ value: 1 }, undefined)).toBe(true);
  });
});

describe('what is read back', () => {
  const read = (value: number | null, position: number | null = null, string: string | null = null) => ({
    ...{ value, position, string },
  });
  it.each<[string, boolean, Parameters<typeof holdsControl>]>([
    ['within a thousandth of the range', true, [read(-11.88), { value: -12 }, aControl()]],
    ['further away', false, [read(-11.87), { value: -12 }, aControl()]],
    ['near, where the range is unknown', true, [read(-12.01), { value: -12 }, undefined]],
    ['not near, where the range is unknown', false, [read(-12.03), { value: -12 }, undefined]],
    ['another whole number', false, [read(4), { value: 5 }, aControl({ type: 'Integer', min: 0, max: 9_999 })]],
    ['the nearest whole number', true, [read(5), { value: 5.4 }, aControl({ type: 'Integer', min: 1, max: 8 })]],
    ['nothing', false, [read(null), { value: 0 }, aControl()]],
    ['a position', true, [read(0, 0.5009), { position: 0.5 }, aControl()]],
    ['another position', false, [read(0, 0.502), { position: 0.5 }, aControl()]],
    ['the nearest step', true, [read(5, 4 / 7), { position: 0.5 }, aControl({ type: 'Integer', min: 1, max: 8 })]],
    ['muted', true, [read(1), { mute: true }, toggle]],
    ['unmuted', false, [read(0), { mute: true }, toggle]],
    ['a text', true, [read(null, null, 'Café'), { text: 'Café' }, undefined]],
    ['a gain of a cross-point', true, [read(-3), { gainDb: -3, inputs: '1', outputs: '1' }, aControl()]],
    ['another gain', false, [read(-4), { gainDb: -3, inputs: '1', outputs: '1' }, aControl()]],
    ['soloed', true, [read(1), { solo: true, inputs: '1', outputs: '1' }, toggle]],
    ['not soloed', false, [read(0), { solo: true, inputs: '1', outputs: '1' }, toggle]],
    ['a trigger, of which nothing can be read', false, [read(0), { trigger: true }, undefined]],
  ])('is what is wanted, or not: %s', (_what, holds, args) => {
    expect(holdsControl(...args)).toBe(holds);
  });
});

describe('a control is set back', () => {
  const read = (value: number | null, string: string | null = null) => ({ value, string, position: 0.5 });
  const group = { inputs: '1', outputs: '1' };

  it.each<[string, Parameters<typeof setsBack>, WantedControl | null]>([
    ['to its number', [read(-6), { value: 1 }], { value: -6 }],
    ['to its number, over the same ramp', [read(-6), { position: 1, rampSeconds: 2 }], { value: -6, rampSeconds: 2 }],
    ['to its mute', [read(1), { mute: false }], { mute: true }],
    ['to its text', [read(null, 'Café'), { text: 'x' }], { text: 'Café' }],
    ['to its text where a number was set', [read(null, 'Line'), { value: 2 }], { text: 'Line' }],
    [
      'to the gain of a cross-point',
      [read(-100), { gainDb: 0, rampSeconds: 1, ...group }],
      { value: -100, rampSeconds: 1 },
    ],
    ['to the mute of one', [read(0), { mute: true, ...group }], { mute: false }],
    ['to the solo of one', [read(0), { solo: true, ...group }], { value: 0 }],
    ['to nothing where it was a trigger', [read(0), { trigger: true }], null],
    ['to nothing where the mute was not told', [read(null, 'muted'), { mute: true }], null],
    ['to nothing where nothing was told', [read(null), { value: 1 }], null],
    ['to nothing where the end of its text is not known', [read(null, 'x'.repeat(1_000)), { text: 'y' }], null],
  ])('%s', (_what, args, back) => {
    expect(setsBack(...args)).toEqual(back);
  });
});
