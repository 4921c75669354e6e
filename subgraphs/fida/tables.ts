import { logCounters } from '@wheelhouse/kit/log-table.ts';
import { sampleMetricsTable, sampleRunsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import {
  settingsChangeEventsTable,
  settingsChangesTable,
  settingsVersionsTable,
} from '@wheelhouse/kit/settings-changes.ts';
import type { SettingsTables } from '@wheelhouse/kit/settings-requests.ts';
import { boolean, doublePrecision, integer, jsonb, pgSchema, text, timestamp } from 'drizzle-orm/pg-core';

export const schema = pgSchema('fida');
const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** What we keep of a display in order to reach it. A removed device's row stays, so that an old item can't bring it back. */
export const targets = schema.table('targets', {
  deviceId: text('device_id').primaryKey(),
  /** The registry's version of the entry: the newest wins. */
  version: integer().notNull(),
  removed: boolean().notNull(),
  /** Where it stands: `museum/hall-2`. */
  site: text().notNull(),
  /** The IANA time zone that holds there. */
  timeZone: text('time_zone').notNull(),
  connection: jsonb().$type<Record<string, unknown>>().notNull(),
  /** The secrets of the connection, sealed for the device's id; null when there are none. */
  sealed: text(),
});

/** Where we stand in other services' feeds. */
export const feedCursors = schema.table('feed_cursors', {
  feed: text().primaryKey(),
  cursor: text().notNull(),
});

/** What SNMP said of each display last. A measured value is null when it is not known or the display does not have it. */
export const displays = schema.table('displays', {
  deviceId: text('device_id').primaryKey(),
  /** The slot of the last look; an older look never overwrites a newer one. */
  slot: instant('slot').notNull(),
  lookedAt: instant('looked_at').notNull(),
  /** Why the last look has no answer; null when it has one. */
  lookProblem: text('look_problem'),
  /** When the display last answered; null until it has. The columns below are of that answer. */
  measuredAt: instant('measured_at'),
  roundTripMs: doublePrecision('round_trip_ms'),
  profile: text(),
  power: text({ enum: ['ON', 'OFF'] }),
  brightnessPercent: doublePrecision('brightness_percent'),
  temperatureCelsius: doublePrecision('temperature_celsius'),
  inputSource: text('input_source'),
  signalPresent: boolean('signal_present'),
  backlightHours: doublePrecision('backlight_hours'),
  ambientLightLux: doublePrecision('ambient_light_lux'),
  model: text(),
  serialNumber: text('serial_number'),
  firmware: text(),
  problems: text().array(),
  /** When the settings were last read back after a change: a look that began before does not overwrite them. Null when they never were. */
  settingsReadAt: instant('settings_read_at'),
});

export const settingsChanges = settingsChangesTable(schema);
export const settingsChangeEvents = settingsChangeEventsTable(schema);
export const settingsVersions = settingsVersionsTable(schema);
/** What the road of settings (kit/settings-*.ts) works on. */
export const settingsTables: SettingsTables = {
  changes: settingsChanges,
  events: settingsChangeEvents,
  versions: settingsVersions,
};

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);

export const logCounterTable = logCounters(schema);
