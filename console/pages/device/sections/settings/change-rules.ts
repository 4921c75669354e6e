import type { SettingsChangePartsFragment } from '../../../../generated/device/sections/settings/graphql.ts';
import { SETTINGS, type SettingName } from './draft-rules.ts';
import { type HoursException, mapWeek, type OpeningHours, printWindows, WEEKDAYS, weekOf } from './hours-rules.ts';
import { texts } from './texts.ts';

export type Change = SettingsChangePartsFragment;
/** What has become of one value of a change. `SENDING` is a change that is open and young; `PENDING` one that waits for longer. */
export type OutcomeState = 'SENDING' | 'PENDING' | 'APPLIED' | 'MISMATCH' | 'UNREACHABLE' | 'REJECTED' | 'SUPERSEDED';
export type Outcome = { change: Change; state: OutcomeState; wanted: unknown; readBack: unknown };

/** Those that Wheelhouse keeps itself: accepted is stored, whatever the display says to the rest (docs/graph.md). */
const KEPT: readonly SettingName[] = ['hoursOfOperation', 'hoursExceptions'];
/** A display answers within seconds, and may take some more to obey: what is open for longer waits for something. */
const SENDING_MS = 20_000;

type Values = Readonly<Partial<Record<SettingName, unknown>>>;

/** The values in `wanted`, `before` or `readBack` that are known here. */
export function settingsIn(json: unknown): Values {
  if (typeof json !== 'object' || json === null) return {};
  const found: Readonly<Record<string, unknown>> = { ...json };
  return Object.fromEntries(SETTINGS.flatMap((name) => (name in found ? [[name, found[name]]] : [])));
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What has become of one setting of a change. Of a change that mismatched only those values did that read otherwise. */
export function outcomeOf(change: Change, name: SettingName, now: number): Outcome {
  const [wanted, readBack] = [settingsIn(change.wanted)[name], settingsIn(change.readBack)[name] ?? null];
  const state = ((): OutcomeState => {
    if (KEPT.includes(name)) return 'APPLIED';
    switch (change.state) {
      case 'PENDING':
        return now - Date.parse(change.at) < SENDING_MS ? 'SENDING' : 'PENDING';
      case 'MISMATCH':
        return isSame(wanted, readBack) ? 'APPLIED' : 'MISMATCH';
      case 'APPLIED':
      case 'UNREACHABLE':
      case 'REJECTED':
      case 'SUPERSEDED':
        return change.state;
      case 'PLANNED':
        return 'PENDING';
      default:
        return change.state satisfies never;
    }
  })();
  return { change, state, wanted, readBack };
}

/** The last outcome of each setting. @param changes newest first */
export function lastOutcomes(changes: readonly Change[], now: number): Partial<Record<SettingName, Outcome>> {
  const outcomes: Partial<Record<SettingName, Outcome>> = {};
  for (const change of changes)
    for (const name of SETTINGS)
      if (outcomes[name] === undefined && name in settingsIn(change.wanted))
        outcomes[name] = outcomeOf(change, name, now);
  return outcomes;
}

/** What of a change is sent to the display, as the input of another one. */
export function sentBy({ wanted }: Pick<Change, 'wanted'>): {
  power?: 'ON' | 'OFF';
  brightnessPercent?: number;
  inputSource?: string;
} {
  const { power, brightnessPercent, inputSource } = settingsIn(wanted);
  return {
    ...((power === 'ON' || power === 'OFF') && { power }),
    ...(typeof brightnessPercent === 'number' && { brightnessPercent }),
    ...(typeof inputSource === 'string' && { inputSource }),
  };
}

/** Whether a later change asked for one of the same settings; then this one cannot be taken back, and is not sent again. */
export const isOvertaken = (change: Change, changes: readonly Change[]): boolean =>
  changes.some(
    (other) =>
      (other.settingsVersion ?? 0) > (change.settingsVersion ?? 0) &&
      Object.keys(settingsIn(change.wanted)).some((name) => name in settingsIn(other.wanted)),
  );

/** Whether there is something to take back: it has come to its end, may have changed something, and it is known what was before. */
export const canUndo = (change: Change, changes: readonly Change[]): boolean =>
  ['APPLIED', 'MISMATCH', 'UNREACHABLE'].includes(change.state) &&
  change.before !== null &&
  !isOvertaken(change, changes);

export const canSendAgain = (change: Change, changes: readonly Change[]): boolean =>
  ['MISMATCH', 'UNREACHABLE', 'REJECTED'].includes(change.state) && !isOvertaken(change, changes);

const windowsText = (windows: Parameters<typeof printWindows>[0]): string => printWindows(windows) || texts.closed;

/** A value in lines, each with what it is of: a weekday, a date, or nothing. What is not known, or not set, is a line that says so. */
function linesOf(name: SettingName, value: unknown): Map<string, string> {
  if (value === null || value === undefined) return new Map(KEPT.includes(name) ? [] : [['', texts.unknown]]);
  switch (name) {
    case 'power':
      return new Map([['', value === 'ON' ? texts.power.ON : value === 'OFF' ? texts.power.OFF : String(value)]]);
    case 'brightnessPercent':
      return new Map([['', texts.percent(Number(value))]]);
    case 'inputSource':
      return new Map([['', String(value)]]);
    case 'hoursOfOperation': {
      const week = weekOf(value as readonly OpeningHours[]);
      const days = mapWeek((weekday) => windowsText(week[weekday]));
      return new Map(WEEKDAYS.map((weekday) => [texts.weekdays[weekday], days[weekday]]));
    }
    case 'hoursExceptions':
      return new Map((value as readonly HoursException[]).map(({ date, windows }) => [date, windowsText(windows)]));
    default:
      return name satisfies never;
  }
}

/** What a value is for people, in a line. */
export function valueText(name: SettingName, value: unknown): string {
  if (KEPT.includes(name)) {
    const count = Array.isArray(value) ? value.length : 0;
    return name === 'hoursOfOperation' ? texts.windowCount(count) : texts.dayCount(count);
  }
  return linesOf(name, value).get('') ?? texts.unknown;
}

export type Difference = { part: string; before: string; after: string };

/** Where two values of a setting differ: a line for each weekday or date that does, one line for what is a single value. */
export function differencesOf(name: SettingName, before: unknown, after: unknown): Difference[] {
  const [old, fresh] = [linesOf(name, before), linesOf(name, after)];
  const none = name === 'hoursExceptions' ? texts.asWeekday : texts.closed;
  const parts = [...new Set([...fresh.keys(), ...old.keys()])];
  const lines = (name === 'hoursExceptions' ? parts.sort() : parts).map((part) => ({
    ...{ part, before: old.get(part) ?? none, after: fresh.get(part) ?? none },
  }));
  const isDifferent = (line: Difference): boolean => line.before !== line.after;
  return name === 'hoursOfOperation' ? togetherFrom(lines).filter(isDifferent) : lines.filter(isDifferent);
}

/** Days that follow each other and say the same as one line. */
function togetherFrom(lines: readonly Difference[]): Difference[] {
  const groups: Difference[][] = [];
  for (const line of lines) {
    const first = groups.at(-1)?.[0];
    if (first?.before === line.before && first.after === line.after) groups.at(-1)?.push(line);
    else groups.push([line]);
  }
  return groups.map((group) => {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined || first === last)
      return first ?? { part: '', before: '', after: '' };
    return { ...first, part: texts.span(first.part, last.part) };
  });
}
