import { auditColumns } from '@wheelhouse/contracts/audit.ts';
import { targetColumns } from '@wheelhouse/contracts/registry.ts';
import { auditOutboxTable } from '@wheelhouse/kit/audit.ts';
import { instant } from '@wheelhouse/kit/columns.ts';
import { feedCursorsTable } from '@wheelhouse/kit/feed-copy.ts';
import { logCounters } from '@wheelhouse/kit/log-table.ts';
import { processesTable } from '@wheelhouse/kit/processes.ts';
import { sampleMetricsTable, sampleRunsTable, sampleSettingsTable, samplesTable } from '@wheelhouse/kit/samples.ts';
import { boolean, pgSchema, text } from 'drizzle-orm/pg-core';
import { PLAYER_STATES } from './rules.ts';

export const schema = pgSchema('appspace');

/** What we keep of a player in order to find it in Appspace. */
export const targets = schema.table('targets', targetColumns());

/** Where we stand in other services' feeds. */
export const feedCursors = feedCursorsTable(schema);

/** What Appspace said of a player; null is what it did not say. */
const toldColumns = () => ({
  name: text(),
  state: text({ enum: PLAYER_STATES }),
  deviceType: text('device_type'),
  locationName: text('location_name'),
  channelName: text('channel_name'),
  playerVersion: text('player_version'),
  lastContactAt: instant('last_contact_at'),
});

/** What Appspace said of each player of the registry. */
export const players = schema.table('players', {
  deviceId: text('device_id').primaryKey(),
  /** The slot of the last look; an older look never overwrites a newer one. */
  slot: instant('slot').notNull(),
  lookedAt: instant('looked_at').notNull(),
  /** Why Appspace could not tell; null when it could. */
  lookProblem: text('look_problem'),
  /** When Appspace last told of it; null until it did. The columns below are of that time. */
  measuredAt: instant('measured_at'),
  ...toldColumns(),
  /** Whether the screen shows its channel. */
  onAir: boolean('on_air'),
});

/** All players of the account, also those that the registry does not have. */
export const listedPlayers = schema.table('listed_players', {
  /** Appspace's own id. */
  appspaceId: text('appspace_id').primaryKey(),
  /** When the list was asked for in which it last was. */
  listedAt: instant('listed_at').notNull(),
  ...toldColumns(),
});

export const samples = samplesTable(schema);
export const sampleRuns = sampleRunsTable(schema);
export const sampleMetrics = sampleMetricsTable(schema);
export const sampleSettings = sampleSettingsTable(schema);

export const logCounterTable = logCounters(schema);

/** The processes of this service, as they tell of themselves. */
export const processes = processesTable(schema);

/** Whom this service refused something: it changes nothing for anybody. */
export const auditOutbox = auditOutboxTable(schema, auditColumns());
