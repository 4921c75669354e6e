import type { ProfileSource } from '../profile.ts';

/**
 * LG commercial displays (webOS): LGE-COMMER-TVLINK-MIB and a walk of a 65UU640C, both published in
 * github.com/tobylockley/overture-drivers under drivers/lg_display_snmp/docs.
 * Numbers are hexadecimal text, and what a model lacks reads "FALSE".
 */
const ROOT = '1.3.6.1.4.1.7824.300';
const UNSUPPORTED = ['FALSE'];

const plainText = { as: 'text', missing: UNSUPPORTED } as const;

/**
 * Left out, because their encoding is published nowhere: 3.25 signal status, 3.26 top, bottom and main temperature, 3.28 fan
 * speed, 3.30 fan fault, 3.31 luminance. Backlight hours do not exist in this MIB.
 */
export const profile: ProfileSource = {
  id: 'lg-commercial',
  // LG's sysObjectID is in no public record; where the agent's own number shows, its description names the system.
  detect: { sysObjectIDs: ['1.3.6.1.4.1.7824'], sysDescrTexts: ['webOS', 'LG Electronics'] },
  variables: {
    model: { oid: `${ROOT}.2.1.0`, decode: plainText },
    serialNumber: { oid: `${ROOT}.2.2.0`, decode: plainText },
    firmware: { oid: `${ROOT}.2.3.0`, decode: plainText },
    // One that is off may not hear a SET: LG wakes it by Wake-on-LAN.
    power: {
      oid: `${ROOT}.3.1.0`,
      decode: { as: 'hexChoice', values: { '00': 'OFF', '01': 'ON' }, unlisted: 'problem', missing: UNSUPPORTED },
      set: { syntax: 'OCTET STRING' },
    },
    inputSource: {
      oid: `${ROOT}.3.2.0`,
      // The codes of LG's serial command "xb"; models differ, so an unlisted one is shown as it is.
      decode: {
        as: 'hexChoice',
        values: { 70: 'DVI', 90: 'HDMI1', 91: 'HDMI2', 92: 'HDMI3', c0: 'DISPLAYPORT' },
        unlisted: 'showCode',
        missing: UNSUPPORTED,
      },
      set: { syntax: 'OCTET STRING' },
    },
    brightnessPercent: {
      oid: `${ROOT}.3.8.0`,
      decode: { as: 'hexNumber', min: 0, max: 100, missing: UNSUPPORTED },
      set: { syntax: 'OCTET STRING' },
    },
    // CpuTemperature, the only temperature of one number in this MIB
    temperatureCelsius: {
      oid: `${ROOT}.3.24.0`,
      decode: { as: 'hexNumber', min: 0, max: 150, missing: UNSUPPORTED },
    },
  },
  health: { oid: `${ROOT}.2.8.0`, decode: plainText, fine: ['NORMAL'] },
  temperatureLimit: {
    celsius: 85,
    part: 'processor',
    source: 'chosen: LG publishes no limit; processors of this kind slow down from about 85 C',
  },
};
