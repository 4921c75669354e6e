import { z } from 'zod';
import { mixerControls } from './mixer-controls.ts';

const nameSchema = z.string().min(1).max(200);

const numberSchema = z
  .strictObject({
    kind: z.literal('number'),
    name: nameSchema,
    type: z.enum(['Float', 'Integer', 'Time']).default('Float'),
    min: z.number(),
    max: z.number(),
    value: z.number(),
    /** Times are in seconds. */
    unit: z.enum(['', 'dB', 's', '%', '°C', 'RPM']).default(''),
    isReadOnly: z.boolean().default(false),
    /** Moves by itself, to and fro between these values. */
    swing: z.strictObject({ low: z.number(), high: z.number(), periodSeconds: z.number().positive() }).optional(),
  })
  .refine(({ min, max }) => min < max, { error: 'min must be below max', path: ['min'] })
  .refine(({ min, max, value }) => value >= min && value <= max, {
    error: 'value must lie between min and max',
    path: ['value'],
  });

const toggleSchema = z.strictObject({
  kind: z.literal('toggle'),
  name: nameSchema,
  off: z.string().default('false'),
  on: z.string().default('true'),
  value: z.boolean().default(false),
  isReadOnly: z.boolean().default(false),
});

const textSchema = z
  .strictObject({
    kind: z.literal('text'),
    name: nameSchema,
    value: z.string().default(''),
    /** Where given, no other text is taken. */
    choices: z.array(z.string()).min(1).optional(),
    isReadOnly: z.boolean().default(false),
  })
  .refine(({ choices, value }) => choices === undefined || choices.includes(value), {
    error: 'value must be one of choices',
    path: ['value'],
  });

/** Does something at each set, and has no value. */
const triggerSchema = z.strictObject({ kind: z.literal('trigger'), name: nameSchema });

/** The status of what a component stands for: 0 is OK. A change of one has every client told the Core's status. */
const statusSchema = z.strictObject({
  kind: z.literal('status'),
  name: nameSchema,
  code: z.number().int().min(0).max(8).default(0),
  text: z.string().default('OK'),
});

const controlSchema = z.discriminatedUnion('kind', [
  numberSchema,
  toggleSchema,
  textSchema,
  triggerSchema,
  statusSchema,
]);

export type ControlDefinition = z.output<typeof controlSchema>;

const channelsSchema = z.number().int().min(0).max(256);

const componentSchema = z
  .strictObject({
    name: nameSchema,
    /** As the vendor's design tool names it: gain, mixer, meter2, cxq_amplifier, ... */
    type: z.string().min(1),
    properties: z.record(z.string(), z.string()).default({}),
    controls: z.array(controlSchema).default([]),
    /** A mixer has the controls of its channels besides. */
    mixer: z.strictObject({ inputs: channelsSchema, outputs: channelsSchema, cues: channelsSchema }).optional(),
  })
  .transform((component) => ({
    ...component,
    controls: [
      ...component.controls,
      ...(component.mixer === undefined ? [] : mixerControls(component.mixer)).map((c) => controlSchema.parse(c)),
    ],
  }));

const placeSchema = z.strictObject({ component: nameSchema, control: nameSchema });

const duplicateOf = (names: string[]): string | undefined => names.find((name, i) => names.indexOf(name) !== i);

/** What runs on a Core, as data. */
export const designSchema = z
  .strictObject({
    name: nameSchema,
    code: z.string().min(1),
    components: z.array(componentSchema),
    /** Controls that have a name of their own. */
    namedControls: z.record(nameSchema, placeSchema).default({}),
    snapshotBanks: z
      .array(
        z.strictObject({
          name: nameSchema,
          snapshots: z.number().int().min(1).max(24),
          controls: z.array(placeSchema),
        }),
      )
      .default([]),
  })
  .superRefine(({ components, namedControls, snapshotBanks }, context) => {
    const fault = (message: string): void => void context.addIssue({ code: 'custom', message });
    const twin = duplicateOf(components.map(({ name }) => name));
    if (twin !== undefined) fault(`two components are named ${twin}`);
    for (const { name, controls } of components) {
      const double = duplicateOf(controls.map((control) => control.name));
      if (double !== undefined) fault(`component ${name} has two controls named ${double}`);
    }
    const places = [...Object.values(namedControls), ...snapshotBanks.flatMap((bank) => bank.controls)];
    const known = new Set(
      components.flatMap(({ name, controls }) => controls.map((c) => JSON.stringify([name, c.name]))),
    );
    for (const { component, control } of places) {
      if (!known.has(JSON.stringify([component, control]))) fault(`component ${component} has no control ${control}`);
    }
  });

export type Design = z.output<typeof designSchema>;
/** A design as it is written down: what has a default may be left out. */
export type DesignInput = z.input<typeof designSchema>;
export type ComponentDefinition = Design['components'][number];
export type MixerSize = NonNullable<ComponentDefinition['mixer']>;
