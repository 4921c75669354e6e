import { sql } from 'drizzle-orm';
import { index, integer, jsonb, type PgSchema, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { logPosition } from './log-table.ts';

/** SENDING is PENDING to everybody outside: it may have taken effect, so who finds it looks before anything is sent again. */
export const SETTINGS_CHANGE_STATES = [
  'PENDING',
  'SENDING',
  'APPLIED',
  'MISMATCH',
  'UNREACHABLE',
  'REJECTED',
  'SUPERSEDED',
] as const;
export type SettingsChangeState = (typeof SETTINGS_CHANGE_STATES)[number];

export const isOpen = (state: SettingsChangeState): boolean => state === 'PENDING' || state === 'SENDING';

/** Values by the names of the settings. */
export type SettingsValues = Record<string, unknown>;

/** Changes of settings, one row each for ever. A published contract: other services may read it. */
export const settingsChangesTable = (schema: PgSchema<string>) =>
  schema.table(
    'settings_changes',
    {
      id: text().primaryKey(),
      /** Whose settings. */
      subject: text().notNull(),
      /** The subject's version that this change made: the order in which its changes were accepted. */
      settingsVersion: integer('settings_version').notNull(),
      state: text({ enum: SETTINGS_CHANGE_STATES }).notNull(),
      wanted: jsonb().$type<SettingsValues>().notNull(),
      /** What the caller took the present values for; where they are others, nothing is sent. */
      expected: jsonb().$type<SettingsValues>(),
      before: jsonb().$type<SettingsValues>(),
      readBack: jsonb('read_back').$type<SettingsValues>(),
      code: text(),
      detail: text(),
      actor: text().notNull(),
      reason: text(),
      /** An actor's own name for the request; a second request of that name is answered with this change. */
      idempotencyKey: text('idempotency_key'),
      /** Tells another payload under the same idempotency key. */
      payloadHash: text('payload_hash'),
      undoes: text(),
      requestedAt: instant('requested_at').notNull(),
      /** When it was first sent; null before. */
      sentAt: instant('sent_at'),
      finishedAt: instant('finished_at'),
      /** Until when a worker has it in hand, and which one. */
      leaseUntil: instant('lease_until'),
      leaseToken: text('lease_token'),
      /** How often a worker has had it in hand; a worker that was stopped does not count. */
      attempts: integer().notNull().default(0),
    },
    (table) => [
      uniqueIndex('settings_changes_version').on(table.subject, table.settingsVersion),
      uniqueIndex('settings_changes_idempotency').on(table.actor, table.idempotencyKey),
      index('settings_changes_at').on(table.subject, table.requestedAt),
      // What is under way is little, and what has been is all there ever was.
      index('settings_changes_open')
        .on(table.subject, table.settingsVersion)
        .where(sql`state in ('PENDING', 'SENDING')`),
    ],
  );

/**
 * Each state that a change came to, in the order of commits: what streams follow, and what an audit is made from. A log
 * (kit/log-table.ts), and a published contract.
 */
export const settingsChangeEventsTable = (schema: PgSchema<string>) =>
  schema.table('settings_change_events', {
    position: logPosition(),
    changeId: text('change_id').notNull(),
    subject: text().notNull(),
    state: text({ enum: SETTINGS_CHANGE_STATES }).notNull(),
    at: instant('at').notNull(),
  });

/** The settings' version of each subject, counted up by each change that is accepted; a subject without changes has version 0, or no row. */
export const settingsVersionsTable = (schema: PgSchema<string>) =>
  schema.table('settings_versions', {
    subject: text().primaryKey(),
    version: integer().notNull(),
  });
