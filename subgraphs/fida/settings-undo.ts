import { faultsOfUndo, findUndoable } from '@wheelhouse/kit/settings-again.ts';
import { type CheckedManner, type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { type Answer, byAnyone, type SettingsDeps, setDisplays } from './settings.ts';
import type { Ask } from './settings-checks.ts';
import { type PlannedDisplay, planDisplays, refusal, waitFor } from './settings-plans.ts';
import { givenAmong, SENT_SETTINGS } from './settings-rules.ts';
import { settingsTables as tables } from './tables.ts';

const isSent = (name: string): boolean => SENT_SETTINGS.some((sent) => sent === name);

/** What takes these settings of a change back, or why nothing does. */
function undoOf({ before }: SettingsChangeRow, names: readonly string[]): Fault | Pick<Ask, 'sent' | 'kept'> {
  const sentNames = names.filter(isSent);
  const sent = givenAmong(before ?? {}, sentNames);
  const unknown = sentNames.filter((name) => !(name in sent));
  if (unknown.length > 0)
    return faultAt('input.id', 'INVALID', `what ${unknown.join(' and ')} was before the change is not known`);
  // Of what we keep ourselves null is known: nothing was set.
  const keptNames = names.filter((name) => !isSent(name));
  return { sent, kept: Object.fromEntries(keptNames.map((name) => [name, before?.[name] ?? null])) };
}

/** Takes a change back, or plans to. */
export async function undoChange(
  deps: SettingsDeps,
  id: string,
  manner: CheckedManner,
): Promise<Answer | PlannedDisplay> {
  const { idempotencyKey, reason, waitMs } = manner;
  const { actor } = byAnyone(deps.now);
  const found = await findUndoable({ db: deps.db, tables }, id, { actor, manner, isKept: (name) => !isSent(name) });
  if (found.kind === 'refused') return refusal(found);
  if (found.kind === 'before') return waitFor(deps, found.change, waitMs);
  const { change, names, version } = found;
  const undo = undoOf(change, names);
  if ('code' in undo) return refusal({ subject: change.subject, fault: undo });
  const ask: Ask = {
    ...{ deviceId: change.subject, ...undo, reason, idempotencyKey, undoes: id },
    expectedVersion: manner.expectedVersion ?? version,
  };
  const [answer] = manner.isDryRun ? await planDisplays(deps, [ask]) : await setDisplays(deps, [ask], { waitMs });
  if (answer === undefined) throw new Error('an undo was not answered');
  return answer.kind === 'refused' ? { ...answer, faults: faultsOfUndo(answer.faults, manner) } : answer;
}
