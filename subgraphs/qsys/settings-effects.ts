import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { effectsOnOpen } from '@wheelhouse/kit/settings-plan.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { listed } from '@wheelhouse/kit/settings-rules.ts';
import type { Settled } from './settings-checks.ts';
import { type AskedControl, holdsControl, isCrossPoint, type WantedControl, wayOf } from './settings-wanted.ts';
import type { CoreRow } from './store.ts';

export type PlanState = Pick<Settled, 'controls' | 'known' | 'before'> & {
  core: CoreRow | undefined;
  /** The Core's changes that have not come to their end, in order. */
  open: readonly Pick<SettingsChangeRow, 'id' | 'state' | 'wanted'>[];
};

const settings = (controls: readonly AskedControl[]): string =>
  listed(
    controls.map(({ setting }) => setting),
    ' and ',
  );

const rampOf = (wanted: WantedControl): number => ('rampSeconds' in wanted ? (wanted.rampSeconds ?? 0) : 0);

/** The groups of cross-points in words: how many of which mixer. */
function groupsIn(controls: readonly AskedControl[]): string[] {
  const groups = Map.groupBy(
    controls.filter(({ wanted }) => isCrossPoint(wanted)),
    ({ component, wanted }) => JSON.stringify([component, wanted]),
  );
  return [...groups.values()].flatMap((points) => {
    const [first] = points;
    if (first === undefined || !isCrossPoint(first.wanted)) return [];
    const { inputs, outputs } = first.wanted;
    const count = points.length === 1 ? '1 cross-point' : `${points.length} cross-points`;
    return [`${wayOf(first.wanted)} of ${count} of ${first.component} is set: inputs ${inputs}, outputs ${outputs}`];
  });
}

function effectsOnCore(core: CoreRow | undefined): string[] {
  if (core === undefined) return ['the Core has not been looked at yet'];
  if (core.lookProblem !== null) {
    const since =
      core.measuredAt === null ? 'has never answered' : `has not answered since ${core.measuredAt.toISOString()}`;
    return [`the Core ${since}: ${core.lookProblem}`];
  }
  return core.engineState === 'STANDBY'
    ? ['the Core is on standby, and refuses what the other one of its pair takes']
    : [];
}

/** What would follow from a change, for people. */
export function effectsOf({ controls, known, before, core, open }: PlanState): string[] {
  const fired = controls.filter(({ wanted }) => 'trigger' in wanted);
  const others = controls.filter(({ wanted }) => !('trigger' in wanted));
  const unread = others.filter(({ setting }) => before[setting] === null);
  const holds = (setting: string, value: WantedControl): boolean => {
    const read = before[setting];
    return read !== null && read !== undefined && holdsControl(read, value, known.get(setting));
  };
  const effects = groupsIn(others);
  if (fired.length === 0 && others.every(({ setting, wanted }) => holds(setting, wanted)))
    effects.push('nothing changes: it is so already');
  if (fired.length > 0) effects.push(`${settings(fired)} is fired: what it does can't be taken back`);
  if (unread.length > 0) effects.push(`what ${settings(unread)} is at present is not known`);
  for (const { setting, expected } of others)
    if (expected !== undefined && before[setting] !== null && !holds(setting, expected))
      effects.push(
        `it would be refused if the Core still says so: ${setting} was last ${JSON.stringify(before[setting])}, not ${JSON.stringify(expected)} as expected`,
      );
  const rampSeconds = Math.max(0, ...others.map(({ wanted }) => rampOf(wanted)));
  if (rampSeconds > 0) effects.push(`it takes ${rampSeconds} s, and the Core's other changes wait as long`);
  const wanted: SettingsValues = Object.fromEntries(controls.map((control) => [control.setting, control.wanted]));
  return [...effects, ...effectsOnOpen(open, wanted), ...effectsOnCore(core)];
}
