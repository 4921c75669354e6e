import { isDeepStrictEqual } from 'node:util';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import { effectsOnOpen } from '@wheelhouse/kit/settings-plan.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import type { DisplayRow } from './store.ts';

/** The settings that are sent to a display. The others we keep ourselves. */
export const SENT_SETTINGS = ['power', 'brightnessPercent', 'inputSource'] as const;
export type SentSetting = (typeof SENT_SETTINGS)[number];

/** The values that were given, by name; null is as good as left out. */
export const givenAmong = (input: Readonly<Record<string, unknown>>, names: readonly string[]): SettingsValues =>
  Object.fromEntries(
    names.flatMap((name) => (input[name] === null || input[name] === undefined ? [] : [[name, input[name]]])),
  );

type Given = Readonly<Record<string, unknown>>;

/**
 * The values that a request gives, those that are sent apart from those that we keep ourselves, and those that it expects. What they may
 * be depends on the display.
 */
export function checkValues(
  input: Given & { expected?: Given | null | undefined },
  kept: readonly { names: readonly string[] }[],
): { sent: SettingsValues; kept: SettingsValues; expected: SettingsValues | null; faults: Fault[] } {
  const keptNames = kept.flatMap(({ names }) => names);
  const values = {
    ...{ sent: givenAmong(input, SENT_SETTINGS), kept: givenAmong(input, keptNames) },
    expected: input.expected ? givenAmong(input.expected, SENT_SETTINGS) : null,
  };
  const isSent = Object.keys(values.sent).length > 0;
  if (!isSent && Object.keys(values.kept).length === 0) {
    const message = `nothing to set: give at least one of ${[...SENT_SETTINGS, ...keptNames].join(', ')}`;
    return { ...values, faults: [faultAt('input', 'INVALID', message)] };
  }
  if (isSent || Object.keys(values.expected ?? {}).length === 0) return { ...values, faults: [] };
  const names = SENT_SETTINGS.join(', ');
  const message = `expected needs something that is sent, since the display is asked just before: one of ${names}`;
  return { ...values, faults: [faultAt('input.expected', 'INVALID', message)] };
}

/** The part of `wanted` that is sent to the display. */
export const sentOf = (wanted: SettingsValues): SettingsValues => givenAmong(wanted, SENT_SETTINGS);

/** The values of these names that the display said last; null for what it did not. */
export const lastValues = (display: DisplayRow | undefined, names: readonly string[]): SettingsValues => {
  const values: SettingsValues = { ...display };
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
};

export type PlanState = {
  /** What would be set, and what it was when that was last known. */
  wanted: SettingsValues;
  before: SettingsValues;
  expected: SettingsValues | null;
  display: DisplayRow | undefined;
  /** The display's changes that have not come to their end, in order. */
  open: readonly SettingsChangeRow[];
};

const SAID: Readonly<Record<string, (value: unknown) => string>> = {
  power: (value) => (value === 'OFF' ? 'the display goes dark' : 'the display shows a picture again'),
  inputSource: (value) => `the display shows ${value}`,
};

/** What would follow from a change, for people. */
export function effectsOf({ wanted, before, expected, display, open }: PlanState): string[] {
  const effects: string[] = [];
  const changed = Object.keys(wanted).filter((name) => !isDeepStrictEqual(wanted[name], before[name]));
  const unknown = changed.filter((name) => name in sentOf(wanted) && before[name] === null);
  if (changed.length === 0) effects.push('nothing changes: it is so already');
  for (const name of changed) {
    const said = SAID[name]?.(wanted[name]);
    if (said !== undefined) effects.push(said);
  }
  if (unknown.length > 0) effects.push(`what ${unknown.join(' and ')} is at present is not known`);
  for (const [name, value] of Object.entries(expected ?? {})) {
    const last = lastValues(display, [name])[name];
    if (last !== null && last !== value)
      effects.push(
        `it would be refused if the display still says so: ${name} was last ${last}, not ${value} as expected`,
      );
  }
  effects.push(...effectsOnOpen(open, wanted));
  if (display === undefined) effects.push('the display has not been looked at yet');
  else if (display.lookProblem !== null) {
    const since =
      display.measuredAt === null ? 'has never answered' : `has not answered since ${display.measuredAt.toISOString()}`;
    effects.push(`the display ${since}: ${display.lookProblem}`);
  }
  return effects;
}
