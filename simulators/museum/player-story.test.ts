import { expect, test } from 'vitest';
import { playerStoryAt } from './player-story.ts';

const names = ['a', 'b', 'c', 'd'];
const at = (elapsedSeconds: number, seed = 1) =>
  [...playerStoryAt(names, { seed, elapsedSeconds }).values()]
    .flatMap(({ episode, state }) => (episode === null ? [] : [`${episode}: ${state}`]))
    .sort();

test.each([
  [14.9, []],
  [15, ['loses contact: COMMUNICATION_LOST']],
  [40, ['fails: FAILED', 'loses contact: COMMUNICATION_LOST']],
  [200, ['fails: FAILED']],
  [289.9, ['fails: FAILED']],
  [290, []],
  [300, ['is switched off: OFFLINE']],
  [560, []],
  [615, ['loses contact: COMMUNICATION_LOST']],
])('after %f seconds the episodes are %j', (elapsedSeconds, episodes) => {
  expect(at(elapsedSeconds)).toEqual(episodes);
});

test('who fails or is switched off is so for three sweeps of a minute, wherever they begin', () => {
  for (const episode of ['fails: FAILED', 'is switched off: OFFLINE'])
    for (let offset = 0; offset < 60; offset++) {
      const seen = Array.from({ length: 10 }, (_, i) => at(offset + i * 60).includes(episode));
      expect(seen.filter(Boolean).length).toBeGreaterThanOrEqual(3);
    }
});

test('the same seed tells the same story, and with few players the episodes without an actor are left out', () => {
  expect(playerStoryAt(names, { seed: 3, elapsedSeconds: 100 })).toEqual(
    playerStoryAt(names, { seed: 3, elapsedSeconds: 100 }),
  );
  expect([...playerStoryAt(['a'], { seed: 1, elapsedSeconds: 100 }).values()]).toEqual([
    { episode: 'loses contact', state: 'COMMUNICATION_LOST' },
  ]);
  expect(playerStoryAt([], { seed: 1, elapsedSeconds: 100 }).size).toBe(0);
});
