import { decode, type SnmpValue } from './decode.ts';
import { asRead, encode, type ReadOther } from './encode.ts';
import type { Decoder, Profile } from './profile.ts';
import { SETTING_NAMES, type SettingName, type SettingValues } from './settable.ts';

const knownOids = new WeakMap<Profile, string[]>();

/** Every OID that settings are read from or hang on, without repeats: what one GET asks for. The same list for the same profile. */
export function settingOids(profile: Profile): string[] {
  const known = knownOids.get(profile) ?? listOids(profile);
  knownOids.set(profile, known);
  return known;
}

function listOids(profile: Profile): string[] {
  const oids = SETTING_NAMES.flatMap((name) => {
    const variable = profile.variables[name];
    if (!variable?.set) return [];
    const { oid, decode: by, set } = variable;
    return [oid, ...(by.as === 'share' ? [by.of] : []), ...(set.onlyWhile ? [set.onlyWhile.oid] : [])];
  });
  return [...new Set(oids)];
}

export type ReadSettings = {
  /** In the graph's units; what the display lacks, or sends wrongly, is left out. */
  values: SettingValues;
  /** Whether these are the values, in the display's own units: of 16 levels 33 % is level 5, and so is 31.25 %. */
  holds: (wanted: SettingValues) => boolean;
};

/** What a display's values say of its settings. `readOther`: by OID, of all that `settingOids` names. */
export function readSettings(profile: Profile, readOther: ReadOther): ReadSettings {
  const meaningOf = (raw: SnmpValue, by: Decoder): number | string | null => {
    const decoded = decode(raw, by, readOther);
    return decoded.kind === 'value' ? decoded.value : null;
  };
  const read = (name: SettingName): number | string | null => {
    const variable = profile.variables[name];
    return variable?.set ? meaningOf(readOther(variable.oid), variable.decode) : null;
  };
  const [power, brightnessPercent, inputSource] = [read('power'), read('brightnessPercent'), read('inputSource')];
  const values: SettingValues = {
    ...((power === 'ON' || power === 'OFF') && { power }),
    ...(typeof brightnessPercent === 'number' && { brightnessPercent }),
    ...(typeof inputSource === 'string' && { inputSource }),
  };
  const holds = (wanted: SettingValues): boolean =>
    SETTING_NAMES.every((name) => {
      if (wanted[name] === undefined) return true;
      const by = profile.variables[name]?.decode;
      const encoded = by && encode(wanted[name], by, readOther);
      if (by === undefined || encoded === null || encoded === undefined) return false;
      // What is wanted, as the display would say it, means the same as what it says.
      const value = meaningOf(asRead(encoded), by);
      return value !== null && value === read(name);
    });
  return { values, holds };
}
