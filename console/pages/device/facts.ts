import { texts } from './texts.ts';
import type { PageDevice } from './use-device.ts';

/** A value that is shown large. `value` is null where it is not known. */
export type Fact = { label: string; value: string | null; unit?: string };

type Of<Type extends PageDevice['__typename']> = Extract<PageDevice, { __typename: Type }>;

const own = texts.facts;
const number = (value: number | null | undefined, digits = 0): string | null =>
  value === null || value === undefined ? null : value.toLocaleString('en', { maximumFractionDigits: digits });
const word = (words: Readonly<Record<string, string>>, key: string | boolean | null | undefined): string | null =>
  key === null || key === undefined ? null : (words[String(key)] ?? String(key));
const text = (value: string | null | undefined): string | null => (value === '' ? null : (value ?? null));

/** What matters of each kind of device, at most five values. A new kind is an entry here; without one it shows none. */
const FACTS: { [Type in PageDevice['__typename']]: (device: Of<Type>) => readonly Fact[] } = {
  FidaDisplay: (device) => [
    { label: own.power, value: word(own.powers, device.power) },
    { label: own.brightness, value: number(device.brightnessPercent), unit: '%' },
    { label: own.input, value: text(device.inputSource) },
    { label: own.signal, value: word(own.signals, device.signalPresent) },
    { label: own.temperature, value: number(device.temperatureCelsius, 1), unit: '°C' },
  ],
  EntertainmentDevice: (device) => [
    { label: own.roundTrip, value: number(device.roundTripTimeMs, 1), unit: 'ms' },
    { label: own.loss, value: number(percent(device.lossRatio)), unit: '%' },
    { label: own.method, value: text(device.method) },
  ],
  SignagePlayer: (device) => [
    { label: own.player, value: word(own.players, device.playerState) },
    { label: own.channel, value: text(device.channelName) },
    { label: own.screen, value: word(own.screens, device.onAir) },
    { label: own.version, value: text(device.playerVersion) },
  ],
  AudioCore: (device) => [
    { label: own.engine, value: word(own.engines, device.engineState) },
    { label: own.design, value: text(device.designName) },
    { label: own.platform, value: text(device.platform) },
    { label: own.answer, value: number(device.roundTripMs, 1), unit: 'ms' },
  ],
};

const percent = (ratio: number | null | undefined): number | null | undefined =>
  typeof ratio === 'number' ? ratio * 100 : ratio;

/** What a device is doing now. */
export function factsOf<Type extends PageDevice['__typename']>(
  device: Of<Type> & { __typename: Type },
): readonly Fact[] {
  const facts: ((device: Of<Type>) => readonly Fact[]) | undefined = FACTS[device.__typename];
  return facts?.(device) ?? [];
}
