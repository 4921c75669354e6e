import { describe, expect, it } from 'vitest';
import { shareListings } from './listings.ts';
import type { Listing } from './rules.ts';

/** Listings that end when they are told to. */
function aSharing() {
  let nowMs = 1_000;
  const begun: ReturnType<typeof Promise.withResolvers<Listing>>[] = [];
  const take = (): Promise<Listing> => {
    const one = Promise.withResolvers<Listing>();
    begun.push(one);
    return one.promise;
  };
  const listings = shareListings(take, () => nowMs);
  const listing = (atMs: number): Listing => ({ atMs, players: new Map(), problem: null });
  return {
    listings,
    begun,
    at: (ms: number) => {
      nowMs = ms;
    },
    end: async (index: number) => {
      begun[index]?.resolve(listing(index));
      await begun[index]?.promise;
    },
    fail: (index: number) => begun[index]?.reject(new Error('the database is away')),
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a listing', () => {
  it('is taken once for all chunks of a slot, also for those that come later', async () => {
    const { listings, begun, at, end } = aSharing();
    const early = [listings.since(1_000), listings.since(1_000)];
    await end(0);
    at(9_000);
    const all = await Promise.all([...early, listings.since(1_000), listings.since(900)]);
    expect(begun).toHaveLength(1);
    expect(new Set(all).size).toBe(1);
  });

  it('of a slot before does not do for the next', async () => {
    const { listings, begun, at, end } = aSharing();
    const first = listings.since(1_000);
    await end(0);
    at(2_000);
    const second = listings.since(2_000);
    await end(1);
    expect([(await first).atMs, (await second).atMs]).toEqual([0, 1]);
    expect(begun).toHaveLength(2);
  });

  it('is begun only when the one before is done, however many slots pass meanwhile', async () => {
    const { listings, begun, at, end } = aSharing();
    const first = listings.since(1_000);
    at(2_000);
    const later = [listings.since(2_000), listings.since(2_000)];
    at(3_000);
    later.push(listings.since(3_000));
    await settled();
    expect(begun).toHaveLength(1);
    await end(0);
    await first;
    await settled();
    expect(begun).toHaveLength(2);
    await end(1);
    expect((await Promise.all(later)).map(({ atMs }) => atMs)).toEqual([1, 1, 1]);
  });

  it('that failed fails those who waited for it, and the next one who asks begins anew', async () => {
    const { listings, begun, end, fail } = aSharing();
    const first = listings.since(1_000);
    fail(0);
    await expect(first).rejects.toThrow('away');
    const again = listings.since(1_000);
    await end(1);
    expect(await again).toMatchObject({ atMs: 1 });
    expect(begun).toHaveLength(2);
  });
});
