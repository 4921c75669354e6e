import { expect, it } from 'vitest';
import { effectsOf, type PlanState } from './settings-effects.ts';
import { controlOf } from './settings-names.ts';
import type { AskedControl, WantedControl } from './settings-wanted.ts';
import { aCoreRow } from './testing/a-core-row.ts';

const asked = (setting: string, wanted: WantedControl, expected?: WantedControl): AskedControl => ({
  ...{ ...controlOf(setting), path: 'input.controls.0', setting, wanted },
  ...(expected && { expected }),
});
const reading = (value: number) => ({ value, string: `${value}`, position: null });
const state = (overrides: Partial<PlanState>): PlanState => ({
  ...{ controls: [], known: new Map(), before: {}, core: aCoreRow(), open: [] },
  ...overrides,
});
const wantedGroup = { gainDb: -3, rampSeconds: 2, inputs: '1-2', outputs: '1' };

it.each<[string, Partial<PlanState>, string[]]>([
  [
    'a value that is so already',
    { controls: [asked('G/gain', { value: 1 })], before: { 'G/gain': reading(1) } },
    ['nothing changes: it is so already'],
  ],
  ['another value', { controls: [asked('G/gain', { value: 2 })], before: { 'G/gain': reading(1) } }, []],
  [
    'a trigger',
    { controls: [asked('G/chime', { trigger: true })], before: { 'G/chime': reading(0) } },
    ["G/chime is fired: what it does can't be taken back"],
  ],
  [
    'a named control',
    { controls: [asked('Mute', { mute: true })], before: { Mute: null } },
    ['what Mute is at present is not known'],
  ],
  [
    'an expectation that will not hold',
    { controls: [asked('G/gain', { value: 2 }, { value: 5 })], before: { 'G/gain': reading(1) } },
    [expect.stringContaining('it would be refused if the Core still says so: G/gain was last')],
  ],
  [
    'cross-points with a ramp',
    {
      controls: [1, 2].map((input) => asked(`M/input.${input}.output.1.gain`, wantedGroup)),
      before: { 'M/input.1.output.1.gain': reading(0), 'M/input.2.output.1.gain': reading(-3) },
    },
    [
      'gainDb of 2 cross-points of M is set: inputs 1-2, outputs 1',
      "it takes 2 s, and the Core's other changes wait as long",
    ],
  ],
  [
    'what is under way',
    {
      ...{ controls: [asked('G/gain', { value: 2 })], before: { 'G/gain': reading(1) } },
      open: [{ id: 'c', state: 'PENDING', wanted: { 'G/gain': { value: 9 } } }],
    },
    ['it supersedes the change c, which is not begun'],
  ],
  [
    'a Core that was never looked at',
    { core: undefined, before: { a: null }, controls: [asked('a', { value: 1 })] },
    ['what a is at present is not known', 'the Core has not been looked at yet'],
  ],
  [
    'a Core that is silent',
    {
      ...{ controls: [asked('G/gain', { value: 2 })], before: { 'G/gain': reading(1) } },
      core: aCoreRow({ lookProblem: 'no answer' }),
    },
    ['the Core has not answered since 2026-11-25T09:00:00.000Z: no answer'],
  ],
  [
    'a Core on standby',
    {
      ...{ controls: [asked('G/gain', { value: 2 })], before: { 'G/gain': reading(1) } },
      core: aCoreRow({ engineState: 'STANDBY' }),
    },
    [expect.stringContaining('on standby')],
  ],
])('a plan says what follows from %s', (_what, overrides, effects) => {
  expect(effectsOf(state(overrides))).toEqual(effects);
});
