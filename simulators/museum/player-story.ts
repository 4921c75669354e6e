import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { PlayerState } from '../appspace/players.ts';

/** What the story wants of a player at a moment. */
export type PlayerScene = { episode: string | null; state: PlayerState };

type Episode = { name: string; startSeconds: number; endSeconds: number; state: PlayerState };

const CYCLE_SECONDS = 600;

/** What makes a player OFFLINE outlasts three sweeps of a minute. */
const EPISODES: readonly Episode[] = [
  { name: 'loses contact', startSeconds: 15, endSeconds: 200, state: 'COMMUNICATION_LOST' },
  { name: 'fails', startSeconds: 40, endSeconds: 290, state: 'FAILED' },
  { name: 'is switched off', startSeconds: 300, endSeconds: 560, state: 'OFFLINE' },
];

/** The scene of every player, by name, so many seconds after the start; the same arguments give the same scenes. */
export function playerStoryAt(
  names: readonly string[],
  { seed, elapsedSeconds }: { seed: number; elapsedSeconds: number },
): Map<string, PlayerScene> {
  const atSeconds = elapsedSeconds % CYCLE_SECONDS;
  const random = seededRandom(seed * 1_000 + Math.floor(elapsedSeconds / CYCLE_SECONDS));
  const waiting = [...names];
  const scenes = new Map<string, PlayerScene>(names.map((name) => [name, { episode: null, state: 'ONLINE' }]));
  for (const { name: episode, startSeconds, endSeconds, state } of EPISODES) {
    const [actor] = waiting.splice(Math.floor(random() * waiting.length), 1);
    if (actor !== undefined && atSeconds >= startSeconds && atSeconds < endSeconds)
      scenes.set(actor, { episode, state });
  }
  return scenes;
}
