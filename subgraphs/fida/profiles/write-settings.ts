import { encode, type ReadOther, type WireValue } from './encode.ts';
import type { Precondition, Profile } from './profile.ts';
import { SETTING_NAMES, type SettingName, type SettingValues } from './settable.ts';

/** One object of a SET, and the setting that it carries. */
export type SettingVarbind = { name: SettingName; oid: string } & WireValue;

/** `notNow`: the display would not take it as it is at this moment, or can't be told in its own units; `detail` says why. */
export type Encoded = { kind: 'varbinds'; varbinds: SettingVarbind[] } | { kind: 'notNow'; detail: string };

/** Why the display does not take a setting now, or null. */
function preconditionFault({ oid, name, meanings, values }: Precondition, readOther: ReadOther): string | null {
  const say = (value: number): string => `${meanings[String(value)] ?? 'unknown'} (${value})`;
  const must = `must be ${values.map(say).join(' or ')}`;
  const now = readOther(oid);
  if (now.kind !== 'number') return `${name} can't be read and ${must}`;
  return values.includes(now.value) ? null : `${name} is ${say(now.value)} and ${must}`;
}

/**
 * The varbinds of one SET for these values, of which `settingFault` has found nothing wrong.
 *
 * @param readOther the display's values by OID, of all that `settingOids` names
 */
export function encodeSettings(profile: Profile, wanted: SettingValues, readOther: ReadOther): Encoded {
  const varbinds: SettingVarbind[] = [];
  for (const name of SETTING_NAMES) {
    const variable = profile.variables[name];
    if (wanted[name] === undefined || !variable?.set) continue;
    const { set, decode } = variable;
    const fault = set.onlyWhile ? preconditionFault(set.onlyWhile, readOther) : null;
    if (fault !== null) return { kind: 'notNow', detail: `${name}: ${fault}` };
    const value = encode(wanted[name], decode, readOther);
    const oid = set.oid ?? variable.oid;
    if (typeof value === 'number') varbinds.push({ name, oid, syntax: 'INTEGER', value });
    else if (typeof value === 'string') varbinds.push({ name, oid, syntax: 'OCTET STRING', value });
    else return { kind: 'notNow', detail: `${name}: the display does not say how many levels it has` };
  }
  return { kind: 'varbinds', varbinds };
}
