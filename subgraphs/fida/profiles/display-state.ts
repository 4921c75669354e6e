import { type Decoded, decode, type SnmpValue } from './decode.ts';
import type { Decoder, Field, Profile } from './profile.ts';

/**
 * What one look found in a display. null: the display has no such thing, or said something that its profile does not allow;
 * the latter is also in `problems`.
 */
export type DisplayState = {
  power: 'ON' | 'OFF' | null;
  brightnessPercent: number | null;
  /** Of the part that the profile names: the panel (wheelhouse-fida), the processor (lg-commercial), the sign's housing (ntcip-1203). */
  temperatureCelsius: number | null;
  inputSource: string | null;
  backlightHours: number | null;
  model: string | null;
  serialNumber: string | null;
  firmware: string | null;
  ambientLightLux: number | null;
  signalPresent: boolean | null;
  /** In the order of the fans' numbers; fans that the display lacks are left out, one that can't be read is null. */
  fansRpm: (number | null)[];
  /** Why the display is DEGRADED, one human-readable reason each; empty when all is well. */
  problems: string[];
};

/** What `problems` calls each field. */
const LABELS: Record<Field, string> = {
  power: 'power',
  brightnessPercent: 'brightness',
  temperatureCelsius: 'temperature',
  inputSource: 'input source',
  backlightHours: 'backlight hours',
  model: 'model',
  serialNumber: 'serial number',
  firmware: 'firmware',
  ambientLightLux: 'ambient light',
  signalPresent: 'signal',
};

const knownOids = new WeakMap<Profile, string[]>();

/** Every OID of a profile, without repeats: what one GET asks for. The same list for the same profile. */
export function oidsOf(profile: Profile): string[] {
  const known = knownOids.get(profile) ?? listOids(profile);
  knownOids.set(profile, known);
  return known;
}

function listOids(profile: Profile): string[] {
  const oids = Object.values(profile.variables).flatMap(({ oid, decode }) =>
    decode.as === 'share' ? [oid, decode.of] : [oid],
  );
  if (profile.faults) oids.push(profile.faults.oid);
  if (profile.health) oids.push(profile.health.oid);
  for (const row of profile.fans?.rows ?? []) {
    oids.push(`${profile.fans?.rpm.column}.${row}`, `${profile.fans?.status.column}.${row}`);
  }
  return [...new Set(oids)];
}

/** Collects what goes wrong while values are read, so that no value is lost without a word. */
class Reading {
  readonly problems: string[] = [];
  readonly #values: ReadonlyMap<string, SnmpValue>;

  constructor(values: ReadonlyMap<string, SnmpValue>) {
    this.#values = values;
  }

  decode(oid: string, by: Decoder, label: string): Decoded {
    const readValue = (of: string): SnmpValue => this.#values.get(of) ?? { kind: 'missing' };
    const decoded = decode(readValue(oid), by, readValue);
    if (decoded.kind === 'undecodable') this.problems.push(`${label}: ${decoded.text}`);
    return decoded;
  }

  text(oid: string, by: Decoder, label: string): string | null {
    const decoded = this.decode(oid, by, label);
    return decoded.kind === 'value' ? String(decoded.value) : null;
  }

  number(oid: string, by: Decoder, label: string): number | null {
    const decoded = this.decode(oid, by, label);
    return decoded.kind === 'value' && typeof decoded.value === 'number' ? decoded.value : null;
  }
}

/** As many bits as an INTEGER has without its sign. */
const BITMAP: Decoder = { as: 'number', min: 0, max: 2 ** 31 - 1, divisor: 1, missing: [] };

function readFaults(reading: Reading, { oid, bits }: NonNullable<Profile['faults']>): void {
  const bitmap = reading.number(oid, BITMAP, 'errors') ?? 0;
  for (let bit = 0; bitmap >> bit > 0; bit++) {
    if ((bitmap >> bit) & 1) reading.problems.push(bits[bit] ?? `error bit ${bit}`);
  }
}

function readFans(reading: Reading, fans: NonNullable<Profile['fans']>): (number | null)[] {
  const speeds: (number | null)[] = [];
  for (const row of fans.rows) {
    const rpm = reading.decode(`${fans.rpm.column}.${row}`, fans.rpm.decode, `fan ${row} speed`);
    const status = reading.text(`${fans.status.column}.${row}`, fans.status.decode, `fan ${row}`);
    if (status !== null && !fans.status.fine.includes(status)) {
      reading.problems.push(status === 'fault' ? `fan ${row} failed` : `fan ${row}: ${status}`);
    }
    if (rpm.kind === 'missing') continue;
    speeds.push(rpm.kind === 'value' && typeof rpm.value === 'number' ? rpm.value : null);
  }
  return speeds;
}

/** What the values of one GET (OID -> value) say of a display with this profile. */
export function readDisplay(profile: Profile, values: ReadonlyMap<string, SnmpValue>): DisplayState {
  const reading = new Reading(values);
  const text = (field: Field): string | null => {
    const variable = profile.variables[field];
    return variable === undefined ? null : reading.text(variable.oid, variable.decode, LABELS[field]);
  };
  const number = (field: Field): number | null => {
    const variable = profile.variables[field];
    return variable === undefined ? null : reading.number(variable.oid, variable.decode, LABELS[field]);
  };
  const power = text('power');
  const signal = text('signalPresent');
  const temperatureCelsius = number('temperatureCelsius');
  const state: Omit<DisplayState, 'fansRpm' | 'problems'> = {
    power: power === 'ON' || power === 'OFF' ? power : null,
    brightnessPercent: number('brightnessPercent'),
    temperatureCelsius,
    inputSource: text('inputSource'),
    backlightHours: number('backlightHours'),
    model: text('model'),
    serialNumber: text('serialNumber'),
    firmware: text('firmware'),
    ambientLightLux: number('ambientLightLux'),
    signalPresent: signal === null ? null : signal === 'true',
  };
  const health = profile.health && reading.text(profile.health.oid, profile.health.decode, 'health');
  if (health && !profile.health?.fine.includes(health)) reading.problems.push(`health: ${health}`);
  if (profile.faults) readFaults(reading, profile.faults);
  const limit = profile.temperatureLimit;
  if (limit && temperatureCelsius !== null && temperatureCelsius > limit.celsius) {
    reading.problems.push(`${limit.part} at ${temperatureCelsius} C`);
  }
  const fansRpm = profile.fans ? readFans(reading, profile.fans) : [];
  return { ...state, fansRpm, problems: reading.problems };
}
