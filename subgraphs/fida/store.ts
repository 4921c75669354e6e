import { problemOf } from '@wheelhouse/contracts/observations.ts';
import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { type FeedCopy, isPresent } from '@wheelhouse/kit/feed-copy.ts';
import { insertRows, setColumns } from '@wheelhouse/kit/rows.ts';
import { eq, sql } from 'drizzle-orm';
import type { Look } from './snmp.ts';
import { displays, feedCursors, targets } from './tables.ts';

export type DisplayRow = typeof displays.$inferSelect;
export type TargetRow = typeof targets.$inferSelect;

/** Our copy of the registry. */
export const registryCopy: FeedCopy = {
  feed: 'registry',
  cursors: feedCursors,
  entries: targets,
  id: targets.deviceId,
};

/** The targets with these ids that are not removed, in no order. */
export const findTargets = (db: Queryable, ids: readonly string[]): Promise<TargetRow[]> =>
  db.select().from(targets).where(isPresent(registryCopy, ids));

export const findDisplays = (db: Queryable, ids: readonly string[]): Promise<DisplayRow[]> =>
  db.select().from(displays).where(isAmong(displays.deviceId, ids));

export type Looked = { deviceId: string; at: Date; look: Look };

const NOTHING_MEASURED = {
  power: null,
  brightnessPercent: null,
  temperatureCelsius: null,
  inputSource: null,
  signalPresent: null,
  backlightHours: null,
  ambientLightLux: null,
  model: null,
  serialNumber: null,
  firmware: null,
  problems: null,
};

/** Not of a look: what saveReadBack keeps. */
const OF_NO_LOOK = { settingsReadAt: null };

function rowOf({ deviceId, at, look }: Looked, slot: Date): DisplayRow {
  const base = { deviceId, slot, lookedAt: at, lookProblem: problemOf(look) };
  if (look.kind !== 'answered')
    return { ...base, ...NOTHING_MEASURED, ...OF_NO_LOOK, measuredAt: null, roundTripMs: null, profile: null };
  const { power, brightnessPercent, temperatureCelsius, inputSource, signalPresent } = look.state;
  const { backlightHours, ambientLightLux, model, serialNumber, firmware, problems } = look.state;
  const measured = { power, brightnessPercent, temperatureCelsius, inputSource, signalPresent };
  const about = { backlightHours, ambientLightLux, model, serialNumber, firmware, problems };
  const { roundTripMs, profile } = look;
  return { ...base, ...OF_NO_LOOK, measuredAt: at, roundTripMs, profile, ...measured, ...about };
}

/** Columns that describe the look itself; the others keep the last answer when a look has none. */
const LOOK_COLUMNS = new Set(['slot', 'looked_at', 'look_problem']);
/** What can be set. A look that began before a change was read back may have seen the old value. */
const SETTINGS = ['power', 'brightnessPercent', 'inputSource'] as const satisfies (keyof DisplayRow)[];
const SETTING_COLUMNS = new Set<string>(SETTINGS.map((field) => displays[field].name));
/** No look takes so long: what was read back further ahead was dated by a clock that is. */
const LONGEST_LOOK = "interval '10 minutes'";
const READ_BACK_LATER = `coalesce(held.settings_read_at > excluded.looked_at
  and held.settings_read_at < excluded.looked_at + ${LONGEST_LOOK}, false)`;

const CHANGES = setColumns(displays, (name) => {
  if (name === displays.settingsReadAt.name) return null;
  if (LOOK_COLUMNS.has(name)) return `excluded.${name}`;
  const isOlder = SETTING_COLUMNS.has(name) ? ` or ${READ_BACK_LATER}` : '';
  return `case when excluded.measured_at is null${isOlder} then held.${name} else excluded.${name} end`;
});

/**
 * Keeps what a chunk's looks found, in one statement. A look of an older slot than the one we have changes nothing. The rows travel as
 * one parameter: a list of values would be taken apart and planned anew for each chunk, at several times the cost.
 */
export async function saveLooks(db: Queryable, slot: Date, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  // In the order of ids, so that two chunks with a device in common can't lock each other out.
  const rows = looked.map((item) => rowOf(item, slot)).sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await db.execute(sql`
    ${insertRows(displays, rows)}
    on conflict (device_id) do update set ${CHANGES} where held.slot <= excluded.slot`);
}

/**
 * Keeps what was read back after a change of settings. Slot and times stay those of the last look. A display that was never looked at
 * has no row, and gets none.
 */
export async function saveReadBack(
  db: Queryable,
  deviceId: string,
  readBack: Partial<Pick<DisplayRow, (typeof SETTINGS)[number]>>,
  at: Date,
): Promise<void> {
  await db
    .update(displays)
    .set({ ...readBack, settingsReadAt: at })
    .where(eq(displays.deviceId, deviceId));
}
