import { z } from 'zod';
import { descriptionOf, type Given, givenSchema, isReadOnly, readingOf, stateFrom } from './control-value.ts';
import { ERROR, QrcError } from './errors.ts';
import { type Method, type MethodContext, method, nameSchema, rampSchema } from './methods.ts';
import type { Assignment, RunningControl } from './running-design.ts';

const changeSchema = givenSchema.extend({ Name: nameSchema, Ramp: rampSchema });

/** @throws QrcError invalidParams, also for a control that no client may set: QRC has no code of its own for that */
function assignmentFor(control: RunningControl, given: Given & { Ramp: number }): Assignment {
  if (isReadOnly(control.definition)) {
    throw new QrcError(ERROR.invalidParams, `Control '${control.definition.name}' is read only`);
  }
  return { control, state: stateFrom(control.definition, given), rampSeconds: given.Ramp };
}

const valuesOf = ({ definition, state }: RunningControl) => ({
  Name: definition.name,
  ...readingOf(definition, state),
});

type ComponentSet = { Name: string; Controls: z.infer<typeof changeSchema>[]; ResponseValues: boolean };

/** Sets the controls that there are; gives back the names of the others, or `true`, or values where the client asks for them. */
function setComponent({ design, carryOut }: MethodContext, { Name, Controls, ResponseValues }: ComponentSet) {
  const { controls } = design.component(Name);
  const unknown = Controls.filter((given) => !controls.has(given.Name)).map((given) => given.Name);
  const known = Controls.flatMap((given) => {
    const control = controls.get(given.Name);
    return control === undefined ? [] : [assignmentFor(control, given)];
  });
  carryOut(known);
  if (ResponseValues) return known.map(({ control }) => ({ Component: Name, ...valuesOf(control) }));
  return unknown.length === 0 ? true : unknown;
}

export const controlMethods: Record<string, Method> = {
  'Control.Get': method(z.array(nameSchema), ({ design }, names) =>
    names.map((name) => ({ ...valuesOf(design.named(name)), Name: name })),
  ),
  'Control.Set': method(changeSchema, ({ design, carryOut }, given) => {
    const control = design.named(given.Name);
    carryOut([assignmentFor(control, given)]);
    return { ...valuesOf(control), Name: given.Name };
  }),
  'Component.GetComponents': ({ design }) =>
    [...design.components].map(({ definition: { name, type, properties } }) => ({
      ID: name,
      Name: name,
      Type: type,
      Properties: Object.entries(properties).map(([Name, Value]) => ({ Name, Value, PrettyName: Name })),
      Controls: null,
      ControlSource: 2,
    })),
  'Component.GetControls': method(z.object({ Name: nameSchema }), ({ design }, { Name }) => ({
    Name,
    Controls: [...design.component(Name).controls.values()].map(({ definition, state }) =>
      descriptionOf(definition, state),
    ),
  })),
  'Component.Get': method(
    z.object({ Name: nameSchema, Controls: z.array(z.object({ Name: nameSchema })) }),
    ({ design }, { Name, Controls }) => {
      design.component(Name);
      return { Name, Controls: Controls.map((control) => valuesOf(design.controlOf(Name, control.Name))) };
    },
  ),
  'Component.Set': method(
    z.object({ Name: nameSchema, Controls: z.array(changeSchema), ResponseValues: z.boolean().default(false) }),
    setComponent,
  ),
};
