import { faultsOfPlan, findPlan, type NotAgain } from '@wheelhouse/kit/settings-again.ts';
import { versionConflict } from '@wheelhouse/kit/settings-answers.ts';
import { faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { movedSince, type Plan, planKey, sealPlan } from '@wheelhouse/kit/settings-plan.ts';
import type { Planned } from '@wheelhouse/kit/settings-shape.ts';
import { findOpenChanges, findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import { z } from 'zod';
import { type Answer, byAnyone, type SettingsDeps, setControls, waitFor } from './settings.ts';
import { type Ask, checkAsk, expectedOf, type Refused, wantedOf } from './settings-checks.ts';
import { effectsOf } from './settings-effects.ts';
import { controlOf } from './settings-names.ts';
import { type AskedControl, readShape, setsBack, wantedControls } from './settings-wanted.ts';
import { findCores } from './store.ts';
import { settingsTables as tables } from './tables.ts';

/** A dry run of one Core. */
export type PlannedControls = Planned & { kind: 'planned'; deviceId: string };

/** What would come of it, without a trace: nothing but reads. */
export async function planControls(deps: SettingsDeps, ask: Ask): Promise<PlannedControls | Refused> {
  const { db, sealer } = deps;
  const { deviceId, expectedVersion, reason } = ask;
  const settled = await checkAsk(db, ask);
  if ('kind' in settled) return settled;
  const settingsVersion = (await findSettingsVersions(db, tables, [deviceId])).get(deviceId) ?? 0;
  if (typeof expectedVersion === 'number' && expectedVersion !== settingsVersion) {
    const faults = [versionConflict(settingsVersion, expectedVersion)];
    return { kind: 'refused', deviceId, isKnown: true, faults };
  }
  const open = await findOpenChanges(db, tables, [deviceId]);
  const [core] = await findCores(db, [deviceId]);
  const madeAt = deps.now();
  const { controls, before } = settled;
  const plan = {
    ...{ subject: deviceId, sent: wantedOf(controls), kept: {}, before, settingsVersion, reason },
    undoes: ask.undoes ?? null,
    expected: expectedOf(controls),
  };
  const effects = effectsOf({ ...settled, core, open });
  return { kind: 'planned', deviceId, ...sealPlan(sealer, plan, madeAt), madeAt, plan, effects };
}

/** Why a plan is not applied, or a change is not taken back; of no Core where nobody knows whose it is. */
export const refusal = ({ subject, fault }: Pick<NotAgain, 'subject' | 'fault'>): Refused => ({
  ...{ kind: 'refused', deviceId: subject ?? '', faults: [fault] },
  isKnown: subject !== null,
});

/** The controls of a plan, each taken for what it was: the Core is asked as well, since they may have moved since it was last read. */
function controlsIn({ sent, before, expected }: Plan): AskedControl[] {
  const lastRead = z.record(z.string(), readShape.nullable()).parse(before);
  const given = wantedControls(expected);
  return Object.entries(wantedControls(sent)).map(([setting, wanted]): AskedControl => {
    const read = lastRead[setting];
    const taken = given[setting] ?? (read ? setsBack(read, wanted) : null);
    return { ...controlOf(setting), path: 'input.plan', setting, wanted, ...(taken && { expected: taken }) };
  });
}

/** Applies a dry run, if everything is still as it was when it was made. */
export async function applyPlan(deps: SettingsDeps, planId: string, waitMs: number): Promise<Answer> {
  const { db, sealer } = deps;
  const found = await findPlan({ db, tables, sealer }, planId, byAnyone(deps.now));
  if (found.kind === 'refused') return refusal(found);
  if (found.kind === 'before') return waitFor(deps, found.change, waitMs);
  const { plan } = found;
  const { subject, reason, undoes, settingsVersion } = plan;
  const ask: Ask = {
    ...{ deviceId: subject, controls: controlsIn(plan), crossPoints: [], reason, undoes },
    ...{ idempotencyKey: planKey(plan), expectedVersion: settingsVersion },
  };
  const settled = await checkAsk(db, ask);
  if ('kind' in settled) return { ...settled, faults: faultsOfPlan(settled.faults) };
  const moved = movedSince(plan.before, settled.before);
  if (moved.length > 0) {
    const message = `the Core is no longer as it was when the plan was made: ${moved.join('; ')}`;
    return refusal({ subject, fault: faultAt('input.plan', 'CONFLICT', message) });
  }
  const answer = await setControls(deps, ask, { waitMs });
  return answer.kind === 'taken' ? answer : { ...answer, faults: faultsOfPlan(answer.faults) };
}
