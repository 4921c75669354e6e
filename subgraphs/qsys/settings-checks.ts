import type { Database } from '@wheelhouse/kit/database.ts';
import { shown } from '@wheelhouse/kit/errors.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { type AskedCrossPoints, expandCrossPoints } from './cross-points.ts';
import { type ControlRow, findComponents, findControls, findDesigns, findMixerSizes } from './design-store.ts';
import { settingOf } from './settings-names.ts';
import { type AskedControl, faultOfControl, type ReadControl } from './settings-wanted.ts';
import { findTargets } from './store.ts';

/** What is wanted of one Core, checked as far as that takes no look at what is known of it. */
export type Ask = {
  deviceId: string;
  controls: readonly AskedControl[];
  crossPoints: readonly AskedCrossPoints[];
  reason: string | null;
  expectedVersion?: number | null;
  idempotencyKey?: string | null;
  undoes?: string | null;
};

/** What may be set, and what is known of it. */
export type Settled = {
  ask: Ask;
  /** All controls, cross-points too. */
  controls: readonly AskedControl[];
  /** What the Core told of them, by setting; nothing of named controls. */
  known: ReadonlyMap<string, ControlRow>;
  /** What was read of them last; null for what never was. */
  before: Record<string, ReadControl | null>;
};

/** An ask that was refused. */
export type Refused = { kind: 'refused'; deviceId: string; isKnown: boolean; faults: Fault[] };

export const wantedOf = (controls: readonly AskedControl[]): SettingsValues =>
  Object.fromEntries(controls.map(({ setting, wanted }) => [setting, wanted]));

export const expectedOf = (controls: readonly AskedControl[]): SettingsValues =>
  Object.fromEntries(controls.flatMap(({ setting, expected }) => (expected ? [[setting, expected]] : [])));

const lastRead = ({ value, string, position }: ControlRow): ReadControl => ({ value, string, position });

function faultsOfControl(asked: AskedControl, components: ReadonlySet<string>, known: ControlRow | undefined): Fault[] {
  const { component, path, expected } = asked;
  if (component === null) return [];
  if (!components.has(component)) return [notShown(`${path}.component`, component)];
  const fault = faultOfControl(asked, known);
  if (fault !== null || expected === undefined) return fault === null ? [] : [fault];
  const wrong = faultOfControl({ ...asked, wanted: expected, path: `${path}.expected` }, known);
  return wrong === null ? [] : [wrong];
}

const notShown = (path: string, component: string): Fault =>
  faultAt(path, 'NOT_FOUND', `the design has no component ${component}, or does not show it`);

/** Checks what is wanted by what the Core last told of itself, which is nothing of named controls. */
export async function checkAsk(db: Database, ask: Ask): Promise<Settled | Refused> {
  const { deviceId } = ask;
  const refused = (faults: Fault[], isKnown = true): Refused => ({ kind: 'refused', deviceId, isKnown, faults });
  if ((await findTargets(db, [deviceId])).length === 0)
    return refused([faultAt('input.id', 'NOT_FOUND', `there is no Core ${shown(deviceId)}`)], false);
  const named = ask.controls.flatMap(({ component }) => component ?? []);
  const mixers = ask.crossPoints.map(({ mixer }) => mixer);
  if (named.length + mixers.length === 0) return settledOf(ask, ask.controls, new Map());
  if ((await findDesigns(db, [deviceId])).length === 0) {
    const message = 'what can be set on the Core is not known: its components have not been read yet';
    return refused([faultAt('input.id', 'NOT_SETTABLE', message)]);
  }
  const places = [...new Set([...named, ...mixers])].map((component) => ({ deviceId, component }));
  const components = new Set((await findComponents(db, places)).map(({ name }) => name));
  const groups = ask.crossPoints.filter(({ mixer }) => components.has(mixer));
  const faults = ask.crossPoints.flatMap(({ path, mixer }) =>
    components.has(mixer) ? [] : [notShown(`${path}.mixer`, mixer)],
  );
  const wanted = new Map(
    groups.map(({ mixer, control }) => [settingOf({ component: mixer, name: control }), { component: mixer, control }]),
  );
  const sizes = wanted.size > 0 ? await findMixerSizes(db, deviceId, [...wanted.values()]) : [];
  const expanded = expandCrossPoints(groups, sizes, ask.controls);
  faults.push(...expanded.faults);
  const controls = [...ask.controls, ...expanded.asked];
  const rows = await findControls(
    db,
    controls.flatMap(({ component, name }) => (component === null ? [] : [{ deviceId, component, name }])),
  );
  const known = new Map(rows.map((row) => [settingOf(row), row]));
  faults.push(...ask.controls.flatMap((asked) => faultsOfControl(asked, components, known.get(asked.setting))));
  // One mistake for a group: its cross-points are set to the same, and mostly alike.
  for (const points of Map.groupBy(expanded.asked, ({ path }) => path).values())
    faults.push(...points.flatMap((asked) => faultsOfControl(asked, components, known.get(asked.setting))).slice(0, 1));
  return faults.length > 0 ? refused(faults) : settledOf(ask, controls, known);
}

function settledOf(ask: Ask, controls: readonly AskedControl[], known: ReadonlyMap<string, ControlRow>): Settled {
  const before = Object.fromEntries(
    controls.map(({ setting }) => {
      const row = known.get(setting);
      return [setting, row ? lastRead(row) : null];
    }),
  );
  return { ask, controls, known, before };
}
