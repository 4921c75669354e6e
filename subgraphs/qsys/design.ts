import { z } from 'zod';
import type { ControlChange as PushedChange } from './qrc/message.ts';
import type { CoreLink, Failure, Refusal } from './qrc.ts';
import { printable } from './rules.ts';

/** What is read of a control. Null is what the Core did not give as a number. */
export type ControlValue = { value: number | null; string: string | null; position: number | null };

export type ControlDescription = ControlValue & {
  name: string;
  type: string;
  direction: 'READ_WRITE' | 'READ_ONLY';
  min: number | null;
  max: number | null;
};

export type ComponentDescription = { name: string; type: string; controls: ControlDescription[] };

/** A value of a control that has moved. */
export type ControlChange = ControlValue & { component: string; name: string };

/** A design of more than this is read as far as this: what one Core says must not fill memory or the database. */
const MOST_COMPONENTS = 5_000;
const MOST_CONTROLS = 100_000;
/** Requests under way at a time, so that a large design is not asked for in one burst. */
const AT_ONCE = 8;

const text = z.string().transform((given) => printable(given));
/** A Boolean's value comes as a truth or as 0 and 1; a text's is no number at all. */
const number = z
  .union([z.number(), z.boolean().transform(Number)])
  .nullish()
  .catch(null)
  .transform((given) => given ?? null);

const valueFields = {
  Value: number,
  String: text
    .nullish()
    .catch(null)
    .transform((given) => given ?? null),
  Position: number,
};
type ReadValue = { Value: number | null; String: string | null; Position: number | null };
export const readingOf = ({ Value, String: words, Position }: ReadValue): ControlValue => ({
  ...{ value: Value, string: words, position: Position },
});

/** Controls as Control.Get and Component.Get tell them. */
export const readControls = z.array(z.object({ Name: z.string(), ...valueFields }));
export const readComponent = z.object({ Controls: readControls });

const componentsShape = z.array(z.object({ Name: text, Type: text }));
const controlsShape = z.object({
  Controls: z.array(
    z.object({
      ...{ Name: text, Type: text.catch('Unknown'), ...valueFields, ValueMin: number, ValueMax: number },
      Direction: z.string().catch('Read Only'),
    }),
  ),
});

/** The Core did not do what reading its design takes; the next look tries again. */
export class DesignError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const failureOf = (method: string, reply: Failure | Refusal): DesignError =>
  reply.kind === 'couldNotLook'
    ? new DesignError(reply.cause.code, `${method}: ${reply.cause.text}`)
    : new DesignError(reply.kind === 'silent' ? 'NO_ANSWER' : reply.code, `${method}: ${reply.detail}`);

/** @throws DesignError */
async function ask<Shape extends z.ZodType>(
  link: CoreLink,
  { method, params, shape, signal }: { method: string; params: unknown; shape: Shape; signal: AbortSignal },
): Promise<z.output<Shape>> {
  const reply = await link.request(method, params, signal);
  signal.throwIfAborted();
  if (reply.kind !== 'result') throw failureOf(method, reply);
  const parsed = shape.safeParse(reply.result);
  if (parsed.success) return parsed.data;
  throw new DesignError('MALFORMED', `${method}: the Core's answer is not of the form that it should be`);
}

async function readControlsOf(link: CoreLink, component: string, signal: AbortSignal): Promise<ControlDescription[]> {
  const { Controls } = await ask(link, {
    ...{ method: 'Component.GetControls', params: { Name: component }, shape: controlsShape, signal },
  });
  const byName = new Map(
    Controls.map((control): [string, ControlDescription] => {
      const { Name, Type, Direction, ValueMin, ValueMax } = control;
      const direction = Direction === 'Read/Write' ? 'READ_WRITE' : 'READ_ONLY';
      return [Name, { name: Name, type: Type, direction, min: ValueMin, max: ValueMax, ...readingOf(control) }];
    }),
  );
  return [...byName.values()];
}

/** All components of a Core's design with their controls, in the Core's order. @throws DesignError */
export async function readDesign(link: CoreLink, signal: AbortSignal): Promise<ComponentDescription[]> {
  const listed = await ask(link, {
    ...{ method: 'Component.GetComponents', params: null, shape: componentsShape, signal },
  });
  const types = new Map(listed.slice(0, MOST_COMPONENTS).map(({ Name, Type }) => [Name, Type]));
  const found: ComponentDescription[] = [];
  let controlsLeft = MOST_CONTROLS;
  const waiting = [...types];
  while (waiting.length > 0 && controlsLeft > 0) {
    const read = waiting.splice(0, AT_ONCE).map(async ([name, type]) => ({
      ...{ name, type },
      controls: await readControlsOf(link, name, signal),
    }));
    for (const component of await Promise.all(read)) {
      const kept = component.controls.slice(0, controlsLeft);
      controlsLeft -= kept.length;
      found.push({ ...component, controls: kept });
    }
  }
  return found;
}

/** A value that a Core has pushed, as it is kept. */
export const keptValue = ({ value, text: words, position }: PushedChange): ControlValue => ({
  value: typeof value === 'string' || value === null ? null : Number(value),
  string: words === null ? null : printable(words),
  position,
});

/** What a Core has pushed, as it is stored: what goes by a name of its own, and of no component, is not. */
export const keptChanges = (changes: readonly PushedChange[]): ControlChange[] =>
  changes.flatMap((change) =>
    change.component === null
      ? []
      : [{ component: printable(change.component), name: printable(change.name), ...keptValue(change) }],
  );
