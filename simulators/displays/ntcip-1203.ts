import { MibView, type Variable } from '../snmp/mib-view.ts';
import { ERROR_STATUS } from '../snmp/pdu.ts';
import { integer, octets, systemGroup } from './system-group.ts';
import type { DisplaySubject, DisplayValues } from './values.ts';

/** NTCIP 1203, as a sign with a matrix of LEDs answers it. It has neither inputs nor a backlight. */
const ROOT = '1.3.6.1.4.1.1206.4.2.3';
/** moduleTableEntry of NTCIP 1201 */
const MODULE = '1.3.6.1.4.1.1206.4.2.6.1.3.1';

/** Brightness levels without "off". Not 100, so that nobody takes a level for a percentage. */
const LEVELS = 200;
const PHOTOCELL_MOST = 1_023;
/** The photocell's own scale: as bright as it can tell from here on. */
const PHOTOCELL_MOST_LUX = 2_000;
const LIGHT_OUTPUT_MOST = 65_535;

/** dmsIllumControl: photocell(2), timer(3), manualDirect(5) */
const CONTROL: Record<DisplayValues['brightnessMode'], number> = { AUTO: 2, TIMER: 3, MANUAL: 5 };
/** powerSource */
const AC_LINE = 4;
/** shortErrorStatus */
const ERROR = { temperatureWarning: 1 << 9, climateControl: 1 << 10, criticalTemperature: 1 << 11 } as const;

function errorsOf({ health, fans }: DisplayValues): number {
  const climate = fans.some(({ status }) => status !== 'ok') ? ERROR.climateControl : 0;
  if (health === 'fault') return climate | ERROR.criticalTemperature;
  return health === 'warning' && climate === 0 ? ERROR.temperatureWarning : climate;
}

const control: Variable<DisplaySubject> = {
  oid: `${ROOT}.7.1.0`,
  read: ({ values }) => integer(CONTROL[values.brightnessMode]),
  write: (subject, data) => {
    if (data.syntax !== 'INTEGER') return ERROR_STATUS.wrongType;
    const modes = ['AUTO', 'TIMER', 'MANUAL'] as const;
    const brightnessMode = modes.find((mode) => CONTROL[mode] === data.value);
    if (brightnessMode === undefined) return ERROR_STATUS.wrongValue;
    return () => {
      subject.values = { ...subject.values, brightnessMode };
    };
  },
};

const levelOf = ({ brightnessPercent }: DisplayValues): number => Math.round((brightnessPercent * LEVELS) / 100);
/** A sign is off at level 0, and knows no other switch. */
const shownLevelOf = (values: DisplayValues): number => (values.power === 'OFF' ? 0 : levelOf(values));

const manualLevel: Variable<DisplaySubject> = {
  oid: `${ROOT}.7.6.0`,
  read: ({ values }) => integer(levelOf(values)),
  write: (subject, data) => {
    if (data.syntax !== 'INTEGER') return ERROR_STATUS.wrongType;
    const level = data.value;
    if (level < 0 || level > LEVELS) return ERROR_STATUS.wrongValue;
    if (subject.values.brightnessMode !== 'MANUAL') return ERROR_STATUS.inconsistentValue;
    return () => {
      subject.values = { ...subject.values, brightnessPercent: (level * 100) / LEVELS };
    };
  },
};

const photocellOf = ({ ambientLightLux }: DisplayValues): number =>
  Math.round((Math.min(ambientLightLux, PHOTOCELL_MOST_LUX) / PHOTOCELL_MOST_LUX) * PHOTOCELL_MOST);

export const ntcip1203View = new MibView<DisplaySubject>([
  ...systemGroup({ sysDescr: 'NTCIP 1203 dynamic message sign', sysObjectID: ROOT }),
  { oid: `${MODULE}.3.1`, read: () => octets('Wheelhouse') },
  { oid: `${MODULE}.4.1`, read: ({ identity }) => octets(identity.model) },
  { oid: `${MODULE}.5.1`, read: ({ identity }) => octets(identity.firmware) },
  control,
  { oid: `${ROOT}.7.2.0`, read: () => integer(PHOTOCELL_MOST) },
  { oid: `${ROOT}.7.3.0`, read: ({ values }) => integer(photocellOf(values)) },
  { oid: `${ROOT}.7.4.0`, read: () => integer(LEVELS) },
  { oid: `${ROOT}.7.5.0`, read: ({ values }) => integer(shownLevelOf(values)) },
  manualLevel,
  {
    oid: `${ROOT}.7.9.0`,
    read: ({ values }) => integer(Math.round((shownLevelOf(values) / LEVELS) * LIGHT_OUTPUT_MOST)),
  },
  { oid: `${ROOT}.9.7.1.0`, read: ({ values }) => integer(errorsOf(values)) },
  { oid: `${ROOT}.9.8.6.0`, read: () => integer(AC_LINE) },
  // The coldest and the hottest place in the housing.
  { oid: `${ROOT}.9.9.5.0`, read: ({ values }) => integer(Math.round(values.temperatureCelsius) - 3) },
  { oid: `${ROOT}.9.9.6.0`, read: ({ values }) => integer(Math.round(values.temperatureCelsius)) },
]);
