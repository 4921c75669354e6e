import { z } from 'zod';
import type { CallResult } from '../qrc/connection.ts';
import { type ControlValue, controlValueSchema, engineStatusSchema } from '../qrc/message.ts';

/** What a client and a connection both do. */
export type Caller = {
  call: <S extends z.ZodType>(method: string, params: unknown, schema: S) => Promise<CallResult<z.output<S>>>;
};

const componentsSchema = z.array(
  z.object({ Name: z.string(), Type: z.string() }).transform(({ Name, Type }) => ({ name: Name, type: Type })),
);

const controlsSchema = z.object({
  Controls: z.array(
    z
      .object({
        Name: z.string(),
        Type: z.string().catch(''),
        Value: z.union([z.number(), z.string(), z.boolean()]).nullish(),
        String: z.string().nullish(),
        Position: z.number().nullish(),
        ValueMin: z.number().nullish(),
        ValueMax: z.number().nullish(),
        Choices: z.array(z.string()).nullish(),
        Direction: z.string().nullish(),
      })
      .transform((given) => ({
        ...controlValueSchema.parse(given),
        type: given.Type,
        min: given.ValueMin ?? null,
        max: given.ValueMax ?? null,
        choices: given.Choices ?? null,
        isReadOnly: given.Direction === 'Read Only',
      })),
  ),
});

export const getStatus = (caller: Caller) => caller.call('StatusGet', 0, engineStatusSchema);

export const getComponents = (caller: Caller) => caller.call('Component.GetComponents', {}, componentsSchema);

/** A component's controls with their types and ranges. */
export const getControls = async (caller: Caller, component: string) => {
  const result = await caller.call('Component.GetControls', { Name: component }, controlsSchema);
  return result.kind === 'answered' ? { ...result, value: result.value.Controls } : result;
};

/** Controls by names of their own, in the order of `names`. */
export const readNamed = (caller: Caller, names: readonly string[]): Promise<CallResult<ControlValue[]>> =>
  caller.call('Control.Get', names, z.array(controlValueSchema));

/** Controls of one component. */
export async function readComponent(
  caller: Caller,
  component: string,
  controls: readonly string[],
): Promise<CallResult<ControlValue[]>> {
  const params = { Name: component, Controls: controls.map((Name) => ({ Name })) };
  const result = await caller.call('Component.Get', params, z.object({ Controls: z.array(controlValueSchema) }));
  return result.kind === 'answered' ? { kind: 'answered', value: result.value.Controls } : result;
}

/** What a control is set to; `rampSeconds`: over that time. */
export type Wanted = ({ value: number | string | boolean } | { position: number }) & { rampSeconds?: number };

const paramsOf = (wanted: Wanted) => ({
  ...('value' in wanted ? { Value: wanted.value } : { Position: wanted.position }),
  ...(wanted.rampSeconds === undefined ? {} : { Ramp: wanted.rampSeconds }),
});

/** The Core has taken it; only a reading tells what became of it. */
export type SetResult = CallResult<'ACCEPTED'>;

const accepted = (result: CallResult<unknown>): SetResult =>
  result.kind === 'answered' ? { kind: 'answered', value: 'ACCEPTED' } : result;

/** Sets a control by its own name. Never sent again. */
export const setNamed = async (caller: Caller, name: string, wanted: Wanted): Promise<SetResult> =>
  accepted(await caller.call('Control.Set', { Name: name, ...paramsOf(wanted) }, z.unknown()));

/** Sets controls of one component together. Never sent again. Those that it has are set even where another is refused. */
export async function setComponent(
  caller: Caller,
  component: string,
  controls: readonly ({ name: string } & Wanted)[],
): Promise<SetResult> {
  const params = { Name: component, Controls: controls.map((one) => ({ Name: one.name, ...paramsOf(one) })) };
  const result = await caller.call('Component.Set', params, z.unknown());
  // By the help the answer lists the controls that there are not.
  const unknown = result.kind === 'answered' ? z.array(z.string()).min(1).safeParse(result.value) : null;
  if (!unknown?.success) return accepted(result);
  const message = `component '${component}' has no control ${unknown.data.join(', ')}`;
  return { kind: 'refused', reason: 'UNKNOWN_CONTROL', code: 8, message };
}

export type MixerSet = {
  method: `Set${'Input' | 'Output' | 'CrossPoint' | 'Cue'}${'Gain' | 'Mute' | 'Solo' | 'Delay'}`;
  name: string;
  /** Channels in QRC's words: "1-6", "*", "1-8 !3". */
  inputs?: string;
  outputs?: string;
  cues?: string;
  value: number | boolean;
  rampSeconds?: number;
};

/** Sets something of a mixer's channels or cross-points. Never sent again. Read it back as controls of the component. */
export async function setMixer(
  caller: Caller,
  { method, name, inputs, outputs, cues, ...wanted }: MixerSet,
): Promise<SetResult> {
  const selectors = { Inputs: inputs, Outputs: outputs, Cues: cues };
  return accepted(await caller.call(`Mixer.${method}`, { Name: name, ...selectors, ...paramsOf(wanted) }, z.unknown()));
}
