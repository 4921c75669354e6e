import { findByKeys, type SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { findChanges, findLaterChange, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import { type Answer, byCaller, type SettingsDeps, setDisplays } from './settings.ts';
import type { Ask, Refused } from './settings-checks.ts';
import { type Planned, planDisplays, refusal, waitFor } from './settings-plans.ts';
import { type CheckedManner, type Fault, faultAt, givenAmong, SENT_SETTINGS } from './settings-rules.ts';
import { settingsTables as tables } from './tables.ts';

/** The settings that a change has set, or may have: of one that was refused, or never sent, only those that we keep ourselves. */
function settingsSetBy({ state, sentAt, wanted }: SettingsChangeRow): string[] {
  const names = Object.keys(wanted);
  const isUnsent = state === 'REJECTED' || (state === 'UNREACHABLE' && sentAt === null);
  return isUnsent ? names.filter((name) => !SENT_SETTINGS.some((sent) => sent === name)) : names;
}

/** Why a change can't be taken back, or what to ask for instead. */
async function undoOf(deps: SettingsDeps, change: SettingsChangeRow): Promise<Fault | Pick<Ask, 'sent' | 'kept'>> {
  const refuse = (code: Fault['code'], message: string): Fault => faultAt('input.id', code, message);
  if (change.state === 'PENDING' || change.state === 'SENDING')
    return refuse('CONFLICT', `the change ${change.id} has not come to its end yet`);
  const names = change.state === 'SUPERSEDED' ? [] : settingsSetBy(change);
  if (names.length === 0)
    return refuse(
      'INVALID',
      `the change ${change.id} is ${change.state} and changed nothing: there is nothing to take back`,
    );
  const later = await findLaterChange(deps.db, tables, change, names);
  if (later !== null)
    return refuse('CONFLICT', `the change ${later.id} has set ${Object.keys(later.wanted).join(' and ')} since`);
  const sentNames = names.filter((name) => SENT_SETTINGS.some((sent) => sent === name));
  const sent = givenAmong(change.before ?? {}, sentNames);
  const unknown = sentNames.filter((name) => !(name in sent));
  if (unknown.length > 0) return refuse('INVALID', `what ${unknown.join(' and ')} was before the change is not known`);
  // Of what we keep ourselves null is known: nothing was set.
  const keptNames = names.filter((name) => !sentNames.includes(name));
  return { sent, kept: Object.fromEntries(keptNames.map((name) => [name, change.before?.[name] ?? null])) };
}

/** A refusal of what an undo asks for: its caller gave the change and no values. */
const ofUndo = (answer: Refused, { expectedVersion }: CheckedManner): Refused => ({
  ...answer,
  faults: answer.faults.map((fault) => {
    const field = fault.path[1];
    const isGiven = field === 'idempotencyKey' || (field === 'expectedSettingsVersion' && expectedVersion !== null);
    return isGiven ? fault : { ...fault, path: ['input', 'id'] };
  }),
});

/** Takes a change back, or plans to. */
export async function undoChange(deps: SettingsDeps, id: string, manner: CheckedManner): Promise<Answer | Planned> {
  const { idempotencyKey, reason, waitMs } = manner;
  // First of all: by now the undo is itself the later change that would forbid it.
  const [earlier] = idempotencyKey ? await findByKeys(deps.db, tables, byCaller(deps).actor, [idempotencyKey]) : [];
  if (earlier !== undefined && !manner.isDryRun && earlier.undoes === id) return waitFor(deps, earlier, waitMs);
  const [change] = await findChanges(deps.db, tables, [id]);
  if (change === undefined) return refusal('', faultAt('input.id', 'NOT_FOUND', `there is no change ${id}`));
  const deviceId = change.subject;
  // Before the look at later changes: one that comes in between is a conflict.
  const version = (await findSettingsVersions(deps.db, tables, [deviceId])).get(deviceId) ?? 0;
  const undo = await undoOf(deps, change);
  if ('code' in undo) return refusal(deviceId, undo);
  const ask: Ask = {
    ...{ deviceId, ...undo, reason, idempotencyKey, undoes: id },
    expectedVersion: manner.expectedVersion ?? version,
  };
  const [answer] = manner.isDryRun ? await planDisplays(deps, [ask]) : await setDisplays(deps, [ask], { waitMs });
  if (answer === undefined) throw new Error('an undo was not answered');
  return answer.kind === 'refused' ? ofUndo(answer, manner) : answer;
}
