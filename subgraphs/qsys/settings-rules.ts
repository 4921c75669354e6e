import { type Fault, faultAt, isLine } from '@wheelhouse/kit/settings-manner.ts';
import { settingOf } from './settings-names.ts';
import { type AskedControl, type WantedControl, wantedShape } from './settings-wanted.ts';

const MAX_CONTROLS = 50;
const MAX_NAME = 200;
const MAX_TEXT = 1_000;
/** A Core's changes run one after the other: a longer ramp would hold the others up for as long. */
const MAX_RAMP_SECONDS = 60;

const EXPECTED_WAYS = ['value', 'position', 'mute', 'text'] as const;
const WAYS = [...EXPECTED_WAYS, 'trigger'] as const;

type ValueInput = {
  value?: number | null | undefined;
  position?: number | null | undefined;
  mute?: boolean | null | undefined;
  text?: string | null | undefined;
};
export type ControlInput = ValueInput & {
  component?: string | null | undefined;
  name: string;
  trigger?: boolean | null | undefined;
  rampSeconds?: number | null | undefined;
  expected?: ValueInput | null | undefined;
};

/** Takes note of mistakes in the fields of one input. */
export function faultsBelow(path: string) {
  const faults: Fault[] = [];
  const refuse = (field: string, message: string, code: Fault['code'] = 'INVALID'): void => {
    faults.push(faultAt(`${path}.${field}`, code, `${field} ${message}`));
  };
  return { faults, refuse };
}
type Refuse = ReturnType<typeof faultsBelow>['refuse'];

export function checkName(field: string, name: string, refuse: Refuse): void {
  if (name.length < 1 || name.length > MAX_NAME) refuse(field, `must have 1 to ${MAX_NAME} characters`);
  else if (!isLine(name)) refuse(field, 'must be well-formed text without control characters');
}

/** The one of these fields that is given, or the mistake that none is, or several are. */
export function onlyOneOf<Way extends string>(
  input: { readonly [way in Way]?: unknown },
  ways: readonly Way[],
  path: string,
): { way: Way } | { fault: Fault } {
  const given = ways.filter((way) => input[way] !== null && input[way] !== undefined);
  const [way] = given;
  if (way !== undefined && given.length === 1) return { way };
  const what = given.length > 1 ? `, and not ${given.join(' and ')} together` : '';
  return { fault: faultAt(path, 'INVALID', `give exactly one of ${ways.join(', ')}${what}`) };
}

/** @param isRamped whether what is set can be reached over some time; `way` names it */
export function checkRamp(
  rampSeconds: number | null | undefined,
  { way, isRamped }: { way: string; isRamped: boolean },
  refuse: Refuse,
): void {
  if (typeof rampSeconds !== 'number') return;
  if (!isRamped) refuse('rampSeconds', `is not used with ${way}`);
  else if (rampSeconds < 0 || rampSeconds > MAX_RAMP_SECONDS)
    refuse('rampSeconds', `must be 0 to ${MAX_RAMP_SECONDS}`, 'OUT_OF_RANGE');
}

function checkValue({ position, text }: ValueInput, way: string, refuse: Refuse): void {
  if (way === 'position' && !((position ?? 0) >= 0 && (position ?? 0) <= 1))
    refuse('position', 'must be 0 to 1', 'OUT_OF_RANGE');
  if (way !== 'text') return;
  if ((text ?? '').length > MAX_TEXT) refuse('text', `must have at most ${MAX_TEXT} characters`);
  else if (!isLine(text ?? '')) refuse('text', 'must be well-formed text without control characters');
}

function checkExpected(input: ValueInput, path: string): WantedControl | Fault[] {
  const found = onlyOneOf(input, EXPECTED_WAYS, path);
  if ('fault' in found) return [found.fault];
  const { faults, refuse } = faultsBelow(path);
  checkValue(input, found.way, refuse);
  return faults.length > 0 ? faults : wantedShape.parse({ [found.way]: input[found.way] });
}

function checkControl(input: ControlInput, path: string): AskedControl | Fault[] {
  const { faults, refuse } = faultsBelow(path);
  const component = input.component ?? null;
  checkName('name', input.name, refuse);
  if (component !== null) checkName('component', component, refuse);
  const found = onlyOneOf(input, WAYS, path);
  if ('fault' in found) return [...faults, found.fault];
  const { way } = found;
  checkValue(input, way, refuse);
  if (way === 'trigger' && input.trigger !== true) refuse('trigger', 'must be true, or left out');
  const { rampSeconds } = input;
  checkRamp(rampSeconds, { way, isRamped: way === 'value' || way === 'position' }, refuse);
  if (input.expected && way === 'trigger') refuse('expected', 'is not used with trigger');
  const expected = input.expected ? checkExpected(input.expected, `${path}.expected`) : null;
  if (Array.isArray(expected)) faults.push(...expected);
  if (faults.length > 0 || Array.isArray(expected)) return faults;
  const wanted = wantedShape.parse({ [way]: input[way], ...(rampSeconds ? { rampSeconds } : {}) });
  const setting = settingOf({ component, name: input.name });
  return { component, name: input.name, path, setting, wanted, ...(expected && { expected }) };
}

/** Checks the controls of a request as far as that is possible without knowing the Core. */
export function checkControls(
  given: readonly ControlInput[] | null | undefined,
  crossPoints: readonly unknown[] | null | undefined,
): { asked: AskedControl[]; faults: Fault[] } {
  const inputs = given ?? [];
  const least = (crossPoints ?? []).length > 0 ? 0 : 1;
  if (inputs.length < least || inputs.length > MAX_CONTROLS) {
    const or = least === 1 ? ' where no crossPoints are given' : '';
    const message = `controls must have ${least} to ${MAX_CONTROLS} items${or}, and has ${inputs.length}`;
    return { asked: [], faults: [faultAt('input.controls', 'INVALID', message)] };
  }
  const asked: AskedControl[] = [];
  const faults: Fault[] = [];
  const places = new Map<string, string>();
  for (const [index, input] of inputs.entries()) {
    const path = `input.controls.${index}`;
    const checked = checkControl(input, path);
    if (Array.isArray(checked)) {
      faults.push(...checked);
      continue;
    }
    const first = places.get(checked.setting);
    if (first !== undefined)
      faults.push(faultAt(`${path}.name`, 'INVALID', `name is that of ${first} already: a control can be set once`));
    else asked.push(checked);
    places.set(checked.setting, path);
  }
  return { asked, faults };
}
