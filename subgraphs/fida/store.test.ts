import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Look } from './snmp.ts';
import { findDisplays, saveLooks, saveReadBack } from './store.ts';
import { anAnswer } from './testing/looks.ts';

const START = Date.parse('2026-11-22T08:00:00Z');
const minute = (count: number): Date => new Date(START + count * 60_000);
const silent: Look = { kind: 'silent', detail: 'no answer' };

describe("fida's store", () => {
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
    await handle.sql`truncate fida.displays, fida.targets, fida.feed_cursors`;
  });

  describe('keeps looks', () => {
    const save = (id: string, slot: Date, look: Look, at = new Date(slot.getTime() + 700)) =>
      saveLooks(handle.db, slot, [{ deviceId: id, at, look }]);
    const displayOf = async (id: string) => (await findDisplays(handle.db, [id]))[0];

    it('with all values of an answer', async () => {
      await save('a', minute(1), anAnswer({ problems: ['a "quoted", {braced} \\ problem', 'ü'] }));
      expect(await displayOf('a')).toEqual({
        deviceId: 'a',
        slot: minute(1),
        lookedAt: new Date(minute(1).getTime() + 700),
        lookProblem: null,
        measuredAt: new Date(minute(1).getTime() + 700),
        roundTripMs: 12.5,
        profile: 'wheelhouse-fida',
        power: 'ON',
        brightnessPercent: 70,
        temperatureCelsius: 42.3,
        inputSource: 'HDMI1',
        signalPresent: true,
        backlightHours: 18_250,
        ambientLightLux: 320,
        model: 'FIDA-55',
        serialNumber: 'SN-1',
        firmware: '4.2.0',
        problems: ['a "quoted", {braced} \\ problem', 'ü'],
        settingsReadAt: null,
      });
    });

    describe('beside what was read back after a change of settings', () => {
      const readAt = new Date(minute(2).getTime() + 1_000);
      const back = { brightnessPercent: 40, power: 'OFF' } as const;

      it('whose slot and times stay those of the last look', async () => {
        await save('a', minute(1), anAnswer());
        const before = await displayOf('a');
        await saveReadBack(handle.db, 'a', back, readAt);
        expect(await displayOf('a')).toEqual({ ...before, ...back, settingsReadAt: readAt });
      });

      it('and do not overwrite it when they began before it', async () => {
        await save('a', minute(1), anAnswer());
        await saveReadBack(handle.db, 'a', back, readAt);
        await save('a', minute(2), anAnswer({ temperatureCelsius: 50 }), new Date(readAt.getTime() - 1));
        expect(await displayOf('a')).toMatchObject({ ...back, temperatureCelsius: 50, slot: minute(2) });
      });

      it('and overwrite it when the clock of who read it back was far ahead', async () => {
        await save('a', minute(1), anAnswer());
        await saveReadBack(handle.db, 'a', back, new Date(minute(2).getTime() + 3_600_000));
        await save('a', minute(2), anAnswer());
        expect(await displayOf('a')).toMatchObject({ brightnessPercent: 70, power: 'ON' });
      });

      it('and overwrite it when they began later, silence never', async () => {
        await save('a', minute(1), anAnswer());
        await saveReadBack(handle.db, 'a', back, readAt);
        await save('a', minute(3), silent);
        expect(await displayOf('a')).toMatchObject({ ...back, lookProblem: 'no answer' });
        await save('a', minute(4), anAnswer());
        expect(await displayOf('a')).toMatchObject({ brightnessPercent: 70, power: 'ON', settingsReadAt: readAt });
      });

      it('which is kept nowhere for a display that was never looked at', async () => {
        await saveReadBack(handle.db, 'a', back, readAt);
        expect(await displayOf('a')).toBeUndefined();
      });
    });

    it('without values until the first answer', async () => {
      await save('a', minute(1), silent);
      expect(await displayOf('a')).toMatchObject({
        lookProblem: 'no answer',
        measuredAt: null,
        power: null,
        problems: null,
      });
      await save('a', minute(2), anAnswer());
      expect(await displayOf('a')).toMatchObject({
        lookProblem: null,
        measuredAt: new Date(minute(2).getTime() + 700),
        power: 'ON',
      });
    });

    it.each<[string, Look, string]>([
      ['is not answered', silent, 'no answer'],
      [
        'could not be taken',
        { kind: 'couldNotLook', cause: { code: 'NETWORK_ERROR', text: 'no route' } },
        'NETWORK_ERROR: no route',
      ],
    ])('with the last values when a look %s', async (_name, look, lookProblem) => {
      await save('a', minute(1), anAnswer({ problems: ['hot'] }));
      const before = await displayOf('a');
      await save('a', minute(2), look);
      expect(await displayOf('a')).toEqual({
        ...before,
        slot: minute(2),
        lookedAt: new Date(minute(2).getTime() + 700),
        lookProblem,
      });
    });

    it('with nulls where an answer has none any more', async () => {
      await save('a', minute(1), anAnswer());
      await save('a', minute(2), anAnswer({ brightnessPercent: null, model: null }));
      expect(await displayOf('a')).toMatchObject({ brightnessPercent: null, model: null, power: 'ON' });
    });

    it('of the newest slot only, whatever comes late', async () => {
      await save('a', minute(2), anAnswer({ brightnessPercent: 20 }));
      const before = await displayOf('a');
      for (const late of [anAnswer({ brightnessPercent: 10 }), silent]) await save('a', minute(1), late, minute(9));
      expect(await displayOf('a')).toEqual(before);
    });

    it('the same after its job ran twice', async () => {
      const looks = ['a', 'b'].map((deviceId) => ({ deviceId, at: minute(1), look: anAnswer() }));
      await saveLooks(handle.db, minute(1), looks);
      const before = await findDisplays(handle.db, ['a', 'b']);
      await saveLooks(handle.db, minute(1), looks.toReversed());
      expect(await findDisplays(handle.db, ['a', 'b'])).toEqual(before);
    });

    it('of a whole chunk although a display sent what PostgreSQL can not hold', async () => {
      const nasty: Look = { kind: 'couldNotLook', cause: { code: 'NO_PROFILE', text: 'sysDescr a\0b \ud800' } };
      await saveLooks(handle.db, minute(1), [
        { deviceId: 'a', at: minute(1), look: anAnswer() },
        { deviceId: 'b', at: minute(1), look: nasty },
      ]);
      expect((await displayOf('b'))?.lookProblem).toBe('NO_PROFILE: sysDescr a b \ufffd');
    });

    it('of chunks with the same displays in another order, at once and without a deadlock', async () => {
      const ids = Array.from({ length: 50 }, (_, index) => `d${index}`);
      const chunks = Array.from({ length: 20 }, (_, slot) => {
        const list = slot % 2 === 0 ? ids : ids.toReversed();
        return saveLooks(
          handle.db,
          minute(slot),
          list.map((deviceId) => ({ deviceId, at: minute(slot), look: anAnswer() })),
        );
      });
      await Promise.all(chunks);
      expect((await findDisplays(handle.db, ids)).map(({ slot }) => slot)).toEqual(ids.map(() => minute(19)));
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
