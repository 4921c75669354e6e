import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginSending, finishChange, listUnfinished, releaseLease, renewLease, takeNext } from './settings-leases.ts';
import type { Outcome } from './settings-rules.ts';
import { openSettingsDatabase, type SettingsDatabase, tables } from './testing/settings.ts';

let database: SettingsDatabase;
beforeAll(async () => {
  database = await openSettingsDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.clear());

const mine = { token: 'mine', leaseMs: 60_000 };
const other = { token: 'other', leaseMs: 60_000 };
const wanted = (sent: Record<string, unknown>, subject = 'a') => ({ subject, sent });
const at = new Date();
const applied: Outcome = { state: 'APPLIED', before: null, readBack: { level: 40 }, code: null, detail: null };

const take = (lease = mine, subject = 'a') => takeNext(database.db, tables, subject, lease);
const begin = (id: string, lease = mine) => beginSending(database.db, tables, { id, lease, before: { level: 70 }, at });
const finish = (id: string, token = 'mine') => finishChange(database.db, tables, { id, token, at, outcome: applied });
const expire = (id: string) =>
  database.sql`update fida.settings_changes set lease_until = now() - interval '1 second' where id = ${id}`;

describe('the changes of a subject', () => {
  it('are taken one after the other, in the order in which they were accepted', async () => {
    const first = await database.accepted(wanted({ level: 40 }));
    const second = await database.accepted(wanted({ input: 'B' }));
    expect((await take())?.id).toBe(first.change.id);
    expect(await take(other)).toBeNull();
    await finish(first.change.id);
    expect((await take(other))?.id).toBe(second.change.id);
    await finish(second.change.id, 'other');
    expect(await take()).toBeNull();
  });

  it('of one are taken beside those of another', async () => {
    await database.accepted(wanted({ level: 40 }));
    await database.accepted(wanted({ level: 40 }, 'b'));
    expect(await take(mine)).not.toBeNull();
    expect(await take(other, 'b')).not.toBeNull();
  });

  it('are taken by one of many who try at once', async () => {
    await database.accepted(wanted({ level: 40 }));
    const takers = Array.from({ length: 8 }, (_, index) => take({ ...mine, token: `taker ${index}` }));
    expect((await Promise.all(takers)).filter((row) => row !== null)).toHaveLength(1);
  });

  it('are none where nobody ever asked for one', async () => {
    expect(await take(mine, 'never asked')).toBeNull();
  });
});

describe('a lease', () => {
  it('that ran out is taken over, and who had it can do nothing any more', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    await take();
    await expire(change.id);
    expect((await take(other))?.id).toBe(change.id);
    expect(await renewLease(database.db, tables, change.id, mine)).toBe(false);
    expect(await begin(change.id, mine)).toBe(false);
    expect(await finish(change.id)).toBeNull();
    await releaseLease(database.db, tables, { id: change.id, token: 'mine', isAttempt: true });
    expect(await renewLease(database.db, tables, change.id, other)).toBe(true);
  });

  it('that was let go is free at once', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    await take();
    await releaseLease(database.db, tables, { id: change.id, token: 'mine', isAttempt: true });
    expect((await take(other))?.id).toBe(change.id);
  });

  it('counts as an attempt, unless it was let go by a worker that stopped', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    expect((await take())?.attempts).toBe(1);
    await releaseLease(database.db, tables, { id: change.id, token: 'mine', isAttempt: false });
    expect((await take())?.attempts).toBe(1);
    await expire(change.id);
    expect((await take(other))?.attempts).toBe(2);
  });
});

describe('a change that is begun', () => {
  it('keeps what the values were, when it was sent, and says SENDING in the log', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    await take();
    expect(await begin(change.id)).toBe(true);
    expect(await database.change(change.id)).toMatchObject({ state: 'SENDING', before: { level: 70 }, sentAt: at });
    expect((await database.events()).map(([, state]) => state)).toEqual(['PENDING', 'SENDING']);
  });

  it('can not be begun twice, nor when it was superseded meanwhile', async () => {
    const first = await database.accepted(wanted({ level: 40 }));
    await take();
    await database.accepted(wanted({ level: 50 }));
    expect(await begin(first.change.id)).toBe(false);
    const second = await take(mine);
    expect(await begin(second?.id ?? '')).toBe(true);
    expect(await begin(second?.id ?? '')).toBe(false);
  });
});

describe('a change that ends', () => {
  it('ends once, with what else is to be written in the same transaction', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    await take();
    await begin(change.id);
    const failed = finishChange(database.db, tables, {
      ...{ id: change.id, token: 'mine', at, outcome: applied },
      also: () => Promise.reject(new Error('no room')),
    });
    await expect(failed).rejects.toThrow('no room');
    expect((await database.change(change.id))?.state).toBe('SENDING');
    expect(await finish(change.id)).toMatchObject({ state: 'APPLIED', readBack: { level: 40 }, before: { level: 70 } });
    expect(await finish(change.id)).toBeNull();
    expect((await database.events()).map(([, state]) => state)).toEqual(['PENDING', 'SENDING', 'APPLIED']);
  });
});

describe('what is unfinished', () => {
  const unfinished = (ageMs = 0, limit = 10) => listUnfinished(database.db, tables, { ageMs, limit });

  it('is the oldest open change of each subject that nobody has in hand', async () => {
    const first = await database.accepted(wanted({ level: 40 }));
    await database.accepted(wanted({ input: 'B' }));
    const inHand = await database.accepted(wanted({ level: 40 }, 'b'));
    await database.accepted(wanted({ input: 'B' }, 'b'));
    await take(mine, 'b');
    expect((await unfinished()).map(({ id }) => id)).toEqual([first.change.id]);
    await expire(inHand.change.id);
    expect(await unfinished()).toHaveLength(2);
    expect(await unfinished(0, 1)).toHaveLength(1);
    expect(await unfinished(60_000)).toEqual([]);
  });

  it('is also what a server asked for whose clock is ahead', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    await database.sql`update fida.settings_changes set requested_at = now() + interval '1 hour'`;
    expect((await unfinished(60_000)).map(({ id }) => id)).toEqual([change.id]);
  });

  it('is nothing that has ended', async () => {
    const { change } = await database.accepted(wanted({ level: 40 }));
    await take();
    await finish(change.id);
    expect(await unfinished()).toEqual([]);
  });
});
