import { auditColumns } from '@wheelhouse/contracts/audit.ts';
import { targetColumns } from '@wheelhouse/contracts/registry.ts';
import { auditOutboxTable } from '@wheelhouse/kit/audit.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { feedCursorsTable } from '@wheelhouse/kit/feed-copy.ts';
import { logCounters } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import {
  settingsChangeEventsTable,
  settingsChangesTable,
  settingsVersionsTable,
} from '@wheelhouse/kit/settings-changes.ts';
import type { SettingsTables } from '@wheelhouse/kit/settings-requests.ts';
import { sql } from 'drizzle-orm';
import { boolean, doublePrecision, index, jsonb, pgSchema, text } from 'drizzle-orm/pg-core';
import type { HoursException, OpeningHours } from './hours/hours.ts';

export const schema = pgSchema('fida');

/** What we keep of a display in order to reach it. */
export const targets = schema.table('targets', targetColumns());

/** Where we stand in other services' feeds. */
export const feedCursors = feedCursorsTable(schema);

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
/** Who asked for which changes, for the audit log. */
export const auditOutbox = auditOutboxTable(schema, auditColumns());
/** What the road of settings (kit/settings-*.ts) works on. */
export const settingsTables: SettingsTables = {
  changes: settingsChanges,
  events: settingsChangeEvents,
  versions: settingsVersions,
  audit: { outbox: auditOutbox, subject: targets.deviceId, site: targets.site },
};

/** When displays are on, in the local time of their sites, and how far that has been followed. A display without hours has no row. */
export const hoursOfOperation = schema.table(
  'hours_of_operation',
  {
    deviceId: text('device_id').primaryKey(),
    weekly: jsonb().$type<OpeningHours[]>().notNull(),
    exceptions: jsonb().$type<HoursException[]>().notNull(),
    setAt: instant('set_at').notNull(),
    /** Switchings up to here are decided, or lay behind when the hours or the zone changed. */
    switchedThrough: instant('switched_through').notNull(),
    /** The next switching; null when none is to come. One before `switched_through` was due under the hours or the zone before. */
    nextAt: instant('next_at'),
    nextPower: text('next_power', { enum: ['ON', 'OFF'] }),
    /** The zone, and the edition of the time zone database, by which that was reckoned. */
    timeZone: text('time_zone').notNull(),
    timeZoneRules: text('time_zone_rules').notNull(),
    /** The change that asked for the last switching, until nothing more is to be done about it. */
    changeId: text('change_id'),
  },
  (table) => [
    index('hours_of_operation_next').on(table.nextAt),
    index('hours_of_operation_change').on(table.changeId).where(sql`change_id is not null`),
  ],
);

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);
export const sampleSettings = sampleSettingsTable(schema);

export const logCounterTable = logCounters(schema);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);
