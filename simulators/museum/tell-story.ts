import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { SimulatedPlayer } from '../appspace/players.ts';
import type { SimulatedDisplay } from '../displays/start-displays.ts';
import type { SimulatedExhibit } from '../exhibits/start-exhibits.ts';
import type { StoryHold } from './control-door.ts';
import { exhibitStoryAt } from './exhibit-story.ts';
import { playerStoryAt } from './player-story.ts';
import { storyAt } from './story.ts';

const STORY_STEP_MS = 1_000;

/** Nothing is held at first. */
export function holdList(): StoryHold {
  const held = new Set<string>();
  return {
    isHeld: (name) => held.has(name),
    hold: (name) => void held.add(name),
    release: (name) => void held.delete(name),
  };
}

/** Lets the story move the displays, exhibits and players until the returned function is called. */
export function tellStory(
  {
    displays,
    exhibits,
    players,
  }: {
    displays: readonly SimulatedDisplay[];
    exhibits: readonly SimulatedExhibit[];
    players: readonly SimulatedPlayer[];
  },
  hold: StoryHold,
  { seed, logger }: { seed: number; logger: Logger },
): () => void {
  const startedAt = performance.now();
  const episodes = new Map<string, string>();
  const tell = (name: string, episode: string | null): void => {
    const before = episodes.get(name) ?? null;
    if (episode === before) return;
    logger.info({ device: name, episode: episode ?? `${before}: over` }, 'story');
    if (episode === null) episodes.delete(name);
    else episodes.set(name, episode);
  };
  const exhibitNames = exhibits.map(({ name }) => name);
  const playerNames = players.map(({ name }) => name);
  const step = (): void => {
    const moment = { seed, elapsedSeconds: (performance.now() - startedAt) / 1_000 };
    const scenes = storyAt(displays, moment);
    for (const display of displays) {
      const scene = scenes.get(display.name);
      if (scene === undefined || hold.isHeld(display.name)) continue;
      display.setFault(scene.fault);
      display.set(scene.values);
      tell(display.name, scene.episode);
    }
    const exhibitScenes = exhibitStoryAt(exhibitNames, moment);
    for (const exhibit of exhibits) {
      const scene = exhibitScenes.get(exhibit.name);
      if (scene === undefined || hold.isHeld(exhibit.name)) continue;
      exhibit
        .setFault(scene.fault)
        .catch((err: unknown) => logger.warn({ err, device: exhibit.name }, 'the story failed'));
      tell(exhibit.name, scene.episode);
    }
    const playerScenes = playerStoryAt(playerNames, moment);
    for (const player of players) {
      const scene = playerScenes.get(player.name);
      if (scene === undefined || hold.isHeld(player.name)) continue;
      player.change({ state: scene.state });
      tell(player.name, scene.episode);
    }
  };
  step();
  const timer = setInterval(step, STORY_STEP_MS);
  return () => clearInterval(timer);
}
