import { faultsOfUndo, findUndoable } from '@wheelhouse/kit/settings-again.ts';
import { type CheckedManner, type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { listed } from '@wheelhouse/kit/settings-rules.ts';
import { z } from 'zod';
import { type Answer, byAnyone, type SettingsDeps, setControls, waitFor } from './settings.ts';
import type { Ask } from './settings-checks.ts';
import { controlOf } from './settings-names.ts';
import { type PlannedControls, planControls, refusal } from './settings-plans.ts';
import { type AskedControl, readShape, setsBack, wantedControls } from './settings-wanted.ts';
import { settingsTables as tables } from './tables.ts';

const invalid = (message: string): { fault: Fault } => ({ fault: faultAt('input.id', 'INVALID', message) });

/** The controls as they were before a change, or why they can't be set back. */
export function setBack(
  { id, wanted, before }: Pick<SettingsChangeRow, 'id' | 'wanted' | 'before'>,
  { exceptTriggers }: { exceptTriggers: boolean },
): { controls: AskedControl[] } | { fault: Fault } {
  const all = Object.entries(wantedControls(wanted));
  const fired = all.flatMap(([setting, control]) => ('trigger' in control ? [setting] : []));
  if (fired.length === all.length)
    return invalid(`the change ${id} fired ${listed(fired, ' and ')}: what a trigger did can't be taken back`);
  if (fired.length > 0 && !exceptTriggers) {
    const rest = 'give exceptTriggers to take the rest back';
    return invalid(`the change ${id} fired ${listed(fired, ' and ')} as well, which can't be taken back: ${rest}`);
  }
  const read = z.record(z.string(), readShape.nullable().catch(null)).parse(before ?? {});
  const others = all.filter(([, control]) => !('trigger' in control));
  const controls = others.flatMap(([setting, control]): AskedControl[] => {
    const earlier = read[setting];
    const back = earlier ? setsBack(earlier, control) : null;
    return back === null ? [] : [{ ...controlOf(setting), path: 'input.id', setting, wanted: back }];
  });
  const known = new Set(controls.map(({ setting }) => setting));
  const unknown = others.flatMap(([setting]) => (known.has(setting) ? [] : [setting]));
  return unknown.length > 0
    ? invalid(`what ${listed(unknown, ' and ')} was before the change is not known`)
    : { controls };
}

/** Takes a change back, or plans to. */
export async function undoControls(
  deps: SettingsDeps,
  { id, exceptTriggers }: { id: string; exceptTriggers: boolean },
  manner: CheckedManner,
): Promise<Answer | PlannedControls> {
  const { idempotencyKey, reason, waitMs } = manner;
  const found = await findUndoable({ db: deps.db, tables }, id, { actor: byAnyone(deps.now).actor, manner });
  if (found.kind === 'refused') return refusal(found);
  if (found.kind === 'before') return waitFor(deps, found.change, waitMs);
  const { change, version } = found;
  const back = setBack(change, { exceptTriggers });
  if ('fault' in back) return refusal({ subject: change.subject, fault: back.fault });
  const ask: Ask = {
    ...{ deviceId: change.subject, controls: back.controls, crossPoints: [], reason, idempotencyKey, undoes: id },
    expectedVersion: manner.expectedVersion ?? version,
  };
  const answer = manner.isDryRun ? await planControls(deps, ask) : await setControls(deps, ask, { waitMs });
  return answer.kind === 'refused' ? { ...answer, faults: faultsOfUndo(answer.faults, manner) } : answer;
}
