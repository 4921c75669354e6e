import { callerError } from '@wheelhouse/kit/errors.ts';
import { type ControlName, settingOf } from '../settings-names.ts';

/** What a subscriber wants to hear of a Core. */
export type LiveAsk = {
  deviceId: string;
  /** Components of which all controls are wanted. */
  components: readonly string[];
  controls: readonly ControlName[];
};

/** A component, or a control, that the design does not show. `name` is null for a whole component. */
export type Missing = { component: string | null; name: string | null };

/** A control as the store has it, as far as it matters here. */
type KnownControl = { component: string; name: string };

/** The controls that an ask comes to, by the design as it is known. */
export type Resolved = { controls: ReadonlyMap<string, ControlName>; missing: readonly Missing[] };

const MOST_COMPONENTS = 50;
const MOST_CONTROLS = 1_000;
/** A mixer may have ten thousands: what is told of them at once must stay a message of bearable size. */
const MOST_TOLD = 5_000;
const NAME_CHARACTERS = 200;

const refuse = (field: string, message: string): Error => callerError('BAD_USER_INPUT', `${field} ${message}`, field);

function checkName(field: string, name: string): void {
  if (name.length < 1 || name.length > NAME_CHARACTERS)
    throw refuse(field, `must have 1 to ${NAME_CHARACTERS} characters`);
  if (!name.isWellFormed() || /\p{Cc}/u.test(name))
    throw refuse(field, 'must be well-formed text without control characters');
}

type Given = {
  id: string;
  components?: readonly string[] | null | undefined;
  controls?: readonly { component?: string | null | undefined; name: string }[] | null | undefined;
};

/** Checks what is asked for as far as that is possible without knowing the Core. @throws BAD_USER_INPUT that names argument and limit */
export function checkLiveAsk({ id, components: ofAll, controls: single }: Given): LiveAsk {
  const components = ofAll ?? [];
  const controls = single ?? [];
  if (components.length + controls.length === 0)
    throw refuse('components', 'or controls must name something: this would be told nothing');
  if (components.length > MOST_COMPONENTS)
    throw refuse('components', `must have at most ${MOST_COMPONENTS} items, and has ${components.length}`);
  if (controls.length > MOST_CONTROLS)
    throw refuse('controls', `must have at most ${MOST_CONTROLS} items, and has ${controls.length}`);
  for (const [index, name] of components.entries()) checkName(`components.${index}`, name);
  for (const [index, { component, name }] of controls.entries()) {
    checkName(`controls.${index}.name`, name);
    if (typeof component === 'string') checkName(`controls.${index}.component`, component);
  }
  return {
    deviceId: id,
    components: [...new Set(components)],
    controls: controls.map(({ component, name }) => ({ component: component ?? null, name })),
  };
}

/**
 * The controls that an ask comes to. Named controls are the Core's to know.
 *
 * @param known all controls of the components that are named in the ask; null where the design is not known yet
 */
export function resolveAsk({ components, controls }: LiveAsk, known: readonly KnownControl[] | null): Resolved {
  const found = new Map<string, ControlName>();
  const missing: Missing[] = [];
  const add = ({ component, name }: ControlName): void => {
    found.set(settingOf({ component, name }), { component, name });
  };
  const byComponent = Map.groupBy(known ?? [], ({ component }) => component);
  for (const component of components) {
    const own = byComponent.get(component);
    if (own === undefined) missing.push({ component, name: null });
    for (const control of own ?? []) add(control);
  }
  const shown = new Set((known ?? []).map(settingOf));
  for (const control of controls) {
    const isShown = known === null || control.component === null || shown.has(settingOf(control));
    if (isShown) add(control);
    else missing.push(control);
  }
  return { controls: found, missing };
}

/** Refuses what the design does not show, and what would be too much at once. @throws BAD_USER_INPUT that names argument and limit */
export function checkResolved({ components, controls }: LiveAsk, { controls: found, missing }: Resolved): void {
  const [first] = missing;
  if (first !== undefined && first.component !== null) {
    const isWhole = first.name === null;
    const index = isWhole
      ? components.indexOf(first.component)
      : controls.findIndex(({ component, name }) => component === first.component && name === first.name);
    throw isWhole
      ? refuse(
          `components.${index}`,
          `is ${first.component}: the Core's design has no such component, or does not show it`,
        )
      : refuse(
          `controls.${index}`,
          `is ${first.name} of ${first.component}: the Core's design has no such control, or does not show it`,
        );
  }
  if (found.size > MOST_TOLD)
    throw refuse(
      'components',
      `come to ${found.size} controls, and at most ${MOST_TOLD} are told at a time: name the controls`,
    );
}
