import type { SettingVarbind } from '../profiles/write-settings.ts';
import type { SnmpFailure } from './failure.ts';

/** RFC 3416 section 3: error-status, by its number. */
const STATUS_NAMES = [
  'noError',
  'tooBig',
  'noSuchName',
  'badValue',
  'readOnly',
  'genErr',
  'noAccess',
  'wrongType',
  'wrongLength',
  'wrongEncoding',
  'wrongValue',
  'noCreation',
  'inconsistentValue',
  'resourceUnavailable',
  'commitFailed',
  'undoFailed',
  'authorizationError',
  'notWritable',
  'inconsistentName',
] as const;

/**
 * SNMPv1 has fewer words (RFC 3584 section 4.4): noSuchName is also what it says of an object that is not writable, and badValue of
 * all that can be wrong with a value.
 */
const V1_CODES: Readonly<Record<string, string>> = { noSuchName: 'NOT_WRITABLE', badValue: 'WRONG_VALUE' };

/**
 * What an agent's refusal of a SET says: a code for programs, the same for all versions of SNMP where they mean the same
 * (NOT_WRITABLE, WRONG_VALUE, NO_ACCESS, GEN_ERR, ...), and SNMP's own word after the setting that it blames, or after all of them
 * where it blames none.
 */
export function refusalOf(failure: SnmpFailure, varbinds: readonly SettingVarbind[]): { code: string; detail: string } {
  const status = failure.errorStatus ?? STATUS_NAMES.indexOf('genErr');
  const name = STATUS_NAMES[status] ?? 'genErr';
  const blamed = varbinds.filter(({ oid }) => oid === failure.blamedOid);
  const settings = (blamed.length > 0 ? blamed : varbinds).map((varbind) => varbind.name).join(', ');
  const ownCode = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  // RFC 3416 section 4.2.5: what had been done by then stays done.
  const effect = name === 'undoFailed' ? ', so a part of it may have taken effect' : '';
  return { code: V1_CODES[name] ?? ownCode, detail: `${settings}: ${name} (${status})${effect}` };
}
