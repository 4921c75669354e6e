import { MibView, type Variable } from '../snmp/mib-view.ts';
import { ERROR_STATUS, type SnmpData } from '../snmp/pdu.ts';
import { integer, octets, setName, systemGroup } from './system-group.ts';
import type { DisplaySubject, DisplayValues } from './values.ts';

/** WHEELHOUSE-FIDA-MIB (subgraphs/fida/mibs), served as a display would. */
const ROOT = '1.3.6.1.4.1.32473.1';

const CONDITION = { ok: 1, warning: 2, fault: 3 } as const;
const POWER = { ON: 1, OFF: 2 } as const;
const MODE = { AUTO: 1, MANUAL: 2, TIMER: 3 } as const;
const INPUT = { HDMI1: 1, HDMI2: 2, DISPLAYPORT: 3, DVI: 4, OPS: 5, MEDIA_PLAYER: 6 } as const;

const gauge = (value: number): SnmpData => ({ syntax: 'Gauge32', value });

type Settable = 'power' | 'brightnessMode' | 'inputSource';

/** An enumerated setting: reads and writes one value by the MIB's numbers. */
function choice<K extends Settable>(
  oid: string,
  key: K,
  numbers: Record<DisplayValues[K], number>,
): Variable<DisplaySubject> {
  const names = Object.entries(numbers) as [DisplayValues[K], number][];
  return {
    oid,
    read: ({ values }) => integer(numbers[values[key]]),
    write: (subject, data) => {
      if (data.syntax !== 'INTEGER') return ERROR_STATUS.wrongType;
      const found = names.find(([, number]) => number === data.value);
      if (found === undefined) return ERROR_STATUS.wrongValue;
      return () => {
        subject.values = { ...subject.values, [key]: found[0] };
      };
    },
  };
}

const brightness: Variable<DisplaySubject> = {
  oid: `${ROOT}.1.2.2.0`,
  read: ({ values }) => integer(Math.round(values.brightnessPercent)),
  write: (subject, data) => {
    if (data.syntax !== 'INTEGER') return ERROR_STATUS.wrongType;
    const brightnessPercent = data.value;
    if (brightnessPercent < 0 || brightnessPercent > 100) return ERROR_STATUS.wrongValue;
    return () => {
      subject.values = { ...subject.values, brightnessPercent };
    };
  },
};

const fans = [1, 2, 3, 4].flatMap((row): Variable<DisplaySubject>[] => [
  {
    oid: `${ROOT}.1.4.1.2.${row}`,
    read: ({ values }) => {
      const fan = values.fans[row - 1];
      return fan ? gauge(fan.rpm) : null;
    },
  },
  {
    oid: `${ROOT}.1.4.1.3.${row}`,
    read: ({ values }) => {
      const fan = values.fans[row - 1];
      return fan ? integer(CONDITION[fan.status]) : null;
    },
  },
]);

export const wheelhouseFidaView = new MibView<DisplaySubject>([
  ...systemGroup({ sysDescr: 'Wheelhouse Fida display', sysObjectID: `${ROOT}.3.1` }),
  { oid: `${ROOT}.1.1.1.0`, read: ({ identity }) => octets(identity.model) },
  { oid: `${ROOT}.1.1.2.0`, read: ({ identity }) => octets(identity.serialNumber) },
  { oid: `${ROOT}.1.1.3.0`, read: ({ identity }) => octets(identity.firmware) },
  { oid: `${ROOT}.1.1.4.0`, read: ({ identity }) => octets(identity.name), write: setName },
  choice(`${ROOT}.1.2.1.0`, 'power', POWER),
  brightness,
  choice(`${ROOT}.1.2.3.0`, 'brightnessMode', MODE),
  choice(`${ROOT}.1.2.4.0`, 'inputSource', INPUT),
  { oid: `${ROOT}.1.3.1.0`, read: ({ values }) => gauge(values.ambientLightLux) },
  { oid: `${ROOT}.1.3.2.0`, read: ({ values }) => integer(Math.round(values.temperatureCelsius * 10)) },
  { oid: `${ROOT}.1.3.3.0`, read: ({ values }) => gauge(values.backlightHours) },
  // TruthValue: true(1), false(2)
  { oid: `${ROOT}.1.3.4.0`, read: ({ values }) => integer(values.signalPresent ? 1 : 2) },
  ...fans,
  { oid: `${ROOT}.1.5.1.0`, read: ({ values }) => integer(CONDITION[values.health]) },
]);
