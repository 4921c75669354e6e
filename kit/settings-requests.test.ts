import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginSending, takeNext } from './settings-leases.ts';
import { type ChangeRequest, requestChanges } from './settings-requests.ts';
import { openSettingsDatabase, type SettingsDatabase, tables } from './testing/settings.ts';

let database: SettingsDatabase;
beforeAll(async () => {
  database = await openSettingsDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.clear());

const level = (value: number, subject = 'a') => ({ subject, sent: { level: value } });
const lease = { token: 'mine', leaseMs: 60_000 };

describe('a request', () => {
  it('counts the version up, and is PENDING in the row and in the log', async () => {
    const first = await database.accepted(level(40));
    const second = await database.accepted({ subject: 'a', sent: { input: 'B' }, reason: 'tour' });
    expect([first, second].map(({ change }) => change.settingsVersion)).toEqual([1, 2]);
    expect(second.change).toMatchObject({ state: 'PENDING', wanted: { input: 'B' }, actor: 'someone', reason: 'tour' });
    expect(await database.events()).toEqual([
      [first.change.id, 'PENDING'],
      [second.change.id, 'PENDING'],
    ]);
  });

  it('is told to the audit log with who asks, why and where the subject stands, and one that is refused is not', async () => {
    await database.sql`insert into fida.targets (device_id, version, removed, site, time_zone, connection)
      values ('a', 1, false, 'museum/hall-2', 'UTC', '{}')`;
    const by = { at: new Date(), actor: 'ann', sub: 'user:1', origin: '192.0.2.1' };
    const ask = (requests: ChangeRequest[]) =>
      database.db.transaction((tx) => requestChanges(tx, tables, requests, { by }));
    await ask([{ ...level(40), reason: 'tour' }, level(50, 'unknown'), { ...level(60, 'stale'), expectedVersion: 7 }]);
    const told = await database.sql`
      select actor, sub, action, target, site, after->'wanted' as wanted, reason, origin from fida.audit_outbox order by target`;
    const who = { actor: 'ann', sub: 'user:1', action: 'fida.changeSettings', origin: '192.0.2.1' };
    expect(told).toEqual([
      { ...who, target: 'a', site: 'museum/hall-2', wanted: { level: 40 }, reason: 'tour' },
      { ...who, target: 'unknown', site: null, wanted: { level: 50 }, reason: null },
    ]);
  });

  it('with another version than the expected one is a conflict that says which it is', async () => {
    await database.accepted({ ...level(40), expectedVersion: 0 });
    const [stale] = await database.request([{ ...level(50), expectedVersion: 0 }]);
    expect(stale).toEqual({ kind: 'conflict', settingsVersion: 1 });
    expect(await database.events()).toHaveLength(1);
    await database.accepted({ ...level(50), expectedVersion: 1 });
  });

  it('races another with the same expected version, and one of them wins', async () => {
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.all(
        [1, 2, 3, 4].map((value) => database.request([{ ...level(value), expectedVersion: round }])),
      );
      expect(
        outcomes
          .flat()
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['accepted', 'conflict', 'conflict', 'conflict']);
    }
  });

  it('races others without a version, and each has one of its own', async () => {
    const outcomes = await Promise.all([1, 2, 3, 4, 5, 6].map((value) => database.accepted(level(value))));
    expect(outcomes.map(({ change }) => change.settingsVersion).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    const states = await database.sql`select state from fida.settings_changes order by settings_version`;
    expect(states.map(({ state }) => state)).toEqual([...new Array(5).fill('SUPERSEDED'), 'PENDING']);
  });

  it('of many subjects is as many statements as of one', async () => {
    const statementsOf = async (count: number): Promise<number> => {
      let statements = 0;
      const ids = Array.from({ length: count }, (_, index) => `${count}-${index}`);
      await database.db.transaction(async (tx) => {
        const counted = new Proxy(tx, {
          get: (target, name, receiver) => {
            if (['select', 'insert', 'update', 'execute'].includes(String(name))) statements += 1;
            return Reflect.get(target, name, receiver);
          },
        });
        const requests = ids.map((id) => ({ ...level(1, id), idempotencyKey: id }));
        await requestChanges(counted, tables, requests, { by: { at: new Date(), actor: 'someone' } });
      });
      return statements;
    };
    expect(await statementsOf(200)).toBe(await statementsOf(1));
  });

  it('of many subjects, with what is wrong with one, concerns no other', async () => {
    const outcomes = await database.request([level(1, 'b'), { ...level(1, 'a'), expectedVersion: 7 }, level(1, 'c')]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'conflict', 'accepted']);
  });

  it('may name a subject once only', async () => {
    await expect(database.request([level(1), level(2)])).rejects.toThrow('only in one call');
  });
});

