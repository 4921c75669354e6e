import { areaText } from '@wheelhouse/kit/area.ts';
import { areaOf } from '@wheelhouse/kit/identity.ts';
import type { Context } from './context.ts';
import { type Refused, unknownCore } from './settings.ts';
import { faultAt } from './settings-rules.ts';
import { findTargets } from './store.ts';

/** Why the caller may not set a Core; null where they may. One that they do not see is refused like one that is not there. */
export async function refusalOf(
  { identity, maySee, maySet, settings }: Pick<Context, 'identity' | 'maySee' | 'maySet' | 'settings'>,
  deviceId: string,
): Promise<Refused | null> {
  if (await maySet.has(deviceId)) return null;
  const [core] = await findTargets(settings.db, await maySee.only([deviceId]));
  if (core === undefined) return unknownCore(deviceId);
  const area = areaText(areaOf(identity, 'settings:write'));
  const message = `${identity.name} may see this Core and not set it: settings:write holds at ${area}`;
  return { kind: 'refused', isKnown: true, faults: [faultAt('input.id', 'FORBIDDEN', message)] };
}
