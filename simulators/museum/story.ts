import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { Fault } from '../displays/faults.ts';
import type { ProfileId } from '../displays/start-displays.ts';
import type { DisplayValues } from '../displays/values.ts';

/** What the story wants of a display at a moment. Settings (power, brightness, input) are never the story's. */
export type Scene = {
  /** The name of the episode, or null when all is well. */
  episode: string | null;
  fault: Fault | null;
  values: Pick<DisplayValues, 'temperatureCelsius' | 'ambientLightLux' | 'health' | 'fans'>;
};

export type Actor = { name: string; profile: ProfileId };

type Episode = {
  name: string;
  startSeconds: number;
  endSeconds: number;
  fault?: Fault;
  values?: Partial<Scene['values']>;
  /** Only displays of this profile can show it. */
  profile?: ProfileId;
};

const CYCLE_SECONDS = 600;

/**
 * Within a minute the first display is DEGRADED. The silence outlasts three sweeps of a minute, after which a display counts
 * as OFFLINE, and ends early enough that its return is seen within the first six minutes.
 */
const EPISODES: readonly Episode[] = [
  {
    name: 'overheats',
    startSeconds: 5,
    endSeconds: 185,
    values: { temperatureCelsius: 81, health: 'warning' },
  },
  { name: 'falls silent', startSeconds: 10, endSeconds: 250, fault: { kind: 'silent' } },
  { name: 'turns slow', startSeconds: 90, endSeconds: 210, fault: { kind: 'slow', delayMs: 600 } },
  {
    name: 'loses a fan',
    startSeconds: 180,
    endSeconds: 360,
    profile: 'wheelhouse-fida',
    values: {
      health: 'warning',
      fans: [
        { rpm: 2_900, status: 'ok' },
        { rpm: 0, status: 'fault' },
      ],
    },
  },
  { name: 'sends impossible values', startSeconds: 270, endSeconds: 390, fault: { kind: 'wrongValues' } },
  { name: 'sends malformed packets', startSeconds: 330, endSeconds: 450, fault: { kind: 'malformed' } },
  {
    name: 'is about to fail',
    startSeconds: 420,
    endSeconds: 590,
    values: { temperatureCelsius: 92, health: 'fault' },
  },
];

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const rest = [...items];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return order;
}

/** Who plays which episode in a cycle; nobody plays two. */
function cast(actors: readonly Actor[], seed: number, cycle: number): Map<string, Episode> {
  const waiting = shuffled(actors, seededRandom(seed * 1_000 + cycle));
  const roles = new Map<string, Episode>();
  for (const episode of EPISODES) {
    const index = waiting.findIndex(({ profile }) => episode.profile === undefined || episode.profile === profile);
    const [actor] = index < 0 ? [] : waiting.splice(index, 1);
    if (actor !== undefined) roles.set(actor.name, episode);
  }
  return roles;
}

/** Slow waves, out of step from one display to the next, so that a quiet museum still lives. */
function calmValues(position: number, elapsedSeconds: number): Scene['values'] {
  const wave = (periodSeconds: number): number => Math.sin((elapsedSeconds / periodSeconds) * 2 * Math.PI + position);
  const rpm = Math.round(1_480 + 40 * wave(300));
  return {
    temperatureCelsius: Math.round((41 + 3 * wave(900)) * 10) / 10,
    ambientLightLux: Math.round(320 + 80 * wave(1_200)),
    health: 'ok',
    fans: [
      { rpm, status: 'ok' },
      { rpm: rpm + 30, status: 'ok' },
    ],
  };
}

/** The scene of every actor, by name, so many seconds after the start; the same arguments give the same scenes. */
export function storyAt(
  actors: readonly Actor[],
  options: { seed: number; elapsedSeconds: number },
): Map<string, Scene> {
  const { seed, elapsedSeconds } = options;
  const roles = cast(actors, seed, Math.floor(elapsedSeconds / CYCLE_SECONDS));
  const atSeconds = elapsedSeconds % CYCLE_SECONDS;
  return new Map(
    actors.map(({ name }, position): [string, Scene] => {
      const role = roles.get(name);
      const isOn = role !== undefined && atSeconds >= role.startSeconds && atSeconds < role.endSeconds;
      const calm = calmValues(position, elapsedSeconds);
      if (!isOn) return [name, { episode: null, fault: null, values: calm }];
      return [name, { episode: role.name, fault: role.fault ?? null, values: { ...calm, ...role.values } }];
    }),
  );
}
