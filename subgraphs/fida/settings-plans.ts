import { openPlan, type Plan, planKey, sealPlan } from '@wheelhouse/kit/settings-plan.ts';
import { findByKeys, type SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { findChanges, findLaterChange, findOpenChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import { type Answer, byAnyone, outcomesOf, type SettingsDeps, setDisplays } from './settings.ts';
import { type Ask, checkAsks, type Refused, type Settled } from './settings-checks.ts';
import {
  type CheckedManner,
  effectsOf,
  type Fault,
  faultAt,
  givenAmong,
  movedSince,
  SENT_SETTINGS,
} from './settings-rules.ts';
import { settingsTables as tables } from './tables.ts';

/** A dry run of one display. */
export type Planned = {
  kind: 'planned';
  deviceId: string;
  id: string;
  expiresAt: Date;
  madeAt: Date;
  plan: Omit<Plan, 'nonce' | 'expiresAtMs'>;
  effects: string[];
};

/** What would come of each, without a trace: nothing but reads. In the order of `asks`. */
export async function planDisplays(deps: SettingsDeps, asks: readonly Ask[]): Promise<(Planned | Refused)[]> {
  const { db, sealer } = deps;
  const { settled, refused } = await checkAsks(deps, asks);
  const ids = settled.map(({ ask }) => ask.deviceId);
  const versions = await findSettingsVersions(db, tables, ids);
  const open = Map.groupBy(await findOpenChanges(db, tables, ids), ({ subject }) => subject);
  const madeAt = deps.now();
  const planOf = ({ ask, display, before, keptEffects }: Settled): Planned | Refused => {
    const { deviceId, sent, kept, expectedVersion, reason } = ask;
    const settingsVersion = versions.get(deviceId) ?? 0;
    if (typeof expectedVersion === 'number' && expectedVersion !== settingsVersion) {
      const message = `settingsVersion is ${settingsVersion} by now, and not ${expectedVersion} as expected`;
      const fault = faultAt('input.expectedSettingsVersion', 'CONFLICT', message);
      return { kind: 'refused', deviceId, isKnown: true, faults: [fault] };
    }
    const plan = {
      ...{ subject: deviceId, sent, kept, before: { ...before.sent, ...before.kept }, settingsVersion, reason },
      undoes: ask.undoes ?? null,
      expected: ask.expected ?? {},
    };
    const effects = effectsOf({
      ...{ wanted: { ...kept, ...sent }, before: plan.before, expected: ask.expected ?? null, display },
      open: open.get(deviceId) ?? [],
    });
    effects.push(...keptEffects());
    return { kind: 'planned', deviceId, ...sealPlan(sealer, plan, madeAt), madeAt, plan, effects };
  };
  const byDevice = new Map([...refused, ...settled.map(planOf)].map((answer) => [answer.deviceId, answer]));
  return asks.flatMap(({ deviceId }) => byDevice.get(deviceId) ?? []);
}

const refusal = (deviceId: string, fault: Fault): Answer => ({
  ...{ kind: 'refused', deviceId, faults: [fault] },
  isKnown: deviceId !== '',
});

async function waitFor(deps: SettingsDeps, change: SettingsChangeRow, waitMs: number): Promise<Answer> {
  const ended = await outcomesOf(deps, [change.id], waitMs);
  return { kind: 'taken', deviceId: change.subject, change: ended.get(change.id) ?? change };
}

/** A refusal of what a plan asks for: its caller gave the plan and nothing else. */
const ofPlan = (answer: Refused): Refused => ({
  ...answer,
  faults: answer.faults.map((fault) => ({ ...fault, path: ['input', 'plan'] })),
});

/** Applies a dry run, if everything is still as it was when it was made. */
export async function applyPlan(deps: SettingsDeps, planId: string, waitMs: number): Promise<Answer> {
  const plan = openPlan(deps.sealer, planId);
  if (plan === null) return refusal('', faultAt('input.plan', 'INVALID', 'plan is not the id of a plan'));
  const { subject, sent, kept, before, settingsVersion, reason, undoes } = plan;
  const by = byAnyone(deps.now);
  const [earlier] = await findByKeys(deps.db, tables, by.actor, [planKey(plan)]);
  if (earlier !== undefined) return waitFor(deps, earlier, waitMs);
  if (by.at.getTime() >= plan.expiresAtMs) {
    const message = `plan was valid until ${new Date(plan.expiresAtMs).toISOString()}: make the dry run again`;
    return refusal(subject, faultAt('input.plan', 'INVALID', message));
  }
  const ask: Ask = {
    ...{ deviceId: subject, sent, kept, reason, undoes, idempotencyKey: planKey(plan) },
    // The display is asked as well: its values may have moved since the last look.
    expected: { ...givenAmong(before, Object.keys(sent)), ...plan.expected },
    expectedVersion: settingsVersion,
  };
  const { settled, refused } = await checkAsks(deps, [ask]);
  const present = settled[0]?.before;
  if (present === undefined)
    return refused[0]
      ? ofPlan(refused[0])
      : refusal(subject, faultAt('input.plan', 'INVALID', 'plan can not be applied'));
  const moved = movedSince(before, { ...present.sent, ...present.kept });
  if (moved.length > 0) {
    const message = `the display is no longer as it was when the plan was made: ${moved.join('; ')}`;
    return refusal(subject, faultAt('input.plan', 'CONFLICT', message));
  }
  const [answer] = await setDisplays(deps, [ask], { waitMs });
  if (answer === undefined) throw new Error('an applied plan was not answered');
  return answer.kind === 'taken' ? answer : ofPlan(answer);
}

/** Why a change can't be taken back, or what to ask for instead. */
async function undoOf(deps: SettingsDeps, change: SettingsChangeRow): Promise<Fault | Pick<Ask, 'sent' | 'kept'>> {
  const refuse = (code: Fault['code'], message: string): Fault => faultAt('input.id', code, message);
  if (change.state === 'PENDING' || change.state === 'SENDING')
    return refuse('CONFLICT', `the change ${change.id} has not come to its end yet`);
  if (change.state === 'REJECTED' || change.state === 'SUPERSEDED')
    return refuse('INVALID', `the change ${change.id} is ${change.state}: there is nothing to take back`);
  const later = await findLaterChange(deps.db, tables, change);
  if (later !== null)
    return refuse('CONFLICT', `the change ${later.id} has set ${Object.keys(later.wanted).join(' and ')} since`);
  const names = Object.keys(change.wanted);
  const sentNames = names.filter((name) => SENT_SETTINGS.some((sent) => sent === name));
  const sent = givenAmong(change.before ?? {}, sentNames);
  const unknown = sentNames.filter((name) => !(name in sent));
  if (unknown.length > 0) return refuse('INVALID', `what ${unknown.join(' and ')} was before the change is not known`);
  // Of what we keep ourselves null is known: nothing was set.
  const keptNames = names.filter((name) => !sentNames.includes(name));
  return { sent, kept: Object.fromEntries(keptNames.map((name) => [name, change.before?.[name] ?? null])) };
}

/** Takes a change back, or plans to. */
export async function undoChange(deps: SettingsDeps, id: string, manner: CheckedManner): Promise<Answer | Planned> {
  const { idempotencyKey, reason, waitMs } = manner;
  // First of all: by now the undo is itself the later change that would forbid it.
  const [earlier] = idempotencyKey ? await findByKeys(deps.db, tables, byAnyone(deps.now).actor, [idempotencyKey]) : [];
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
  return answer;
}
