import { pgSchema } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { auditColumns } from '../contracts/audit.ts';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { appendAudit, auditOutboxTable } from './audit.ts';
import { openAuditRetention, pruneAuditOutbox } from './audit-retention.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';
import { createLogger } from './logger.ts';

const outbox = auditOutboxTable(pgSchema('testing'), auditColumns());
const audit = { outbox, cursors: { schema: 'auditor', table: 'cursors' } };
const NOW = new Date('2026-11-25T12:00:00Z');
const hoursAgo = (hours: number): Date => new Date(NOW.getTime() - hours * 3_600_000);
const logger = createLogger({ name: 'test', level: 'silent' });

let database: TestDatabase;
let handle: DatabaseHandle;
beforeAll(async () => {
  database = await createTestDatabase();
  handle = openDatabase(database.url);
  await handle.sql.unsafe(`
    create schema testing;
    create table testing.log_counters (log text primary key, epoch text not null, position bigint not null, floor bigint not null default 0);
    create table testing.audit_outbox (position bigint primary key, at timestamptz not null, actor text not null, sub text, action text not null,
      target text, site text, before jsonb, after jsonb, reason text, origin text);
    create schema auditor;
    create table auditor.cursors (service text primary key, epoch text not null, position bigint not null)`);
});
beforeEach(async () => {
  await handle.sql`truncate testing.audit_outbox, testing.log_counters, auditor.cursors`;
  await handle.db.transaction((tx) =>
    appendAudit(
      tx,
      outbox,
      [50, 40, 30, 20, 10].map((hours) => ({
        ...{ at: hoursAgo(hours), actor: 'ann', sub: null, action: 'testing.set', origin: null },
      })),
    ),
  );
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});

const gathered = (position: number, epoch?: string) => handle.sql`
  insert into auditor.cursors select 'testing', coalesce(${epoch ?? null}, epoch), ${position} from testing.log_counters`;
const left = async () =>
  (await handle.sql`select position::int from testing.audit_outbox order by position`).map(({ position }) => position);

it('removes what was taken over and is older than a day', async () => {
  await gathered(5);
  expect(await pruneAuditOutbox(handle.db, audit, NOW)).toBe(3);
  expect(await left()).toEqual([4, 5]);
});

it('keeps what was not taken over, however old', async () => {
  expect(await pruneAuditOutbox(handle.db, audit, NOW)).toBe(0);
  await gathered(2);
  expect(await pruneAuditOutbox(handle.db, audit, NOW)).toBe(2);
  expect(await left()).toEqual([3, 4, 5]);
});

it('keeps all of a log of which another one was taken over', async () => {
  await gathered(5, 'of old');
  expect(await pruneAuditOutbox(handle.db, audit, NOW)).toBe(0);
});

it('does so again and again', async () => {
  await gathered(5);
  const retention = openAuditRetention({ db: handle.db, audit, logger, now: () => NOW, everyMs: 20 });
  await expect.poll(left).toEqual([4, 5]);
  await handle.sql`update testing.audit_outbox set at = ${hoursAgo(30).toISOString()}::timestamptz where position = 4`;
  await expect.poll(left).toEqual([5]);
  await retention.close();
});
