import { faultsOfPlan, findPlan, type NotAgain } from '@wheelhouse/kit/settings-again.ts';
import { outcomesOf, versionConflict } from '@wheelhouse/kit/settings-answers.ts';
import { faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { movedSince, planKey, sealPlan } from '@wheelhouse/kit/settings-plan.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import type { Planned } from '@wheelhouse/kit/settings-shape.ts';
import { findOpenChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import { type Answer, byAnyone, type SettingsDeps, setDisplays } from './settings.ts';
import { type Ask, checkAsks, type Refused, type Settled } from './settings-checks.ts';
import { effectsOf, givenAmong } from './settings-rules.ts';
import { settingsTables as tables } from './tables.ts';

/** A dry run of one display. */
export type PlannedDisplay = Planned & { kind: 'planned'; deviceId: string };

/** What would come of each, without a trace: nothing but reads. In the order of `asks`. */
export async function planDisplays(deps: SettingsDeps, asks: readonly Ask[]): Promise<(PlannedDisplay | Refused)[]> {
  const { db, sealer } = deps;
  const { settled, refused } = await checkAsks(deps, asks);
  const ids = settled.map(({ ask }) => ask.deviceId);
  const versions = await findSettingsVersions(db, tables, ids);
  const open = Map.groupBy(await findOpenChanges(db, tables, ids), ({ subject }) => subject);
  const madeAt = deps.now();
  const planOf = ({ ask, display, before, keptEffects }: Settled): PlannedDisplay | Refused => {
    const { deviceId, sent, kept, expectedVersion, reason } = ask;
    const settingsVersion = versions.get(deviceId) ?? 0;
    if (typeof expectedVersion === 'number' && expectedVersion !== settingsVersion) {
      const faults = [versionConflict(settingsVersion, expectedVersion)];
      return { kind: 'refused', deviceId, isKnown: true, faults };
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

/** Why a plan is not applied, or a change is not taken back; of no display where nobody knows whose it is. */
export const refusal = ({ subject, fault }: Pick<NotAgain, 'subject' | 'fault'>): Answer => ({
  ...{ kind: 'refused', deviceId: subject ?? '', faults: [fault] },
  isKnown: subject !== null,
});

/** The answer for a change that there is already, after `waitMs` at most. */
export async function waitFor(deps: SettingsDeps, change: SettingsChangeRow, waitMs: number): Promise<Answer> {
  const ended = await outcomesOf(deps, [change.id], waitMs);
  return { kind: 'taken', deviceId: change.subject, change: ended.get(change.id) ?? change };
}

const ofPlan = (answer: Refused): Refused => ({ ...answer, faults: faultsOfPlan(answer.faults) });

/** Applies a dry run, if everything is still as it was when it was made. */
export async function applyPlan(deps: SettingsDeps, planId: string, waitMs: number): Promise<Answer> {
  const found = await findPlan({ db: deps.db, tables, sealer: deps.sealer }, planId, byAnyone(deps.now));
  if (found.kind === 'refused') return refusal(found);
  if (found.kind === 'before') return waitFor(deps, found.change, waitMs);
  const { plan } = found;
  const { subject, sent, kept, before, reason, undoes } = plan;
  const ask: Ask = {
    ...{ deviceId: subject, sent, kept, reason, undoes, idempotencyKey: planKey(plan) },
    // The display is asked as well: its values may have moved since the last look.
    expected: { ...givenAmong(before, Object.keys(sent)), ...plan.expected },
    expectedVersion: plan.settingsVersion,
  };
  const { settled, refused } = await checkAsks(deps, [ask]);
  const present = settled[0]?.before;
  if (present === undefined)
    return refused[0]
      ? ofPlan(refused[0])
      : refusal({ subject, fault: faultAt('input.plan', 'INVALID', 'plan can not be applied') });
  const moved = movedSince(before, { ...present.sent, ...present.kept });
  if (moved.length > 0) {
    const message = `the display is no longer as it was when the plan was made: ${moved.join('; ')}`;
    return refusal({ subject, fault: faultAt('input.plan', 'CONFLICT', message) });
  }
  const [answer] = await setDisplays(deps, [ask], { waitMs });
  if (answer === undefined) throw new Error('an applied plan was not answered');
  return answer.kind === 'taken' ? answer : ofPlan(answer);
}
