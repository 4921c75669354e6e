import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { ExhibitFault } from '../exhibits/start-exhibits.ts';

/** What the story wants of an exhibit at a moment. */
export type ExhibitScene = { episode: string | null; fault: ExhibitFault | null };

type Episode = {
  name: string;
  startSeconds: number;
  endSeconds: number;
  fault: ExhibitFault;
  /** It comes and goes in times of this length, and begins with the fault. */
  everySeconds?: number;
};

const CYCLE_SECONDS = 600;

/**
 * The silence outlasts three sweeps of a minute, and its end is seen within six. What comes and goes is never silent three sweeps
 * in a row: its status stays, and its loss grows.
 */
const EPISODES: readonly Episode[] = [
  { name: 'dies', startSeconds: 20, endSeconds: 260, fault: { kind: 'silent' } },
  { name: 'restarts', startSeconds: 60, endSeconds: 180, fault: { kind: 'refusing' } },
  { name: 'has a loose plug', startSeconds: 120, endSeconds: 540, fault: { kind: 'silent' }, everySeconds: 70 },
];

/** The scene of every exhibit, by name, so many seconds after the start; the same arguments give the same scenes. */
export function exhibitStoryAt(
  names: readonly string[],
  { seed, elapsedSeconds }: { seed: number; elapsedSeconds: number },
): Map<string, ExhibitScene> {
  const cycle = Math.floor(elapsedSeconds / CYCLE_SECONDS);
  const atSeconds = elapsedSeconds % CYCLE_SECONDS;
  const random = seededRandom(seed * 1_000 + cycle);
  const waiting = [...names];
  const scenes = new Map<string, ExhibitScene>(names.map((name) => [name, { episode: null, fault: null }]));
  for (const { name: episode, startSeconds, endSeconds, fault, everySeconds } of EPISODES) {
    const [actor] = waiting.splice(Math.floor(random() * waiting.length), 1);
    if (actor === undefined || atSeconds < startSeconds || atSeconds >= endSeconds) continue;
    const turn = everySeconds === undefined ? 0 : Math.floor((atSeconds - startSeconds) / everySeconds);
    scenes.set(actor, { episode, fault: turn % 2 === 0 ? fault : null });
  }
  return scenes;
}
