import { describe, expect, it } from 'vitest';
import { type CrossPointsInput, checkCrossPoints, expandCrossPoints, type MixerSize } from './cross-points.ts';
import type { AskedControl } from './settings-wanted.ts';

const aGroup = (overrides: Partial<CrossPointsInput> = {}): CrossPointsInput => ({
  ...{ mixer: 'Mixer', inputs: '1-2', outputs: '3' },
  ...overrides,
});
const told = (faults: readonly { path: (string | number)[]; code: string }[]): string[] =>
  faults.map(({ path, code }) => `${path.join('.')} ${code}`);

describe('cross-points in a request', () => {
  it.each<[string, Partial<CrossPointsInput>, string[]]>([
    ['a gain', { gainDb: -3 }, []],
    ['a gain over a minute', { gainDb: -3, rampSeconds: 60 }, []],
    ['a delay', { delaySeconds: 0.1, rampSeconds: 1 }, []],
    ['a mute', { mute: false }, []],
    ['a solo', { solo: true }, []],
    ['nothing to set', {}, ['input.crossPoints.0 INVALID']],
    ['two things', { gainDb: 1, mute: true }, ['input.crossPoints.0 INVALID']],
    ['a longer ramp', { gainDb: 1, rampSeconds: 61 }, ['input.crossPoints.0.rampSeconds OUT_OF_RANGE']],
    ['a ramp of a mute', { mute: true, rampSeconds: 1 }, ['input.crossPoints.0.rampSeconds INVALID']],
    ['no mixer', { mixer: '', mute: true }, ['input.crossPoints.0.mixer INVALID']],
    ['nonsense for inputs', { inputs: 'all', mute: true }, ['input.crossPoints.0.inputs INVALID']],
    ['an output 0', { outputs: '0', mute: true }, ['input.crossPoints.0.outputs OUT_OF_RANGE']],
    ['a long selector', { outputs: '1 '.repeat(101), mute: true }, ['input.crossPoints.0.outputs INVALID']],
    [
      'two mistakes',
      { inputs: '', outputs: '-' },
      ['input.crossPoints.0.inputs INVALID', 'input.crossPoints.0.outputs INVALID', 'input.crossPoints.0 INVALID'],
    ],
  ])('are checked: %s', (_what, input, faults) => {
    expect(told(checkCrossPoints([aGroup(input)]).faults)).toEqual(faults);
  });

  it('are at most fifty groups, and may be left out', () => {
    const groups = (count: number) => Array.from({ length: count }, () => aGroup({ mute: true }));
    expect(checkCrossPoints(groups(50)).asked).toHaveLength(50);
    expect(checkCrossPoints(groups(51)).faults).toMatchObject([{ message: expect.stringContaining('at most 50') }]);
    expect(checkCrossPoints(undefined)).toEqual({ asked: [], faults: [] });
  });
});

describe('cross-points of a known mixer', () => {
  const SIZE: MixerSize = { component: 'Mixer', control: 'gain', inputs: 20, outputs: 16 };
  const sizes = ['gain', 'mute'].map((control) => ({ ...SIZE, control }));
  const expanded = (inputs: Partial<CrossPointsInput>[], others: AskedControl[] = []) =>
    expandCrossPoints(checkCrossPoints(inputs.map(aGroup)).asked, sizes, others);

  it('are single controls, with the channels that are sent', () => {
    const { asked, faults } = expanded([{ inputs: '!3-20', outputs: '4 5', gainDb: -3, rampSeconds: 2 }]);
    expect(faults).toEqual([]);
    const wanted = { gainDb: -3, rampSeconds: 2, inputs: '1-2', outputs: '4-5' };
    expect(asked.map((control) => [control.setting, control.wanted])).toEqual([
      ['Mixer/input.1.output.4.gain', wanted],
      ['Mixer/input.1.output.5.gain', wanted],
      ['Mixer/input.2.output.4.gain', wanted],
      ['Mixer/input.2.output.5.gain', wanted],
    ]);
  });

  it.each<[string, Partial<CrossPointsInput>[], string[]]>([
    ['an input that it lacks', [{ inputs: '21', gainDb: 0 }], ['input.crossPoints.0.inputs OUT_OF_RANGE']],
    ['no output', [{ outputs: '1 !1', gainDb: 0 }], ['input.crossPoints.0.outputs INVALID']],
    ['a delay that it lacks', [{ delaySeconds: 0 }], ['input.crossPoints.0.mixer NOT_SETTABLE']],
    ['another mixer', [{ mixer: 'Other', gainDb: 0 }], ['input.crossPoints.0.mixer NOT_SETTABLE']],
    ['one twice', [{ gainDb: 0 }, { inputs: '2-4', gainDb: 1 }], ['input.crossPoints.1 INVALID']],
    ['a gain and a mute of the same', [{ gainDb: 0 }, { mute: true }], []],
    ['as many as there may be', [{ inputs: '1-16', outputs: '*', gainDb: 0 }], []],
    [
      'one more',
      [
        { inputs: '1-16', outputs: '*', gainDb: 0 },
        { inputs: '1', outputs: '1', mute: true },
      ],
      ['input.crossPoints INVALID'],
    ],
  ])('are refused or not: %s', (_what, inputs, faults) => {
    expect(told(expanded(inputs).faults)).toEqual(faults);
  });

  it('are not made before they are counted', () => {
    const huge = [{ ...SIZE, inputs: 9_999, outputs: 9_999 }];
    const groups = checkCrossPoints(Array.from({ length: 50 }, () => aGroup({ inputs: '*', outputs: '*', gainDb: 0 })));
    const { asked, faults } = expandCrossPoints(groups.asked, huge, []);
    expect(asked).toEqual([]);
    expect(faults).toMatchObject([{ message: expect.stringMatching(/at most 256 .* select 4999000050$/) }]);
  });

  it('are not set beside the control that is the same', () => {
    const name = 'input.1.output.3.gain';
    const other: AskedControl = {
      ...{ component: 'Mixer', name, path: 'input.controls.0', setting: `Mixer/${name}`, wanted: { value: 1 } },
    };
    expect(expanded([{ gainDb: 0 }], [other]).faults).toMatchObject([
      { code: 'INVALID', message: `${name} is set by input.controls.0 already: it can be set once` },
    ]);
  });
});
