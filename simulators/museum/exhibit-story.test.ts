import { expect, test } from 'vitest';
import { exhibitStoryAt } from './exhibit-story.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const at = (elapsedSeconds: number, seed = 1) =>
  [...exhibitStoryAt(names, { seed, elapsedSeconds }).values()]
    .flatMap(({ episode, fault }) => (episode === null ? [] : [`${episode}: ${fault?.kind ?? 'well'}`]))
    .sort();
const LOOSE = 'has a loose plug';

test.each([
  [19.9, []],
  [20, ['dies: silent']],
  [60, ['dies: silent', 'restarts: refusing']],
  [120, ['dies: silent', `${LOOSE}: silent`, 'restarts: refusing']],
  [180, ['dies: silent', `${LOOSE}: silent`]],
  [189.9, ['dies: silent', `${LOOSE}: silent`]],
  [190, ['dies: silent', `${LOOSE}: well`]],
  [260, [`${LOOSE}: silent`]],
  [539.9, [`${LOOSE}: well`]],
  [540, []],
  [620, ['dies: silent']],
])('after %f seconds the episodes are %j', (elapsedSeconds, episodes) => {
  expect(at(elapsedSeconds)).toEqual(episodes);
});

test('what dies is silent for three sweeps of a minute, and what has a loose plug never is', () => {
  const silentSweeps = (episode: string, offset: number): boolean[] =>
    Array.from({ length: 10 }, (_, i) => at(offset + i * 60).includes(`${episode}: silent`));
  for (let offset = 0; offset < 60; offset++) {
    expect(silentSweeps('dies', offset).filter(Boolean).length).toBeGreaterThanOrEqual(3);
    const loose = silentSweeps(LOOSE, offset);
    expect(loose.some((_, i) => loose[i] && loose[i + 1] && loose[i + 2])).toBe(false);
  }
});

test('the same seed tells the same story, and with few exhibits the episodes without an actor are left out', () => {
  expect(exhibitStoryAt(names, { seed: 3, elapsedSeconds: 100 })).toEqual(
    exhibitStoryAt(names, { seed: 3, elapsedSeconds: 100 }),
  );
  expect([...exhibitStoryAt(['a'], { seed: 1, elapsedSeconds: 130 }).values()]).toEqual([
    { episode: 'dies', fault: { kind: 'silent' } },
  ]);
  expect(exhibitStoryAt([], { seed: 1, elapsedSeconds: 130 }).size).toBe(0);
});
