import type { Database } from '@wheelhouse/kit/database.ts';
import { shown } from '@wheelhouse/kit/errors.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { type Fault, faultAt } from '@wheelhouse/kit/settings-manner.ts';
import type { About, KeptSettings } from './kept-settings.ts';
import type { Profile } from './profiles/profile.ts';
import { profiles } from './profiles/registry.ts';
import { settingFault } from './profiles/settable.ts';
import { lastValues, SENT_SETTINGS, type SentSetting } from './settings-rules.ts';
import { type DisplayRow, findDisplays, findTargets, type TargetRow } from './store.ts';

/** Values that are wanted of one display. */
export type Ask = {
  deviceId: string;
  /** To be sent to the display, and to be kept by ourselves: checked already. */
  sent: SettingsValues;
  kept: SettingsValues;
  expected?: SettingsValues | null;
  expectedVersion?: number | null;
  idempotencyKey?: string | null;
  undoes?: string | null;
  reason: string | null;
};

/** A display that may be set: what is known of it. */
export type Settled = {
  ask: Ask;
  display: DisplayRow | undefined;
  before: { sent: SettingsValues; kept: SettingsValues };
  /** What would follow from the values that we keep ourselves, for people. */
  keptEffects: () => string[];
};

/** An ask that was refused. */
export type Refused = { kind: 'refused'; deviceId: string; isKnown: boolean; faults: Fault[] };

/** The id of a display's profile: the one it was registered with, or the one by which it last answered. */
export function profileOf(
  target: Pick<TargetRow, 'connection'>,
  lastProfile: string | null | undefined,
): string | null {
  const { profile } = target.connection;
  return typeof profile === 'string' ? profile : (lastProfile ?? null);
}

function faultsOfValues(ask: Ask, profile: Profile | undefined): Fault[] {
  const isSent = Object.keys(ask.sent).length > 0;
  if (isSent && profile === undefined) {
    const message =
      'what can be set on the display is not known: it has not answered yet, and was registered without a profile';
    return [faultAt('input.id', 'NOT_SETTABLE', message)];
  }
  if (profile === undefined) return [];
  const faultsIn = (values: SettingsValues, path: string): Fault[] =>
    SENT_SETTINGS.flatMap((name: SentSetting) => {
      const fault = name in values ? settingFault(profile, name, values[name]) : null;
      if (fault === null) return [];
      return [faultAt(`${path}.${name}`, fault.code === 'WRONG_TYPE' ? 'INVALID' : fault.code, fault.message)];
    });
  return [...faultsIn(ask.sent, 'input'), ...faultsIn(ask.expected ?? {}, 'input.expected')];
}

/** Those of one display's values that we keep ourselves, as they are to be stored, and what is stored. */
function checkKept(
  wanted: SettingsValues,
  deviceId: string,
  stored: ReadonlyMap<KeptSettings, ReadonlyMap<string, SettingsValues>>,
  about: About,
) {
  const found = { values: {} as SettingsValues, before: {} as SettingsValues, faults: [] as Fault[] };
  const effects: (() => string[])[] = [];
  for (const [{ names, check, effects: effectsOf }, held] of stored) {
    const mine = Object.fromEntries(names.flatMap((name) => (name in wanted ? [[name, wanted[name]]] : [])));
    if (Object.keys(mine).length === 0) continue;
    const before = Object.fromEntries(names.map((name) => [name, held.get(deviceId)?.[name] ?? null]));
    const checked = check(mine, before, about);
    if ('faults' in checked)
      found.faults.push(...checked.faults.map((fault) => ({ ...fault, path: ['input', ...fault.path] })));
    else {
      Object.assign(found.values, checked.values);
      effects.push(() => effectsOf?.(checked.values, before, about) ?? []);
    }
    for (const name of Object.keys(mine)) found.before[name] = before[name];
  }
  return { ...found, effects: () => effects.flatMap((tell) => tell()) };
}

/**
 * Looks at what is known of the displays and checks what is wanted of each by its own profile, with a number of statements that does not
 * depend on how many there are.
 */
export async function checkAsks(
  { db, kept, now }: { db: Database; kept: readonly KeptSettings[]; now: () => Date },
  asks: readonly Ask[],
): Promise<{ settled: Settled[]; refused: Refused[] }> {
  const ids = asks.map(({ deviceId }) => deviceId);
  const targets = new Map((await findTargets(db, ids)).map((row) => [row.deviceId, row]));
  const displays = new Map((await findDisplays(db, ids)).map((row) => [row.deviceId, row]));
  const concerned = kept.filter(({ names }) => asks.some((ask) => names.some((name) => name in ask.kept)));
  const stored = new Map<KeptSettings, ReadonlyMap<string, SettingsValues>>();
  for (const settings of concerned) stored.set(settings, await settings.find(db, ids));
  const settled: Settled[] = [];
  const refused: Refused[] = [];
  for (const ask of asks) {
    const { deviceId } = ask;
    const target = targets.get(deviceId);
    const display = displays.get(deviceId);
    if (target === undefined) {
      const fault = faultAt('input.id', 'NOT_FOUND', `there is no display ${shown(deviceId)}`);
      refused.push({ kind: 'refused', deviceId, isKnown: false, faults: [fault] });
      continue;
    }
    const profile = profiles.get(profileOf(target, display?.profile) ?? '');
    const keptHere = checkKept(ask.kept, deviceId, stored, { timeZone: target.timeZone, profile, now: now() });
    const faults = [...faultsOfValues(ask, profile), ...keptHere.faults];
    if (faults.length > 0) {
      refused.push({ kind: 'refused', deviceId, isKnown: true, faults });
      continue;
    }
    const before = { sent: lastValues(display, Object.keys(ask.sent)), kept: keptHere.before };
    settled.push({ ask: { ...ask, kept: keptHere.values }, display, before, keptEffects: keptHere.effects });
  }
  return { settled, refused };
}
