import { describe, expect, it } from 'vitest';
import { chunksOf, paceOf, visitPaced } from './sweep.ts';

describe('the pace of a sweep', () => {
  it.each([
    [0, 60_000, 10],
    [1, 60_000, 10],
    // 80 % of the interval at 10 ms each.
    [4_800, 60_000, 10],
    [9_600, 60_000, 5],
    [80, 1_000, 10],
    [81, 1_000, 800 / 81],
    [1_000, 1_000, 0.8],
  ])('for %s keys in %s ms is %s ms', (keyCount, intervalMs, paceMs) => {
    expect(paceOf(keyCount, intervalMs)).toBe(paceMs);
  });
});

describe('the chunks of a sweep', () => {
  const keysOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `k${index}`);

  it('are none for no keys', () => {
    expect(chunksOf([], 60_000, 60_000)).toEqual([]);
  });

  it.each([
    [1, 60_000, [1]],
    [100, 60_000, [100]],
    [101, 60_000, [100, 1]],
    [220, 60_000, [100, 100, 20]],
    // 3.2 ms apart
    [1_000, 4_000, [312, 312, 312, 64]],
    // A quarter of the interval where that is less than a second
    [60, 1_000, [25, 25, 10]],
    [1_000, 1_000, [312, 312, 312, 64]],
    // Never more than a thousand
    [2_500, 2_000, [781, 781, 781, 157]],
    [5_000, 4_000, [1_000, 1_000, 1_000, 1_000, 1_000]],
  ])('of %s keys in %s ms hold a second of them each: %s', (count, intervalMs, sizes) => {
    const chunks = chunksOf(keysOf(count), 60_000, intervalMs);
    expect(chunks.map(({ keys }) => keys.length)).toEqual(sizes);
    expect(chunks.flatMap(({ keys }) => keys)).toEqual(keysOf(count));
  });

  it.each([
    [2_000, 60_000, [500, 500, 500, 500]],
    // A quarter of the interval where that is less than five seconds
    [300, 4_000, [100, 100, 100]],
    [4_800, 60_000, [500, 500, 500, 500, 500, 500, 500, 500, 500, 300]],
  ])('of %s keys in %s ms hold five seconds of them where they are to: %s', (count, intervalMs, sizes) => {
    expect(chunksOf(keysOf(count), 60_000, intervalMs, 5_000).map(({ keys }) => keys.length)).toEqual(sizes);
  });

  it('begin where the chunk before ends, all within 80 % of the interval', () => {
    const chunks = chunksOf(keysOf(2_000), 5_000, 10_000);
    expect(chunks.map(({ slotMs }) => slotMs)).toEqual(chunks.map(() => 5_000));
    expect(chunks.map(({ startMs }) => startMs)).toEqual(chunks.map((_, index) => 5_000 + index * 250 * 4));
    const last = chunks.at(-1);
    expect((last?.startMs ?? 0) + ((last?.keys.length ?? 0) - 1) * (last?.paceMs ?? 0)).toBeLessThan(13_000);
  });
});

describe('paced visits', () => {
  it('start at their places although the first never ends before the last', async () => {
    const startMs = Date.now();
    const visited: [string, number][] = [];
    const first = Promise.withResolvers<void>();
    const results = await visitPaced({ startMs, paceMs: 20 }, ['a', 'b', 'c'], async (key, dueMs) => {
      visited.push([key, dueMs - startMs]);
      if (key === 'c') first.resolve();
      if (key === 'a') await first.promise;
      return key.toUpperCase();
    });
    expect(results).toEqual(['A', 'B', 'C']);
    expect(visited).toEqual([
      ['a', 0],
      ['b', 20],
      ['c', 40],
    ]);
  });

  it('start together when they are closer than 20 ms, and none before its place', async () => {
    const startMs = Date.now() + 30;
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    const starts: { dueMs: number; atMs: number }[] = [];
    await visitPaced({ startMs, paceMs: 0.5 }, keys, (_key, dueMs) => {
      starts.push({ dueMs, atMs: Date.now() });
      return Promise.resolve();
    });
    expect(starts.map(({ dueMs }) => dueMs)).toEqual(keys.map((_, index) => startMs + index * 0.5));
    for (const { dueMs, atMs } of starts) expect(atMs).toBeGreaterThanOrEqual(dueMs);
    // 100 ms of places take six wake-ups at most, each of a few milliseconds' looks at least.
    expect(new Set(starts.map(({ atMs }) => atMs)).size).toBeLessThan(60);
  });

  it('start at once when their places are past', async () => {
    const startedAt = performance.now();
    await visitPaced({ startMs: Date.now() - 60_000, paceMs: 1_000 }, ['a', 'b', 'c'], () => Promise.resolve());
    expect(performance.now() - startedAt).toBeLessThan(1_900);
  });
});
