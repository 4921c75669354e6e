import { type AreaCheck, areaText } from './area.ts';
import { shown } from './errors.ts';
import { areaOf, type Identity } from './identity.ts';
import type { Sealer } from './sealed.ts';
import { type Fault, faultAt } from './settings-manner.ts';
import { openPlan } from './settings-plan.ts';

/** The scope without which nothing is set. */
const SCOPE = 'settings:write';

/** Who wants to set subjects, and what is known of them to whom. */
export type SettingsAccess = {
  identity: Identity;
  /** What a subject is called, for people. */
  noun: string;
  /** The subjects, removed ones too, that the caller may set. */
  maySet: AreaCheck;
  /** Whether a subject is there, as far as the caller sees. */
  isSeen: (subject: string) => Promise<boolean>;
  /** Whose settings a change has set; null where the caller knows of no such change. */
  subjectOf: (changeId: string) => Promise<string | null>;
};

/** Why somebody may not set a subject; `subject` is null where they are not to know whose settings these are. */
export type MayNot = { subject: string | null; fault: Fault };

/** Null where the caller may. A subject that they do not see is refused like one that is not there. */
export async function whyNotSet(access: SettingsAccess, subject: string, path = 'input.id'): Promise<MayNot | null> {
  const { identity, noun, maySet, isSeen } = access;
  if (await maySet.has(subject)) return null;
  if (!(await isSeen(subject)))
    return { subject: null, fault: faultAt(path, 'NOT_FOUND', `there is no ${noun} ${shown(subject)}`) };
  const held = `${SCOPE} holds at ${areaText(areaOf(identity, SCOPE))}`;
  const message = `${identity.name} may see this ${noun} and not set it: ${held}`;
  return { subject, fault: faultAt(path, 'FORBIDDEN', message) };
}

/** Null where the caller may, and for what is no plan. */
export async function whyNotApply(access: SettingsAccess, sealer: Sealer, planId: string): Promise<MayNot | null> {
  const plan = openPlan(sealer, planId);
  return plan && whyNotSet(access, plan.subject, 'input.plan');
}

/** Null where the caller may. A change of a subject that they know nothing of is refused like one that there is not. */
export async function whyNotUndo(access: SettingsAccess, changeId: string): Promise<MayNot | null> {
  const subject = await access.subjectOf(changeId);
  if (subject !== null) return whyNotSet(access, subject);
  return { subject: null, fault: faultAt('input.id', 'NOT_FOUND', `there is no change ${shown(changeId)}`) };
}
