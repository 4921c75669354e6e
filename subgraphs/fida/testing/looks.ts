import type { Look } from '../snmp.ts';

type Answer = Extract<Look, { kind: 'answered' }>;

/** A look that was answered, with what matters to a test in place of what does not. */
export const anAnswer = (state: Partial<Answer['state']> = {}): Answer => ({
  kind: 'answered',
  profile: 'wheelhouse-fida',
  roundTripMs: 12.5,
  state: {
    power: 'ON',
    brightnessPercent: 70,
    temperatureCelsius: 42.3,
    inputSource: 'HDMI1',
    signalPresent: true,
    backlightHours: 18_250,
    ambientLightLux: 320,
    model: 'FIDA-55',
    serialNumber: 'SN-1',
    firmware: '4.2.0',
    fansRpm: [],
    problems: [],
    ...state,
  },
});
