import type { Queryable } from './database.ts';
import { shown } from './errors.ts';
import type { Sealer } from './sealed.ts';
import { type CheckedManner, type Fault, faultAt } from './settings-manner.ts';
import { openPlan, type Plan, planKey } from './settings-plan.ts';
import { findByKeys, type SettingsChangeRow, type SettingsTables } from './settings-requests.ts';
import { listed } from './settings-rules.ts';
import { findChanges, findLaterChange, findSettingsVersions } from './settings-store.ts';

type Where = { db: Queryable; tables: SettingsTables };

/** Why a plan or a change is not taken up again; `subject` is null where nobody knows whose it is. */
export type NotAgain = { kind: 'refused'; subject: string | null; fault: Fault };
/** It was taken up before, and this came of it. */
export type AgainBefore = { kind: 'before'; change: SettingsChangeRow };

const refused = (subject: string | null, fault: Fault): NotAgain => ({ kind: 'refused', subject, fault });

/** The plan that a caller wants applied, if that is still possible as far as nobody has to look at its subject. */
export async function findPlan(
  { db, tables, sealer }: Where & { sealer: Sealer },
  id: string,
  by: { actor: string; at: Date },
): Promise<NotAgain | AgainBefore | { kind: 'plan'; plan: Plan }> {
  const plan = openPlan(sealer, id);
  if (plan === null) return refused(null, faultAt('input.plan', 'INVALID', 'plan is not the id of a plan'));
  const [earlier] = await findByKeys(db, tables, by.actor, [planKey(plan)]);
  if (earlier !== undefined) return { kind: 'before', change: earlier };
  if (by.at.getTime() < plan.expiresAtMs) return { kind: 'plan', plan };
  const message = `plan was valid until ${new Date(plan.expiresAtMs).toISOString()}: make the dry run again`;
  return refused(plan.subject, faultAt('input.plan', 'INVALID', message));
}

/** Mistakes in what a plan asks for: its caller gave the plan and nothing else. */
export const faultsOfPlan = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, path: ['input', 'plan'] }));

/** The settings that a change has set, or may have: of one that was refused, or never sent, only those that we keep ourselves. */
function settingsSetBy({ state, sentAt, wanted }: SettingsChangeRow, isKept: (name: string) => boolean): string[] {
  if (state === 'SUPERSEDED') return [];
  const names = Object.keys(wanted);
  const isUnsent = state === 'REJECTED' || (state === 'UNREACHABLE' && sentAt === null);
  return isUnsent ? names.filter(isKept) : names;
}

/**
 * The change that a caller wants taken back, with the names of the settings that it has set, and the version that the subject's settings
 * had before later changes were looked for: one that comes in between is a conflict by that.
 *
 * @param isKept whether a setting is one that we keep ourselves
 */
export async function findUndoable(
  { db, tables }: Where,
  id: string,
  options: { actor: string; manner: CheckedManner; isKept?: (name: string) => boolean },
): Promise<NotAgain | AgainBefore | { kind: 'undoable'; change: SettingsChangeRow; names: string[]; version: number }> {
  const { idempotencyKey, isDryRun } = options.manner;
  // First of all: by now the undo is itself the later change that would forbid it.
  const [earlier] = idempotencyKey ? await findByKeys(db, tables, options.actor, [idempotencyKey]) : [];
  if (earlier !== undefined && !isDryRun && earlier.undoes === id) return { kind: 'before', change: earlier };
  const [change] = await findChanges(db, tables, [id]);
  if (change === undefined) return refused(null, faultAt('input.id', 'NOT_FOUND', `there is no change ${shown(id)}`));
  const { subject } = change;
  const refuse = (code: Fault['code'], message: string): NotAgain =>
    refused(subject, faultAt('input.id', code, message));
  const version = (await findSettingsVersions(db, tables, [subject])).get(subject) ?? 0;
  if (change.state === 'PENDING' || change.state === 'SENDING')
    return refuse('CONFLICT', `the change ${id} has not come to its end yet`);
  const names = settingsSetBy(change, options.isKept ?? (() => false));
  if (names.length === 0)
    return refuse('INVALID', `the change ${id} is ${change.state} and changed nothing: there is nothing to take back`);
  const later = await findLaterChange(db, tables, change, names);
  if (later !== null) {
    const again = Object.keys(later.wanted).filter((name) => names.includes(name));
    return refuse('CONFLICT', `the change ${later.id} has set ${listed(again, ' and ')} since`);
  }
  return { kind: 'undoable', change, names, version };
}

/** Mistakes in what an undo asks for: its caller gave the change and no values. */
export const faultsOfUndo = (faults: readonly Fault[], { expectedVersion }: CheckedManner): Fault[] =>
  faults.map((fault) => {
    const field = fault.path[1];
    const isGiven = field === 'idempotencyKey' || (field === 'expectedSettingsVersion' && expectedVersion !== null);
    return isGiven ? fault : { ...fault, path: ['input', 'id'] };
  });