describe('an idempotency key', () => {
  const keyed = { ...level(40), idempotencyKey: 'k' };

  it('sent again is answered with the first change, and nothing is made', async () => {
    const { change } = await database.accepted(keyed);
    expect(await database.request([keyed])).toEqual([{ kind: 'repeated', change }]);
    expect(await database.events()).toHaveLength(1);
  });

  it.each([
    ['other values', { sent: { level: 50 } }],
    ['another subject', { subject: 'b' }],
    ['another reason', { reason: 'other' }],
    ['an expected version', { expectedVersion: 0 }],
    ['another expected value', { expected: { level: 1 } }],
  ])('with %s is another payload', async (_name, other) => {
    await database.accepted(keyed);
    expect(await database.request([{ ...keyed, ...other }])).toEqual([{ kind: 'otherPayload' }]);
  });

  it("is an actor's own", async () => {
    await database.accepted(keyed, 'one');
    await database.accepted({ ...keyed, sent: { level: 50 } }, 'other');
  });

  it('sent by many at once makes one change', async () => {
    const outcomes = (await Promise.all(Array.from({ length: 8 }, () => database.request([keyed])))).flat();
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'repeated')).toHaveLength(7);
  });

  it('sent for two subjects at once is taken by one, and the other has no version for it', async () => {
    const outcomes = (
      await Promise.all(['a', 'b', 'c'].map((subject) => database.request([{ ...keyed, subject }])))
    ).flat();
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['accepted', 'otherPayload', 'otherPayload']);
    const versions = await database.sql`select version from fida.settings_versions order by version`;
    expect(versions.map(({ version }) => version)).toEqual([0, 0, 1]);
  });
});

describe('a change that was not begun', () => {
  it('is superseded by one that asks for the same settings, and says by which', async () => {
    const first = await database.accepted(level(40));
    const second = await database.accepted({ subject: 'a', sent: { level: 50, input: 'A' } });
    expect(second.superseded).toEqual([first.change.id]);
    const row = await database.change(first.change.id);
    expect(row).toMatchObject({ state: 'SUPERSEDED', detail: expect.stringContaining(second.change.id) });
    expect(row?.finishedAt).not.toBeNull();
    expect((await database.events()).slice(1)).toEqual([
      [first.change.id, 'SUPERSEDED'],
      [second.change.id, 'PENDING'],
    ]);
  });

  it.each([
    ['asks for only a part', { subject: 'a', sent: { input: 'A' } }],
    ['is of another subject', level(50, 'b')],
  ])('stays when the later one %s', async (_name, later) => {
    await database.accepted({ subject: 'a', sent: { level: 40, input: 'B' } });
    expect((await database.accepted(later)).superseded).toEqual([]);
  });

  it('stays when it was begun', async () => {
    const { change } = await database.accepted(level(40));
    await takeNext(database.db, tables, 'a', lease);
    await beginSending(database.db, tables, { id: change.id, lease, before: { level: 70 }, at: new Date() });
    expect((await database.accepted(level(50))).superseded).toEqual([]);
  });
});

describe('values that we keep ourselves', () => {
  const kept = { wanted: { hours: [1] }, before: { hours: null } };
  const by = { at: new Date(), actor: 'someone' };

  it('are APPLIED at once, and stored in the same transaction', async () => {
    const stored: unknown[] = [];
    const [outcome] = await database.db.transaction((tx) =>
      requestChanges(tx, tables, [{ subject: 'a', sent: {}, kept }], {
        by,
        storeKept: (_tx, accepted) => {
          stored.push(...accepted.map(({ request }) => request.kept?.wanted));
          return Promise.resolve();
        },
      }),
    );
    expect(outcome).toMatchObject({
      kind: 'accepted',
      change: { state: 'APPLIED', before: { hours: null }, readBack: { hours: [1] }, settingsVersion: 1 },
    });
    expect(stored).toEqual([{ hours: [1] }]);
    expect((await database.events()).map(([, state]) => state)).toEqual(['APPLIED']);
  });

  it('wait with the values that are sent, and nothing is stored of what was refused', async () => {
    const stored: unknown[] = [];
    const outcomes = await database.db.transaction((tx) =>
      requestChanges(
        tx,
        tables,
        [
          { subject: 'a', sent: { level: 1 }, kept },
          { subject: 'b', sent: {}, kept, expectedVersion: 9 },
        ],
        {
          by,
          storeKept: (_tx, accepted) => {
            stored.push(...accepted.map(({ request }) => request.subject));
            return Promise.resolve();
          },
        },
      ),
    );
    expect(outcomes[0]).toMatchObject({ change: { state: 'PENDING', wanted: { level: 1, hours: [1] } } });
    expect(stored).toEqual(['a']);
  });

  it('undo the whole request when they can not be stored', async () => {
    const asked = database.db.transaction((tx) =>
      requestChanges(tx, tables, [{ subject: 'a', sent: {}, kept }], {
        by,
        storeKept: () => Promise.reject(new Error('no room')),
      }),
    );
    await expect(asked).rejects.toThrow('no room');
    expect(await database.events()).toEqual([]);
  });
});
