import { expect, test } from 'vitest';
import { type Actor, type Scene, storyAt } from './story.ts';

const actors: Actor[] = Array.from({ length: 24 }, (_, i) => ({
  name: `d${i}`,
  profile: i % 3 === 0 ? 'lg-commercial' : 'wheelhouse-fida',
}));

const at = (elapsedSeconds: number, seed = 1): Map<string, Scene> => storyAt(actors, { seed, elapsedSeconds });
const episodesAt = (elapsedSeconds: number, seed = 1): string[] =>
  [...at(elapsedSeconds, seed).values()].flatMap(({ episode }) => episode ?? []).sort();

test.each([
  [0, []],
  [4.9, []],
  [5, ['overheats']],
  [10, ['falls silent', 'overheats']],
  [184.9, ['falls silent', 'loses a fan', 'overheats', 'turns slow']],
  [185, ['falls silent', 'loses a fan', 'turns slow']],
  [249.9, ['falls silent', 'loses a fan']],
  [250, ['loses a fan']],
  [340, ['loses a fan', 'sends impossible values', 'sends malformed packets']],
  [589.9, ['is about to fail']],
  [590, []],
  [610, ['falls silent', 'overheats']],
])('after %f seconds the episodes are %j', (elapsedSeconds, episodes) => {
  expect(episodesAt(elapsedSeconds)).toEqual(episodes);
});

test('the silence spans three sweeps of a minute, wherever in the minute they fall', () => {
  const isSilent = (seconds: number): boolean => episodesAt(seconds).includes('falls silent');
  for (let offset = 0; offset < 60; offset++) {
    const sweeps = Array.from({ length: 6 }, (_, i) => offset + i * 60);
    expect(sweeps.filter(isSilent).length).toBeGreaterThanOrEqual(3);
  }
});

test('the same seed tells the same story, another seed another', () => {
  expect(at(100, 5)).toEqual(at(100, 5));
  const silent = (seed: number) => [...at(100, seed)].find(([, { episode }]) => episode === 'falls silent')?.[0];
  expect(new Set(Array.from({ length: 20 }, (_, seed) => silent(seed))).size).toBeGreaterThan(3);
});

test('every cycle has other actors, and only displays with fans lose one', () => {
  const losers = new Set<string>();
  for (let cycle = 0; cycle < 30; cycle++) {
    for (const [name, { episode }] of at(cycle * 600 + 200)) if (episode === 'loses a fan') losers.add(name);
  }
  expect(losers.size).toBeGreaterThan(3);
  expect([...losers].filter((name) => Number(name.slice(1)) % 3 === 0)).toEqual([]);
});

test('nothing is wrong with a display between its episodes', () => {
  for (const { episode, fault, values } of at(400).values()) {
    if (episode === null) expect({ fault, health: values.health }).toEqual({ fault: null, health: 'ok' });
    expect(values.temperatureCelsius).toBeGreaterThan(30);
  }
});

test('with few displays the episodes that find no actor are left out', () => {
  const [only] = actors;
  expect(storyAt(only ? [only] : [], { seed: 1, elapsedSeconds: 100 }).size).toBe(1);
  expect(storyAt([], { seed: 1, elapsedSeconds: 100 }).size).toBe(0);
});
