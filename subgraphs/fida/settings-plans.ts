import { openPlan, type Plan, planKey, sealPlan } from '@wheelhouse/kit/settings-plan.ts';
import { findByKeys, type SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { findOpenChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import { type Answer, byCaller, outcomesOf, type SettingsDeps, setDisplays } from './settings.ts';
import { type Ask, checkAsks, type Refused, type Settled } from './settings-checks.ts';
import { effectsOf, type Fault, faultAt, givenAmong, movedSince } from './settings-rules.ts';
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

/** A refusal of one fault; of a display that is not known where the id is empty. */
export const refusal = (deviceId: string, fault: Fault): Answer => ({
  ...{ kind: 'refused', deviceId, faults: [fault] },
  isKnown: deviceId !== '',
});

/** The answer for a change that there is already, after `waitMs` at most. */
export async function waitFor(deps: SettingsDeps, change: SettingsChangeRow, waitMs: number): Promise<Answer> {
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
  const by = byCaller(deps);
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
