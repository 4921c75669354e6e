import type { RegistryItem } from '@wheelhouse/contracts/registry.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import type { Listing, Look, Player } from './rules.ts';
import { countOffers, findPlayers, listOffers, registryCopy, saveListing, saveLooks } from './store.ts';
import { aLook, aPlayer, NOT_LOOKED } from './testing/players.ts';

const START = Date.parse('2026-11-22T08:00:00Z');
const minute = (count: number): Date => new Date(START + count * 60_000);

const anItem = (id: string, overrides: Partial<RegistryItem> = {}): RegistryItem => ({
  ...{ id, version: 1, removed: false, site: 'museum', timeZone: 'UTC', connection: { deviceId: `of-${id}` } },
  sealed: null,
  ...overrides,
});

const aListing = (atMs: number, players: Player[], problem: string | null = null): Listing => ({
  ...{ atMs, players: new Map(players.map((player) => [player.id, player])), problem },
});

describe("appspace's store", () => {
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
    await handle.sql`truncate appspace.players, appspace.listed_players, appspace.targets, appspace.feed_cursors`;
  });
  const statements = async (): Promise<number> =>
    Number(/service="testing"\} (\d+)/.exec(await metrics.metrics())?.[1]);
  const apply = (items: RegistryItem[], from: string | null, to: string) =>
    takeFeedItems(handle.db, registryCopy, items, { from, to });

  describe('keeps looks', () => {
    const save = (id: string, slot: Date, look: Look, at = new Date(slot.getTime() + 700)) =>
      saveLooks(handle.db, slot, [{ deviceId: id, at, look }]);
    const playerOf = async (id: string) => (await findPlayers(handle.db, [id]))[0];

    it('with all that was told', async () => {
      await save('a', minute(1), aLook());
      expect(await playerOf('a')).toEqual({
        ...{ deviceId: 'a', slot: minute(1), lookedAt: new Date(minute(1).getTime() + 700), lookProblem: null },
        measuredAt: new Date(minute(1).getTime() + 700),
        ...{ name: 'Foyer player', state: 'ONLINE', deviceType: 'BrightSign', locationName: 'foyer' },
        ...{ channelName: 'Welcome', playerVersion: '2.71.3', onAir: true },
        lastContactAt: new Date('2026-11-25T08:00:00Z'),
      });
    });

    it('that told nothing without touching what was told, and one that told less with nulls', async () => {
      await save('a', minute(1), NOT_LOOKED);
      expect(await playerOf('a')).toMatchObject({ measuredAt: null, state: null, lookProblem: 'no way' });
      await save('a', minute(2), aLook());
      const before = await playerOf('a');
      await save('a', minute(3), NOT_LOOKED);
      expect(await playerOf('a')).toEqual({
        ...{ ...before, slot: minute(3), lookedAt: new Date(minute(3).getTime() + 700), lookProblem: 'no way' },
      });
      await save('a', minute(4), aLook({ state: 'FAILED', channelName: null, lastContactAt: null }));
      expect(await playerOf('a')).toMatchObject({
        ...{ state: 'FAILED', channelName: null, lastContactAt: null, onAir: false, lookProblem: null },
      });
    });

    it('of the newest slot only, and the same after their job ran twice', async () => {
      await save('a', minute(2), aLook());
      const before = await playerOf('a');
      await save('a', minute(1), aLook({ state: 'FAILED' }), minute(9));
      expect(await playerOf('a')).toEqual(before);
      await save('a', minute(2), aLook());
      expect(await playerOf('a')).toEqual(before);
    });

    it('with one statement, however many', async () => {
      for (const count of [1, 500]) {
        const before = await statements();
        const looked = Array.from({ length: count }, (_, n) => ({ deviceId: `d${n}`, at: minute(1), look: aLook() }));
        await saveLooks(handle.db, minute(1), looked);
        expect((await statements()) - before).toBe(1);
      }
      await saveLooks(handle.db, minute(1), []);
    });
  });

  describe('offers players', () => {
    const named = (...names: string[]) => names.map((name) => aPlayer({ id: `of-${name}`, name }));
    const offered = async (after: { name: string; appspaceId: string } | null = null, limit = 100) =>
      (await listOffers(handle.db, { after, limit })).map(({ appspaceId }) => appspaceId);

    it('that the registry does not have, or does not have any more, by name and page by page', async () => {
      await saveListing(handle.db, aListing(START, [...named('c', 'a', 'b'), aPlayer({ id: 'of-x', name: null })]));
      expect(await offered()).toEqual(['of-x', 'of-a', 'of-b', 'of-c']);
      await apply([anItem('b')], null, 'c1');
      expect(await offered()).toEqual(['of-x', 'of-a', 'of-c']);
      expect(await countOffers(handle.db)).toBe(3);
      // One more than asked for, by which a next page is known.
      expect(await offered(null, 1)).toEqual(['of-x', 'of-a']);
      expect(await offered({ name: '', appspaceId: 'of-x' })).toEqual(['of-a', 'of-c']);
      expect(await offered({ name: 'a', appspaceId: 'of-a' })).toEqual(['of-c']);
      await apply([anItem('b', { version: 2, removed: true })], 'c1', 'c2');
      expect(await countOffers(handle.db)).toBe(4);
    });

    it('until a whole list is without them, and not when a list broke off', async () => {
      await saveListing(handle.db, aListing(START, named('a', 'b')));
      await saveListing(handle.db, aListing(START + 1_000, named('a'), 'it broke off'));
      expect(await offered()).toEqual(['of-a', 'of-b']);
      await saveListing(handle.db, aListing(START + 2_000, named('a')));
      expect(await offered()).toEqual(['of-a']);
      await saveListing(handle.db, aListing(START + 3_000, []));
      expect(await offered()).toEqual([]);
    });

    it('as the newest list had them, whatever comes late', async () => {
      await saveListing(handle.db, aListing(START + 5_000, named('a')));
      await saveListing(handle.db, aListing(START, [aPlayer({ id: 'of-a', name: 'old' }), ...named('b')]));
      expect((await listOffers(handle.db, { after: null, limit: 9 }))[0]).toMatchObject({ name: 'a' });
    });

    it('of an account of any size by two statements in a transaction', async () => {
      const before = await statements();
      await saveListing(
        handle.db,
        aListing(
          START,
          Array.from({ length: 3_000 }, (_, n) => aPlayer({ id: `p${n}`, name: 'all the same' })),
        ),
      );
      // With begin and commit.
      expect((await statements()) - before).toBeLessThanOrEqual(4);
      expect(await countOffers(handle.db)).toBe(3_000);
    });
  });
});
