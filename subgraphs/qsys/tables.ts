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
import { boolean, doublePrecision, integer, pgSchema, primaryKey, text } from 'drizzle-orm/pg-core';

export const schema = pgSchema('qsys');

/** What we keep of a Core in order to reach it. */
export const targets = schema.table('targets', targetColumns());

/** Where we stand in other services' feeds. */
export const feedCursors = feedCursorsTable(schema);

/** What each Core said of itself last. */
export const cores = schema.table('cores', {
  deviceId: text('device_id').primaryKey(),
  /** The slot of the last look; an older look never overwrites a newer one. */
  slot: instant('slot').notNull(),
  lookedAt: instant('looked_at').notNull(),
  /** Why the last look has no answer; null when it has one. */
  lookProblem: text('look_problem'),
  /** When the Core last answered; null until it has. The columns below are of that answer; null is what it did not tell. */
  measuredAt: instant('measured_at'),
  roundTripMs: doublePrecision('round_trip_ms'),
  platform: text(),
  engineState: text('engine_state', { enum: ['ACTIVE', 'IDLE', 'STANDBY'] }),
  designName: text('design_name'),
  designCode: text('design_code'),
  isRedundant: boolean('is_redundant'),
  isEmulator: boolean('is_emulator'),
  problems: text().array(),
});

/** When each Core's components were read as a whole, and of which design; a Core whose components never were has no row. */
export const designs = schema.table('designs', {
  deviceId: text('device_id').primaryKey(),
  designCode: text('design_code').notNull(),
  readAt: instant('read_at').notNull(),
});

/** The components of a Core's design that it shows to the outside. */
export const components = schema.table(
  'components',
  {
    deviceId: text('device_id').notNull(),
    name: text().notNull(),
    /** As the vendor names it: `gain`, `mixer`, `cxq_amplifier`. */
    type: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.name] })],
);

/** The controls of components, and what was read of them last. A value is null where the Core gave none, as of texts. */
export const controls = schema.table(
  'controls',
  {
    deviceId: text('device_id').notNull(),
    component: text().notNull(),
    name: text().notNull(),
    /** Its place among the controls of its component, as the Core lists them. */
    place: integer().notNull(),
    /** As the vendor names it: `Float`, `Boolean`, `Trigger`. */
    type: text().notNull(),
    direction: text({ enum: ['READ_WRITE', 'READ_ONLY'] }).notNull(),
    /** The limits of the value; null where it has none. */
    min: doublePrecision(),
    max: doublePrecision(),
    /** Booleans are 0 and 1. */
    value: doublePrecision(),
    string: text(),
    /** 0 to 1. */
    position: doublePrecision(),
    measuredAt: instant('measured_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.deviceId, table.component, table.name] })],
);

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

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);
export const sampleSettings = sampleSettingsTable(schema);

export const logCounterTable = logCounters(schema);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);
