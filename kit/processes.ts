import { integer, jsonb, type PgSchema, text } from 'drizzle-orm/pg-core';
import { z } from 'zod';
import { instant } from './columns.ts';
import type { SweepNote } from './sweep-log.ts';

const depthShape = z.object({ name: z.string(), waiting: z.number(), active: z.number(), atMs: z.number() });
export const queueDepthsShape = z.array(depthShape);
/** What waits in a queue, as one process counted it. */
export type QueueDepth = z.infer<typeof depthShape>;

/** How often a process says that it is there, and after how long without a word it counts as silent: three times that it did not. */
export const BEAT_MS = 5_000;
export const SILENT_AFTER_MS = 15_000;
/** How long what a process said last is kept. */
export const KEPT_MS = 3_600_000;

/**
 * The processes of a service, each with what it says of itself: a published contract, which the service that tells of all services reads. Times are
 * those of the database's clock.
 */
export const processesTable = (schema: PgSchema<string>) =>
  schema.table('processes', {
    /** Another one after each start. */
    id: text().primaryKey(),
    role: text({ enum: ['SERVER', 'WORKER'] }).notNull(),
    startedAt: instant('started_at').notNull(),
    seenAt: instant('seen_at').notNull(),
    /** Null until it says that it stops. */
    stoppedAt: instant('stopped_at'),
    version: text().notNull(),
    /** Null where nobody said what it was built from. */
    revision: text(),
    host: text().notNull(),
    pid: integer().notNull(),
    /** Null for one that sweeps nothing. */
    sweep: jsonb().$type<SweepNote>(),
    /** Of those queues that it takes jobs from; null until they were counted. */
    queues: jsonb().$type<QueueDepth[]>(),
  });
