import { z } from 'zod';
import { stateFrom } from './control-value.ts';
import type { MixerSize } from './design.ts';
import { ERROR, QrcError } from './errors.ts';
import { type Method, type MethodContext, method, nameSchema, rampSchema } from './methods.ts';
import { mixerControlName as names } from './mixer-controls.ts';
import { selectChannels } from './selector.ts';

const selectorSchema = z.union([z.string(), z.number()]).optional();
const setSchema = z.object({
  Name: nameSchema,
  Inputs: selectorSchema,
  Outputs: selectorSchema,
  Cues: selectorSchema,
  Ramp: rampSchema,
});
const NUMBER = setSchema.extend({ Value: z.number() });
// Clients send 0 and 1, too.
const SWITCH = setSchema.extend({ Value: z.union([z.boolean(), z.number()]) });

type SetSchema = typeof NUMBER | typeof SWITCH;
type MixerSet = z.output<SetSchema>;
type Line = keyof MixerSize;
const SELECTOR = { inputs: 'Inputs', outputs: 'Outputs', cues: 'Cues' } as const;

/** The channels of a line that a set is for. @throws QrcError unknownComponent, invalidParams, illegalChannel */
function channelsOf({ design }: MethodContext, set: MixerSet, line: Line): number[] {
  const { mixer } = design.component(set.Name).definition;
  if (mixer === undefined) throw new QrcError(ERROR.unknownComponent, `Component '${set.Name}' is no mixer`);
  const selector = set[SELECTOR[line]];
  if (selector === undefined) throw new QrcError(ERROR.invalidParams, `params.${SELECTOR[line]}: is missing`);
  return selectChannels(selector, mixer[line]);
}

/** Sets the same value in the controls with these names. */
function setAll(context: MethodContext, { Name, Value, Ramp }: MixerSet, controls: readonly string[]): true {
  const assignments = controls.map((name) => {
    const control = context.design.controlOf(Name, name);
    return { control, state: stateFrom(control.definition, { Value }), rampSeconds: Ramp };
  });
  context.carryOut(assignments);
  return true;
}

/** A method that sets something of each channel of one line. */
const each = (schema: SetSchema, line: Line, nameOf: (channel: number) => string): Method =>
  method(schema, (context, set) => setAll(context, set, channelsOf(context, set, line).map(nameOf)));

/** A method that sets something of each pair of channels of two lines. */
const cross = (schema: SetSchema, [a, b]: [Line, Line], nameOf: (a: number, b: number) => string): Method =>
  method(schema, (context, set) => {
    const others = channelsOf(context, set, b);
    const pairs = channelsOf(context, set, a).flatMap((one) => others.map((two) => nameOf(one, two)));
    return setAll(context, set, pairs);
  });

export const mixerMethods: Record<string, Method> = {
  'Mixer.SetCrossPointGain': cross(NUMBER, ['inputs', 'outputs'], names.crossPointGain),
  'Mixer.SetCrossPointDelay': cross(NUMBER, ['inputs', 'outputs'], names.crossPointDelay),
  'Mixer.SetCrossPointMute': cross(SWITCH, ['inputs', 'outputs'], names.crossPointMute),
  'Mixer.SetCrossPointSolo': cross(SWITCH, ['inputs', 'outputs'], names.crossPointSolo),
  'Mixer.SetInputGain': each(NUMBER, 'inputs', names.inputGain),
  'Mixer.SetInputMute': each(SWITCH, 'inputs', names.inputMute),
  'Mixer.SetInputSolo': each(SWITCH, 'inputs', names.inputSolo),
  'Mixer.SetOutputGain': each(NUMBER, 'outputs', names.outputGain),
  'Mixer.SetOutputMute': each(SWITCH, 'outputs', names.outputMute),
  'Mixer.SetCueGain': each(NUMBER, 'cues', names.cueGain),
  'Mixer.SetCueMute': each(SWITCH, 'cues', names.cueMute),
  'Mixer.SetInputCueEnable': cross(SWITCH, ['cues', 'inputs'], names.cueEnable),
  'Mixer.SetInputCueAfl': cross(SWITCH, ['cues', 'inputs'], names.cueAfl),
};
