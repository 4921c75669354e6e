import { type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { selectChannels, selectorOf } from './channels.ts';
import { settingOf } from './settings-names.ts';
import { checkName, checkRamp, faultsBelow, onlyOneOf } from './settings-rules.ts';
import { type AskedControl, wantedShape } from './settings-wanted.ts';

const MAX_GROUPS = 50;
/** A square of 16. Each is read before and after, and stands in the change. */
const MAX_CROSS_POINTS = 256;
const MAX_SELECTOR = 200;

const WAYS = ['gainDb', 'delaySeconds', 'mute', 'solo'] as const;
type Way = (typeof WAYS)[number];

/**
 * How the controls of cross-points are called in their mixer, and what QRC sets them with (QRC Commands, "Mixer Control"). Designs in public
 * have gains and mutes by these names; those of delays and solos are inferred, and a mixer without them says which name was looked for.
 */
export const crossPointsBy = {
  gainDb: { control: 'gain', method: 'Mixer.SetCrossPointGain' },
  delaySeconds: { control: 'delay', method: 'Mixer.SetCrossPointDelay' },
  mute: { control: 'mute', method: 'Mixer.SetCrossPointMute' },
  solo: { control: 'solo', method: 'Mixer.SetCrossPointSolo' },
} as const satisfies Record<Way, { control: string; method: string }>;

export type CrossPointsInput = {
  mixer: string;
  inputs: string;
  outputs: string;
  gainDb?: number | null | undefined;
  delaySeconds?: number | null | undefined;
  mute?: boolean | null | undefined;
  solo?: boolean | null | undefined;
  rampSeconds?: number | null | undefined;
};

/** A group of cross-points of a request, and where it stands there. */
export type AskedCrossPoints = {
  path: string;
  mixer: string;
  inputs: string;
  outputs: string;
  /** The control that is set of each. */
  control: string;
  /** What it is set to, under its name in the input. */
  values: Record<string, number | boolean>;
};

function checkGroup(input: CrossPointsInput, path: string): AskedCrossPoints | Fault[] {
  const { faults, refuse } = faultsBelow(path);
  checkName('mixer', input.mixer, refuse);
  for (const line of ['inputs', 'outputs'] as const) {
    if (input[line].length > MAX_SELECTOR) {
      refuse(line, `must have at most ${MAX_SELECTOR} characters`);
      continue;
    }
    const selected = selectChannels(input[line], null);
    if ('code' in selected) refuse(line, selected.message, selected.code);
  }
  const found = onlyOneOf(input, WAYS, path);
  if ('fault' in found) return [...faults, found.fault];
  const { way } = found;
  const { mixer, inputs, outputs, rampSeconds } = input;
  checkRamp(rampSeconds, { way, isRamped: way === 'gainDb' || way === 'delaySeconds' }, refuse);
  const value = input[way];
  if (faults.length > 0 || value === null || value === undefined) return faults;
  const values = { [way]: value, ...(rampSeconds ? { rampSeconds } : {}) };
  return { path, mixer, inputs, outputs, control: crossPointsBy[way].control, values };
}

/** Checks the cross-points of a request as far as that is possible without knowing the Core. */
export function checkCrossPoints(given: readonly CrossPointsInput[] | null | undefined): {
  asked: AskedCrossPoints[];
  faults: Fault[];
} {
  const inputs = given ?? [];
  if (inputs.length > MAX_GROUPS) {
    const message = `crossPoints must have at most ${MAX_GROUPS} items, and has ${inputs.length}`;
    return { asked: [], faults: [faultAt('input.crossPoints', 'INVALID', message)] };
  }
  const checked = inputs.map((input, index) => checkGroup(input, `input.crossPoints.${index}`));
  return {
    asked: checked.flatMap((group) => (Array.isArray(group) ? [] : [group])),
    faults: checked.flatMap((group) => (Array.isArray(group) ? group : [])),
  };
}

/** How many inputs and outputs a mixer has whose cross-points have this control. */
export type MixerSize = { component: string; control: string; inputs: number; outputs: number };

const nameOf = (component: string, control: string): string => JSON.stringify([component, control]);

type Selected = { inputs: number[]; outputs: number[] };

/** The channels of a group in its mixer. */
function channelsOf(
  { path, mixer, control, ...selectors }: AskedCrossPoints,
  size: MixerSize | undefined,
): Selected | Fault[] {
  if (size === undefined) {
    const message = `${mixer} has no cross-points to set so: none of its controls is called input.1.output.1.${control}`;
    return [faultAt(`${path}.mixer`, 'NOT_SETTABLE', message)];
  }
  const { faults, refuse } = faultsBelow(path);
  const select = (line: 'inputs' | 'outputs'): number[] => {
    const selected = selectChannels(selectors[line], size[line]);
    if ('channels' in selected) return selected.channels;
    refuse(line, `${selected.message}: ${mixer} has ${size[line]} ${line}`, selected.code);
    return [];
  };
  const selected = { inputs: select('inputs'), outputs: select('outputs') };
  return faults.length > 0 ? faults : selected;
}

function pointsOf({ path, mixer, control, values }: AskedCrossPoints, { inputs, outputs }: Selected): AskedControl[] {
  // What is sent is what stands in the change, even where the mixer has grown since.
  const wanted = wantedShape.parse({ ...values, inputs: selectorOf(inputs), outputs: selectorOf(outputs) });
  return inputs.flatMap((input) =>
    outputs.map((output): AskedControl => {
      const name = `input.${input}.output.${output}.${control}`;
      return { component: mixer, name, path, setting: settingOf({ component: mixer, name }), wanted };
    }),
  );
}

/**
 * The single cross-points of all groups.
 *
 * @param others the controls that the same request sets by their names
 */
export function expandCrossPoints(
  groups: readonly AskedCrossPoints[],
  sizes: readonly MixerSize[],
  others: readonly AskedControl[],
): { asked: AskedControl[]; faults: Fault[] } {
  const sizeOf = new Map(sizes.map((size) => [nameOf(size.component, size.control), size]));
  const found = groups.map((group) => ({
    group,
    selected: channelsOf(group, sizeOf.get(nameOf(group.mixer, group.control))),
  }));
  const faults = found.flatMap(({ selected }) => (Array.isArray(selected) ? selected : []));
  const selections = found.flatMap(({ group, selected }) => (Array.isArray(selected) ? [] : [{ group, selected }]));
  // Counted before they are made: a few groups of a large mixer are millions.
  const count = selections.reduce((sum, { selected }) => sum + selected.inputs.length * selected.outputs.length, 0);
  if (count > MAX_CROSS_POINTS) {
    const message = `crossPoints may select at most ${MAX_CROSS_POINTS} cross-points together, and select ${count}`;
    return { asked: [], faults: [...faults, faultAt('input.crossPoints', 'INVALID', message)] };
  }
  const places = new Map(others.map(({ setting, path }) => [setting, path]));
  const asked: AskedControl[] = [];
  for (const { group, selected } of selections) {
    const points = pointsOf(group, selected);
    const twice = points.find(({ setting }) => places.has(setting));
    if (twice !== undefined) {
      const message = `${twice.name} is set by ${places.get(twice.setting)} already: it can be set once`;
      faults.push(faultAt(group.path, 'INVALID', message));
    }
    for (const { setting, path } of points) places.set(setting, path);
    asked.push(...points);
  }
  return { asked, faults };
}
