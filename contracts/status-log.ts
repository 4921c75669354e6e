import { boolean, integer, text, timestamp } from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const STATUSES = ['ONLINE', 'DEGRADED', 'OFFLINE', 'UNKNOWN'] as const;
export type Status = (typeof STATUSES)[number];

/** The columns of `devices.status_changes` besides its position: a published contract, in the order of each device's time. */
export const statusChangeColumns = () => ({
  deviceId: text('device_id').notNull(),
  at: instant('at').notNull(),
  from: text({ enum: STATUSES }).notNull(),
  to: text({ enum: STATUSES }).notNull(),
  reason: text(),
  /** True for UNKNOWN because nobody looked: it says something of the monitoring, and nothing of the device. */
  blind: boolean().notNull().default(false),
});

/**
 * The columns of `devices.registry_log` besides its position: a published contract. Each row is what the registry's entry of a device
 * became. A row of the version that the row before it has is no change of the entry: the time zone of its site changed, and the device's
 * system is told anew. Who reads the log as history leaves it out.
 */
export const registryChangeColumns = () => ({
  deviceId: text('device_id').notNull(),
  version: integer().notNull(),
  at: instant('at').notNull(),
  name: text().notNull(),
  system: text().notNull(),
  site: text().notNull(),
  /** True for a tombstone. */
  removed: boolean().notNull(),
  /** Who changed the entry. */
  actor: text().notNull(),
});
