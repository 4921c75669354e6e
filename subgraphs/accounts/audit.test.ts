import { type AuditEntry, appendAudit, auditedBy } from '@wheelhouse/kit/audit.ts';
import { anonymousFrom } from '@wheelhouse/kit/identity.ts';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatherAudit } from './audit.ts';
import { listAuditRecords } from './store/audit.ts';
import { auditOutbox } from './tables.ts';
import { openTestAccounts, START, type TestAccounts } from './testing/accounts.ts';

let accounts: TestAccounts;
beforeAll(async () => {
  accounts = await openTestAccounts();
});
afterAll(() => accounts.close());

const entry = (overrides: Partial<AuditEntry>): AuditEntry => ({
  ...{ at: START, ...auditedBy(anonymousFrom('192.0.2.1')), action: 'accounts.test' },
  ...overrides,
});
const append = (...entries: AuditEntry[]) => accounts.db.transaction((tx) => appendAudit(tx, auditOutbox, entries));
const gather = () => gatherAudit(accounts.db, accounts.shared.logger);
const EVERYTHING = {
  actor: null,
  action: null,
  target: null,
  isRefused: null,
  from: null,
  to: null,
  sites: null,
  after: null,
  limit: 100,
};
const targets = async (question: Partial<typeof EVERYTHING> | Record<string, unknown> = {}) =>
  (await listAuditRecords(accounts.db, { ...EVERYTHING, ...question })).map(({ target }) => target);

it('takes over what services have put out, each row once, however many do it at a time', async () => {
  await append(entry({ target: 't1', before: { a: [1] }, after: null, reason: 'because' }), entry({ target: 't2' }));
  const gathered = await Promise.all([gather(), gather(), gather()]);
  expect(gathered.toSorted()).toEqual([0, 0, 2]);
  expect(await gather()).toBe(0);
  const [first] = (await listAuditRecords(accounts.db, EVERYTHING)).filter(({ target }) => target === 't1');
  expect(first).toMatchObject({
    ...{ service: 'accounts', at: START, actor: 'anonymous', sub: 'anonymous', action: 'accounts.test', target: 't1' },
    ...{ site: null, before: { a: [1] }, after: null, reason: 'because', origin: '192.0.2.1' },
  });
});

it('finds a service by its outbox alone', async () => {
  await accounts.sql.unsafe(`
    create schema lights;
    create table lights.log_counters (like accounts.log_counters including all);
    create table lights.audit_outbox (like accounts.audit_outbox including all);
    create schema other;
    create table other.audit_outbox (position bigint);
    insert into lights.log_counters (log, epoch, position, floor) values ('audit_outbox', '00000001', 1, 0);
    insert into lights.audit_outbox (position, at, actor, action, target)
      values (1, '2026-11-25T11:00:00Z', 'the night', 'lights.switchOff', 'lamp')`);
  expect(await gather()).toBe(1);
  expect(await targets({ action: 'lights' })).toEqual(['lamp']);
});

it('can be appended to, and not altered by the connection that the services have', async () => {
  const { sql: connection } = accounts;
  const refusal = 'can be appended to, and not altered';
  const before = await targets();
  expect(before.length).toBeGreaterThan(0);
  await expect(connection`update accounts.audit_log set actor = 'nobody'`).rejects.toThrow(refusal);
  await expect(connection`delete from accounts.audit_log where position = 1`).rejects.toThrow(refusal);
  await expect(connection`truncate accounts.audit_log`).rejects.toThrow(refusal);
  expect(await targets()).toEqual(before);
});

it('tells the newest first, whenever they arrived, and goes on behind any', async () => {
  const minutes = (count: number): Date => new Date(START.getTime() + count * 60_000);
  await append(
    entry({ target: 'm3', action: 'm', at: minutes(3) }),
    entry({ target: 'm1', action: 'm', at: minutes(1) }),
  );
  await gather();
  await append(
    entry({ target: 'm2', action: 'm', at: minutes(2) }),
    entry({ target: 'm1b', action: 'm', at: minutes(1) }),
  );
  await gather();
  expect(await targets({ action: 'm' })).toEqual(['m3', 'm2', 'm1b', 'm1']);
  const [, second] = await listAuditRecords(accounts.db, { ...EVERYTHING, action: 'm' });
  const behind = second && { at: second.at, position: second.position };
  expect(await targets({ action: 'm', after: behind })).toEqual(['m1b', 'm1']);
  expect(await targets({ action: 'm', from: minutes(2), to: minutes(3) })).toEqual(['m2']);
});

it('is narrowed by who, what, to what and where', async () => {
  await append(
    entry({ target: 'w1', actor: 'ann', action: 'devices.addDevice', site: 'museum/hall-2' }),
    entry({ target: 'w2', actor: 'bob', action: 'devices.addDeviceKind', site: 'museum' }),
    entry({ target: 'w3', actor: 'ann', action: 'devices.addDevice.refused', site: 'museum/hall-20' }),
  );
  await gather();
  expect(await targets({ actor: 'ann' })).toEqual(['w3', 'w1']);
  expect(await targets({ action: 'devices.addDevice' })).toEqual(['w3', 'w1']);
  expect(await targets({ action: 'devices' })).toEqual(['w3', 'w2', 'w1']);
  expect(await targets({ target: 'w2' })).toEqual(['w2']);
  expect(await targets({ action: 'devices', isRefused: true })).toEqual(['w3']);
  expect(await targets({ action: 'devices', isRefused: false })).toEqual(['w2', 'w1']);
  expect(await targets({ sites: ['museum/hall-2'] })).toEqual(['w1']);
  expect(await targets({ sites: ['museum'] })).toEqual(['w3', 'w2', 'w1']);
  expect(await targets({ sites: [] })).toEqual([]);
});

it('goes on where one outbox can not be read', async () => {
  await accounts.db.execute(sql`alter table lights.audit_outbox alter column "before" type text`);
  await accounts.db.execute(
    sql`insert into lights.audit_outbox (position, at, actor, action) values (2, now(), 'x', 'y')`,
  );
  await append(entry({ target: 'later' }));
  await gather();
  expect(await targets({ target: 'later' })).toEqual(['later']);
});
