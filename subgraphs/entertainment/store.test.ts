import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Look } from './ping.ts';
import { LOOKS_IN_WINDOW } from './rules.ts';
import { findPinged, saveLooks } from './store.ts';
import { anAnswer, aSilence, NOT_LOOKED } from './testing/looks.ts';

const START = Date.parse('2026-11-22T08:00:00Z');
const minute = (count: number): Date => new Date(START + count * 60_000);

describe("entertainment's store", () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  const metrics = new Registry();

  beforeAll(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url, { metrics: { registry: metrics, service: 'testing' } });
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });
  beforeEach(async () => {
    await handle.sql`truncate entertainment.pinged, entertainment.targets, entertainment.feed_cursors`;
  });

  describe('keeps looks', () => {
    const save = (id: string, slot: Date, look: Look, at = new Date(slot.getTime() + 700)) =>
      saveLooks(handle.db, slot, [{ deviceId: id, at, look }]);
    const pingedOf = async (id: string) => (await findPinged(handle.db, [id]))[0];

    it('with all values of an answer', async () => {
      await save('a', minute(1), anAnswer({ sent: 2, roundTripTimeMs: 12.5 }));
      expect(await pingedOf('a')).toEqual({
        deviceId: 'a',
        slot: minute(1),
        lookedAt: new Date(minute(1).getTime() + 700),
        lookProblem: null,
        measuredAt: new Date(minute(1).getTime() + 700),
        roundTripTimeMs: 12.5,
        lossRatio: 0.5,
        recentLooks: [{ slotMs: minute(1).getTime(), sent: 2, lost: 1 }],
      });
    });

    it('that are silent as measured, without a round trip', async () => {
      await save('a', minute(1), anAnswer());
      await save('a', minute(2), aSilence(1));
      expect(await pingedOf('a')).toMatchObject({
        lookProblem: 'no answer',
        measuredAt: new Date(minute(2).getTime() + 700),
        roundTripTimeMs: null,
        lossRatio: 0.5,
      });
    });

    it('that could not be taken without touching what was measured', async () => {
      await save('a', minute(1), NOT_LOOKED);
      const nothing = { measuredAt: null, roundTripTimeMs: null, lossRatio: null, recentLooks: [] };
      expect(await pingedOf('a')).toMatchObject(nothing);
      await save('a', minute(2), NOT_LOOKED);
      expect(await pingedOf('a')).toMatchObject({ ...nothing, slot: minute(2) });
      await save('a', minute(3), anAnswer());
      const before = await pingedOf('a');
      await save('a', minute(4), NOT_LOOKED);
      expect(await pingedOf('a')).toEqual({
        ...before,
        slot: minute(4),
        lookedAt: new Date(minute(4).getTime() + 700),
        lookProblem: 'NETWORK_ERROR: no way',
      });
    });

    it('of the newest slot only, whatever comes late', async () => {
      await save('a', minute(2), anAnswer());
      const before = await pingedOf('a');
      for (const late of [anAnswer({ roundTripTimeMs: 9 }), aSilence()]) await save('a', minute(1), late, minute(9));
      expect(await pingedOf('a')).toEqual(before);
    });

    it('the same after its job ran twice, and as the second run found it', async () => {
      await save('a', minute(1), aSilence(2));
      await save('a', minute(2), anAnswer());
      const before = await pingedOf('a');
      await save('a', minute(2), anAnswer());
      expect(await pingedOf('a')).toEqual(before);
      await save('a', minute(2), aSilence(2));
      expect(await pingedOf('a')).toMatchObject({ lossRatio: 1 });
    });

    it.each([
      [LOOKS_IN_WINDOW - 1, 2 / (LOOKS_IN_WINDOW + 1)],
      [LOOKS_IN_WINDOW, 0],
    ])('and forgets a loss after %i more looks or not yet: %f', async (answers, lossRatio) => {
      await save('a', minute(0), aSilence(2));
      for (let count = 1; count <= answers; count++) {
        await save('a', minute(2 * count - 1), NOT_LOOKED);
        await save('a', minute(2 * count), anAnswer());
      }
      const row = await pingedOf('a');
      expect(row?.lossRatio).toBeCloseTo(lossRatio, 10);
      expect(row?.recentLooks).toHaveLength(LOOKS_IN_WINDOW);
      expect(row?.recentLooks[0]).toEqual({ slotMs: minute(2 * answers).getTime(), sent: 1, lost: 0 });
    });

    it('of a whole chunk although what a program said is nothing that PostgreSQL can hold', async () => {
      const nasty: Look = { kind: 'couldNotLook', cause: { code: 'TOOL_FAILED', text: 'a\0b \ud800' } };
      await saveLooks(handle.db, minute(1), [
        { deviceId: 'a', at: minute(1), look: anAnswer() },
        { deviceId: 'b', at: minute(1), look: nasty },
      ]);
      expect((await pingedOf('b'))?.lookProblem).toBe('TOOL_FAILED: a b \ufffd');
    });

    it('of chunks with the same devices in another order, at once, without a deadlock and without losing a look', async () => {
      const ids = Array.from({ length: 50 }, (_, index) => `d${index}`);
      // Ever later slots may come in any order; of those that come in order every one counts.
      for (let slot = 0; slot < 4; slot++) {
        const list = slot % 2 === 0 ? ids : ids.toReversed();
        const looks = (part: string[]) => part.map((deviceId) => ({ deviceId, at: minute(slot), look: aSilence(1) }));
        await Promise.all([
          saveLooks(handle.db, minute(slot), looks(list)),
          saveLooks(handle.db, minute(slot), looks(list.toReversed())),
        ]);
      }
      const rows = await findPinged(handle.db, ids);
      expect(rows.map(({ recentLooks }) => recentLooks.length)).toEqual(ids.map(() => 4));
    });

    it('with one statement, however many', async () => {
      const statements = async (): Promise<number> =>
        Number(/service="testing"\} (\d+)/.exec(await metrics.metrics())?.[1]);
      for (const count of [1, 500]) {
        const before = await statements();
        await saveLooks(
          handle.db,
          minute(1),
          Array.from({ length: count }, (_, n) => ({ deviceId: `d${n}`, at: minute(1), look: anAnswer() })),
        );
        expect((await statements()) - before).toBe(1);
      }
      await saveLooks(handle.db, minute(1), []);
    });
  });
});
