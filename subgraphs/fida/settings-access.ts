import { areaText } from '@wheelhouse/kit/area.ts';
import { areaOf } from '@wheelhouse/kit/identity.ts';
import { openPlan } from '@wheelhouse/kit/settings-plan.ts';
import type { Context } from './context.ts';
import { type Refused, unknownDisplay } from './settings-checks.ts';
import { faultAt } from './settings-rules.ts';

type Asks = Pick<Context, 'identity' | 'maySet' | 'targetById' | 'settingsChangeById' | 'settings'>;

/** Why the caller may not set a display; null where they may. One that they do not see is refused like one that is not there. */
export async function refusalOf(context: Asks, deviceId: string, path = 'input.id'): Promise<Refused | null> {
  const { identity, maySet, targetById } = context;
  if (await maySet.has(deviceId)) return null;
  if ((await targetById.load(deviceId)) === null) return unknownDisplay(deviceId, path);
  const area = areaText(areaOf(identity, 'settings:write'));
  const message = `${identity.name} may see this display and not set it: settings:write holds at ${area}`;
  return { kind: 'refused', deviceId, isKnown: true, faults: [faultAt(path, 'FORBIDDEN', message)] };
}

/** Why the caller may not apply a plan; null where they may, and for what is no plan. */
export async function refusalOfPlan(context: Asks, planId: string): Promise<Refused | null> {
  const plan = openPlan(context.settings.sealer, planId);
  return plan && refusalOf(context, plan.subject, 'input.plan');
}

/** Why the caller may not take a change back; null where they may. */
export async function refusalOfUndo(context: Asks, changeId: string): Promise<Refused | null> {
  const change = await context.settingsChangeById.load(changeId);
  if (change !== null) return refusalOf(context, change.subject);
  const fault = faultAt('input.id', 'NOT_FOUND', `there is no change ${changeId}`);
  return { kind: 'refused', deviceId: '', isKnown: false, faults: [fault] };
}
