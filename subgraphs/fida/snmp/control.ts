import type { Profile } from '../profiles/profile.ts';
import { readSettings, settingOids } from '../profiles/read-settings.ts';
import { SETTING_NAMES, type SettingValues, settingFault } from '../profiles/settable.ts';
import { encodeSettings } from '../profiles/write-settings.ts';
import { createConversations, REMEMBERED_TARGETS, type Talk } from './conversations.ts';
import { DetectedProfiles } from './detected.ts';
import { isRefusal, SnmpFailure } from './failure.ts';
import type { Limit } from './limit.ts';
import { readValues } from './read.ts';
import { refusalOf } from './refusal.ts';
import type { SnmpSession } from './session.ts';
import type { NoAnswer, SnmpTarget } from './target.ts';

export type { SettingName, SettingValues } from '../profiles/settable.ts';

/** What a display's settings are, fresh from it. */
export type SettingsReading =
  | {
      kind: 'read';
      /** The id of the profile by which they were read. */
      profile: string;
      /** Of all that the profile can set, in the graph's units; what the display lacks is left out. */
      values: SettingValues;
      /** Whether these are the values, in the display's own units: 33 % of 16 levels is level 5. */
      holds: (wanted: SettingValues) => boolean;
    }
  | NoAnswer;

/** What came of one SET. Of all but `refused`, and of UNDO_FAILED, only a reading tells whether it took effect. */
export type SetOutcome =
  | { kind: 'accepted' }
  /**
   * The display, or its profile, does not take it. `code`: the error-status in our writing (refusal.ts); NOT_SETTABLE_NOW for what
   * the display would take in another condition; OUT_OF_RANGE, WRONG_TYPE, NOT_SETTABLE and NOTHING_WANTED for what was not sent
   * at all. `detail`: in SNMP's own words, with the setting's name: "brightnessPercent: notWritable (17)".
   */
  | { kind: 'refused'; code: string; detail: string }
  | NoAnswer;

export type SnmpController = {
  /** All that can be set, read from the display; within timeoutMs × (retries + 1). */
  read: (target: SnmpTarget, signal?: AbortSignal) => Promise<SettingsReading>;
  /**
   * Sets these values together, with one datagram that is never sent again, after the display has answered a GET: nothing is sent to
   * one that is silent, or whose settings can't be read. Within twice timeoutMs × (retries + 1).
   */
  set: (target: SnmpTarget, wanted: SettingValues, signal?: AbortSignal) => Promise<SetOutcome>;
  /** Ends what is under way (CANCELLED) and forgets what is remembered. */
  close: () => void;
};

type Read = Extract<SettingsReading, { kind: 'read' }>;
type Sent = Extract<SetOutcome, { kind: 'accepted' | 'refused' }>;

const refused = (code: string, detail: string): Sent => ({ kind: 'refused', code, detail });

/** Why these values can't be wanted of a display of this profile, or null. */
function faultOf(profile: Profile, wanted: SettingValues): Sent | null {
  const names = SETTING_NAMES.filter((name) => wanted[name] !== undefined);
  if (names.length === 0) return refused('NOTHING_WANTED', 'no setting was given a value');
  for (const name of names) {
    const fault = settingFault(profile, name, wanted[name]);
    if (fault !== null) return refused(fault.code, fault.message);
  }
  return null;
}

async function readTalk(session: SnmpSession, _target: SnmpTarget, profile: Profile): Promise<Read> {
  const readOther = await readValues(session, profile, settingOids(profile));
  return { kind: 'read', profile: profile.id, ...readSettings(profile, readOther) };
}

async function sendSettings(
  session: SnmpSession,
  profile: Profile,
  wanted: SettingValues,
  limit: Limit,
): Promise<Sent> {
  // The GET may be sent again, and finds out what would otherwise befall the SET: silence, another engine, another model.
  const readOther = await readValues(session, profile, settingOids(profile));
  const fault = faultOf(profile, wanted);
  if (fault !== null) return fault;
  const encoded = encodeSettings(profile, wanted, readOther);
  if (encoded.kind === 'notNow') return refused('NOT_SETTABLE_NOW', encoded.detail);
  limit.restart();
  try {
    await session.set(encoded.varbinds);
    return { kind: 'accepted' };
  } catch (err) {
    if (!(err instanceof SnmpFailure) || !isRefusal(err.code)) throw err;
    return { kind: 'refused', ...refusalOf(err, encoded.varbinds) };
  }
}

/**
 * Sets displays over SNMP and reads their settings. Apart from looks, whose sockets and memory of v3 engines it does not use: a look
 * that fails must not end what is being set.
 *
 * @param options.timeoutMs how long each datagram is given before the next is sent
 * @param options.retries how many more datagrams of a GET are sent after the first; of a SET, none
 */
export function createSnmpController(options: { timeoutMs: number; retries: number }): SnmpController {
  const { hold, close } = createConversations({ ...options, isSocketShared: false });
  const detected = new DetectedProfiles({ targets: REMEMBERED_TARGETS });

  const read: Talk<Read> = (session, target) => detected.with(session, target, readTalk);
  const setTo =
    (wanted: SettingValues): Talk<Sent> =>
    (session, target, limit) =>
      detected.with(session, target, (_session, _target, profile) => sendSettings(session, profile, wanted, limit));
  return {
    read: (target, signal) => hold(target, signal, read),
    set: (target, wanted, signal) => hold(target, signal, setTo(wanted)),
    close,
  };
}
