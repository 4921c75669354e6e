import type { ProfileSource } from '../profile.ts';

/**
 * WHEELHOUSE-FIDA-MIB's place. 32473 is the enterprise number for documentation (RFC 5612), because Wheelhouse has none of
 * its own yet.
 */
const ROOT = '1.3.6.1.4.1.32473.1';

const identity = { as: 'text', maxLength: 64 } as const;
const condition = { as: 'choice', values: { 1: 'ok', 2: 'warning', 3: 'fault' } } as const;

/** ../../mibs/WHEELHOUSE-FIDA-MIB.mib: names, ranges and units are from there. */
export const profile: ProfileSource = {
  id: 'wheelhouse-fida',
  detect: { sysObjectIDs: [ROOT] },
  variables: {
    model: { oid: `${ROOT}.1.1.1.0`, decode: identity },
    serialNumber: { oid: `${ROOT}.1.1.2.0`, decode: identity },
    firmware: { oid: `${ROOT}.1.1.3.0`, decode: identity },
    power: {
      oid: `${ROOT}.1.2.1.0`,
      decode: { as: 'choice', values: { 1: 'ON', 2: 'OFF' } },
      set: { syntax: 'INTEGER' },
    },
    brightnessPercent: {
      oid: `${ROOT}.1.2.2.0`,
      decode: { as: 'number', min: 0, max: 100 },
      set: { syntax: 'INTEGER' },
    },
    inputSource: {
      oid: `${ROOT}.1.2.4.0`,
      decode: {
        as: 'choice',
        values: { 1: 'HDMI1', 2: 'HDMI2', 3: 'DISPLAYPORT', 4: 'DVI', 5: 'OPS', 6: 'MEDIA_PLAYER' },
      },
      set: { syntax: 'INTEGER' },
    },
    ambientLightLux: { oid: `${ROOT}.1.3.1.0`, decode: { as: 'number', min: 0, max: 200_000 } },
    temperatureCelsius: { oid: `${ROOT}.1.3.2.0`, decode: { as: 'number', min: -1000, max: 2000, divisor: 10 } },
    backlightHours: { oid: `${ROOT}.1.3.3.0`, decode: { as: 'number', min: 0, max: 1_000_000 } },
    // TruthValue of SNMPv2-TC
    signalPresent: { oid: `${ROOT}.1.3.4.0`, decode: { as: 'choice', values: { 1: 'true', 2: 'false' } } },
  },
  health: { oid: `${ROOT}.1.5.1.0`, decode: condition, fine: ['ok'] },
  fans: {
    rows: [1, 2, 3, 4],
    rpm: { column: `${ROOT}.1.4.1.2`, decode: { as: 'number', min: 0, max: 30_000 } },
    status: { column: `${ROOT}.1.4.1.3`, decode: condition, fine: ['ok'] },
  },
  temperatureLimit: {
    celsius: 75,
    part: 'panel',
    source: 'chosen: the display judges itself by whFidaOverallHealth; this catches one that does not',
  },
};
