import { isDeepStrictEqual } from 'node:util';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import type { DisplayRow } from './store.ts';

/** The settings that are sent to a display. The others we keep ourselves. */
export const SENT_SETTINGS = ['power', 'brightnessPercent', 'inputSource'] as const;
export type SentSetting = (typeof SENT_SETTINGS)[number];

/** A mistake in what is to be set. */
export type Fault = {
  path: (string | number)[];
  code: 'INVALID' | 'OUT_OF_RANGE' | 'NOT_SETTABLE' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN';
  message: string;
};

export const faultAt = (path: string, code: Fault['code'], message: string): Fault => ({
  path: path.split('.'),
  code,
  message,
});

const MAX_REASON = 500;
const MAX_KEY = 200;
/** Below what the router waits for a subgraph, 10 s if not set otherwise. */
const MAX_WAIT_MS = 8_000;
const DEFAULT_WAIT_MS = 5_000;

/** What every request may say besides the values. */
type Manner = {
  reason?: string | null | undefined;
  idempotencyKey?: string | null | undefined;
  expectedSettingsVersion?: number | null | undefined;
  dryRun?: boolean | null | undefined;
  waitMs?: number | null | undefined;
};
export type CheckedManner = {
  reason: string | null;
  idempotencyKey: string | null;
  expectedVersion: number | null;
  isDryRun: boolean;
  waitMs: number;
};

const isLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Checks what a request says besides the values. */
export function checkManner(input: Manner): { manner: CheckedManner; faults: Fault[] } {
  const faults: Fault[] = [];
  const refuse = (field: string, message: string): void => {
    faults.push(faultAt(`input.${field}`, 'INVALID', `${field} ${message}`));
  };
  const reason = input.reason?.trim() || null;
  if (reason !== null && reason.length > MAX_REASON) refuse('reason', `must have at most ${MAX_REASON} characters`);
  else if (reason !== null && !isLine(reason)) refuse('reason', 'must be well-formed text without control characters');
  const idempotencyKey = input.idempotencyKey ?? null;
  if (idempotencyKey !== null && (idempotencyKey.length < 1 || idempotencyKey.length > MAX_KEY))
    refuse('idempotencyKey', `must have 1 to ${MAX_KEY} characters`);
  else if (idempotencyKey !== null && !isLine(idempotencyKey))
    refuse('idempotencyKey', 'must be well-formed text without control characters');
  const expectedVersion = input.expectedSettingsVersion ?? null;
  if (expectedVersion !== null && expectedVersion < 0) refuse('expectedSettingsVersion', 'must be 0 or more');
  const waitMs = input.waitMs ?? DEFAULT_WAIT_MS;
  if (waitMs < 0 || waitMs > MAX_WAIT_MS) refuse('waitMs', `must be 0 to ${MAX_WAIT_MS}`);
  return { manner: { reason, idempotencyKey, expectedVersion, isDryRun: input.dryRun === true, waitMs }, faults };
}

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
  for (const change of open) {
    const isSuperseded = change.state === 'PENDING' && Object.keys(change.wanted).every((name) => name in wanted);
    effects.push(
      isSuperseded
        ? `it supersedes the change ${change.id}, which is not begun`
        : `it waits for the change ${change.id}, which has not come to its end`,
    );
  }
  if (display === undefined) effects.push('the display has not been looked at yet');
  else if (display.lookProblem !== null) {
    const since =
      display.measuredAt === null ? 'has never answered' : `has not answered since ${display.measuredAt.toISOString()}`;
    effects.push(`the display ${since}: ${display.lookProblem}`);
  }
  return effects;
}

/** What is no longer as it was when a plan was made, for people; empty when nothing moved. */
export const movedSince = (planned: SettingsValues, present: SettingsValues): string[] =>
  Object.keys(planned)
    .filter((name) => !isDeepStrictEqual(planned[name], present[name] ?? null))
    .map((name) => `${name} was ${JSON.stringify(planned[name])}, and is ${JSON.stringify(present[name] ?? null)}`);
