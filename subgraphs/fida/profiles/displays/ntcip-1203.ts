import type { ProfileSource } from '../profile.ts';

/**
 * Dynamic message signs: NTCIP 1203, the standard of road signs that Daktronics, Skyline and others build to. Numbers and
 * meanings agree in MnDOT's IRIS (mib1203), gontcip and SharpNTCIP, which are public.
 */
const ROOT = '1.3.6.1.4.1.1206.4.2.3';

/** dmsIllumBrightLevelStatus, the level that is on */
const BRIGHT_LEVEL = `${ROOT}.7.5.0`;
const MOST_LEVELS = 255;

const ILLUM_CONTROL = {
  oid: `${ROOT}.7.1.0`,
  name: 'dmsIllumControl',
  meanings: { 1: 'other', 2: 'photocell', 3: 'timer', 4: 'manual', 5: 'manualDirect', 6: 'manualIndexed' },
};

/**
 * Left out: the photocell's level (7.3) goes from 0 to a most (7.2) that each maker chooses and is not in lux; a sign has no
 * inputs and no one backlight; of the housing's temperatures the highest (9.9.6) is read and not the lowest (9.9.5).
 */
export const profile: ProfileSource = {
  id: 'ntcip-1203',
  // The standard's own node. Makers put a number of their own there, and their numbers under 1206.3 are also those of traffic
  // signals: such a sign is given its profile.
  detect: { sysObjectIDs: [ROOT] },
  variables: {
    // moduleModel of the first module (NTCIP 1201); its moduleVersion is of the hardware or of the software.
    model: { oid: '1.3.6.1.4.1.1206.4.2.6.1.3.1.4.1', decode: { as: 'text' } },
    // There is no switch: level 0 is off.
    power: {
      oid: BRIGHT_LEVEL,
      decode: { as: 'choice', values: { 0: 'OFF' }, others: { most: MOST_LEVELS, text: 'ON' } },
    },
    brightnessPercent: {
      oid: BRIGHT_LEVEL,
      // dmsIllumNumBrightLevels, without "off"
      decode: { as: 'share', of: `${ROOT}.7.4.0`, most: MOST_LEVELS },
      // dmsIllumManLevel under dmsIllumControl. Only in manualDirect(5) it is a level on the scale that is read; in manualIndexed(6) it is a row of
      // the brightness table, and in the deprecated manual(4) either, as the maker likes.
      set: { syntax: 'INTEGER', oid: `${ROOT}.7.6.0`, onlyWhile: { ...ILLUM_CONTROL, values: [5] } },
    },
    // tempMaxSignHousing
    temperatureCelsius: { oid: `${ROOT}.9.9.6.0`, decode: { as: 'number', min: -128, max: 127 } },
  },
  // powerSource: left to shut down on, or the controller has power and the sign has none.
  health: {
    oid: `${ROOT}.9.8.6.0`,
    decode: {
      as: 'choice',
      values: {
        1: 'other power',
        2: 'power only to shut down',
        3: 'no power for the sign',
        4: 'mains',
        5: 'generator',
        6: 'solar',
        7: 'battery',
      },
    },
    fine: ['other power', 'mains', 'generator', 'solar', 'battery'],
  },
  // shortErrorStatus. The sign judges its temperature by itself, so there is no limit of ours.
  faults: {
    oid: `${ROOT}.9.7.1.0`,
    bits: {
      // Version 1 of the standard; reserved since.
      0: 'other error',
      1: 'communications error',
      2: 'power error',
      3: 'attached device error',
      4: 'lamp error',
      5: 'pixel error',
      6: 'photocell error',
      7: 'message error',
      8: 'controller error',
      9: 'temperature warning',
      // The fans, in version 1.
      10: 'climate control error',
      11: 'critical temperature',
      12: 'drum rotor error',
      13: 'door open',
      14: 'humidity warning',
    },
  },
};
