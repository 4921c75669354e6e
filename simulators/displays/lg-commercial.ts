import { MibView, type Variable } from '../snmp/mib-view.ts';
import { ERROR_STATUS, type SnmpData } from '../snmp/pdu.ts';
import { octets, systemGroup } from './system-group.ts';
import type { DisplaySubject, DisplayValues } from './values.ts';

/**
 * LGE-COMMER-TVLINK-MIB as a 65UU640C answers it (walk in github.com/tobylockley/overture-drivers,
 * drivers/lg_display_snmp/docs): hexadecimal text, "FALSE" for what the model lacks.
 */
const ROOT = '1.3.6.1.4.1.7824.300';

const POWER = new Map<DisplayValues['power'], string>([
  ['OFF', '00'],
  ['ON', '01'],
]);
const INPUT = new Map<DisplayValues['inputSource'], string>([
  ['DVI', '70'],
  ['HDMI1', '90'],
  ['HDMI2', '91'],
  ['DISPLAYPORT', 'c0'],
  // Codes that LG does not publish: a client must cope with them.
  ['OPS', '95'],
  ['MEDIA_PLAYER', 'a0'],
]);

const hex = (value: number): SnmpData => octets(value.toString(16).padStart(2, '0'));
const unsupported = (oid: string): Variable<DisplaySubject> => ({ oid, read: () => octets('FALSE') });

/** The text of a setting in lower case, or null when it is no text of two hexadecimal digits. */
function hexOf(data: SnmpData): string | null {
  const text = data.syntax === 'OCTET STRING' ? data.value.toString('latin1').toLowerCase() : '';
  return /^[0-9a-f]{1,2}$/.test(text) ? text.padStart(2, '0') : null;
}

function choice<K extends 'power' | 'inputSource'>(
  oid: string,
  key: K,
  codes: ReadonlyMap<DisplayValues[K], string>,
): Variable<DisplaySubject> {
  return {
    oid,
    read: ({ values }) => octets(codes.get(values[key]) ?? 'FALSE'),
    write: (subject, data) => {
      if (data.syntax !== 'OCTET STRING') return ERROR_STATUS.wrongType;
      const code = hexOf(data);
      const found = [...codes].find(([, known]) => known === code);
      if (found === undefined) return ERROR_STATUS.wrongValue;
      return () => {
        subject.values = { ...subject.values, [key]: found[0] };
      };
    },
  };
}

const brightness: Variable<DisplaySubject> = {
  oid: `${ROOT}.3.8.0`,
  read: ({ values }) => hex(Math.round(values.brightnessPercent)),
  write: (subject, data) => {
    if (data.syntax !== 'OCTET STRING') return ERROR_STATUS.wrongType;
    const code = hexOf(data);
    const brightnessPercent = code === null ? -1 : Number.parseInt(code, 16);
    if (brightnessPercent < 0 || brightnessPercent > 100) return ERROR_STATUS.wrongValue;
    return () => {
      subject.values = { ...subject.values, brightnessPercent };
    };
  },
};

/** What 2.8 says; NORMAL is from the walk, the others stand for "anything else". */
const STATES = { ok: 'NORMAL', warning: 'WARNING', fault: 'FAULT' } as const;

export const lgCommercialView = new MibView<DisplaySubject>([
  ...systemGroup({ sysDescr: 'LG webOS commercial display', sysObjectID: ROOT }),
  { oid: `${ROOT}.2.1.0`, read: ({ identity }) => octets(identity.model) },
  { oid: `${ROOT}.2.2.0`, read: ({ identity }) => octets(identity.serialNumber) },
  { oid: `${ROOT}.2.3.0`, read: ({ identity }) => octets(identity.firmware) },
  { oid: `${ROOT}.2.8.0`, read: ({ values }) => octets(STATES[values.health]) },
  choice(`${ROOT}.3.1.0`, 'power', POWER),
  choice(`${ROOT}.3.2.0`, 'inputSource', INPUT),
  brightness,
  unsupported(`${ROOT}.3.18.0`),
  { oid: `${ROOT}.3.24.0`, read: ({ values }) => hex(Math.max(0, Math.round(values.temperatureCelsius))) },
  ...[25, 26, 27, 28, 30, 31, 32].map((arc) => unsupported(`${ROOT}.3.${arc}.0`)),
]);
