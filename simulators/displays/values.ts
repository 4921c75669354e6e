import { z } from 'zod';

const condition = z.enum(['ok', 'warning', 'fault']);

/** What a display is in at a moment; the control door, the story and SNMP SET change it. */
export const displayValuesSchema = z.strictObject({
  power: z.enum(['ON', 'OFF']),
  /** Whole, save on a sign of many levels. */
  brightnessPercent: z.number().min(0).max(100),
  brightnessMode: z.enum(['AUTO', 'MANUAL', 'TIMER']),
  inputSource: z.enum(['HDMI1', 'HDMI2', 'DISPLAYPORT', 'DVI', 'OPS', 'MEDIA_PLAYER']),
  ambientLightLux: z.number().int().min(0).max(200_000),
  temperatureCelsius: z.number().min(-100).max(200),
  backlightHours: z.number().int().min(0).max(1_000_000),
  signalPresent: z.boolean(),
  health: condition,
  fans: z.array(z.strictObject({ rpm: z.number().int().min(0).max(30_000), status: condition })).max(4),
});

export type DisplayValues = z.infer<typeof displayValuesSchema>;

/** New values for some; what is absent stays. */
export const valuesChangeSchema = displayValuesSchema.partial();
export type ValuesChange = z.infer<typeof valuesChangeSchema>;

export function changed(values: DisplayValues, change: ValuesChange): DisplayValues {
  return displayValuesSchema.parse({ ...values, ...change });
}

/** What never changes while a display runs, save the name that an operator gives it. */
export type Identity = { name: string; model: string; serialNumber: string; firmware: string };

/** What an agent's variables read from and write to. */
export type DisplaySubject = { identity: Identity; values: DisplayValues; startedAtMs: number };

export const DEFAULT_VALUES: DisplayValues = {
  power: 'ON',
  brightnessPercent: 70,
  brightnessMode: 'MANUAL',
  inputSource: 'HDMI1',
  ambientLightLux: 320,
  temperatureCelsius: 42.3,
  backlightHours: 8_760,
  signalPresent: true,
  health: 'ok',
  fans: [
    { rpm: 1_480, status: 'ok' },
    { rpm: 1_510, status: 'ok' },
  ],
};
