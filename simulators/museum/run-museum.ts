import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type SimulatedDisplay, startDisplays } from '../displays/start-displays.ts';
import { openControlDoor, type StoryHold } from './control-door.ts';
import { type Estate, estateOf } from './estate.ts';
import { everyNth, largeMuseum, smallMuseum } from './museum.ts';
import { readPorts, writePorts } from './port-memory.ts';
import { storyAt } from './story.ts';

export type MuseumOptions = {
  /** Where ports are remembered; null: nowhere. */
  stateFile: string | null;
  /** How many displays; null: the small museum. */
  count: number | null;
  /** This many of a hundred answer nothing, ever. */
  silentPercent: number;
  isStoryTold: boolean;
  seed: number;
  logger: Logger;
};

export type Museum = { controlUrl: string; estate: Estate; close: () => Promise<void> };

const STORY_STEP_MS = 1_000;

function holdList(): StoryHold {
  const held = new Set<string>();
  return {
    isHeld: (name) => held.has(name),
    hold: (name) => void held.add(name),
    release: (name) => void held.delete(name),
  };
}

/** Lets the story move the displays until the returned function is called. */
function tellStory(actors: readonly SimulatedDisplay[], hold: StoryHold, { seed, logger }: MuseumOptions): () => void {
  const startedAt = performance.now();
  const episodes = new Map<string, string>();
  const step = (): void => {
    const scenes = storyAt(actors, { seed, elapsedSeconds: (performance.now() - startedAt) / 1_000 });
    for (const actor of actors) {
      const scene = scenes.get(actor.name);
      if (scene === undefined || hold.isHeld(actor.name)) continue;
      actor.setFault(scene.fault);
      actor.set(scene.values);
      const before = episodes.get(actor.name) ?? null;
      if (scene.episode === before) continue;
      logger.info({ display: actor.name, episode: scene.episode ?? `${before}: over` }, 'story');
      if (scene.episode === null) episodes.delete(actor.name);
      else episodes.set(actor.name, scene.episode);
    }
  };
  step();
  const timer = setInterval(step, STORY_STEP_MS);
  return () => clearInterval(timer);
}

/** The simulated museum: displays, their story, and the control door. */
export async function runMuseum(options: MuseumOptions): Promise<Museum> {
  const { stateFile, count, silentPercent, isStoryTold, seed, logger } = options;
  const museum = count === null ? smallMuseum() : largeMuseum(count);
  const ports = stateFile === null ? new Map<string, number>() : await readPorts(stateFile);
  const definitions = museum.map((definition) => ({ ...definition, port: ports.get(definition.name) ?? 0 }));
  const { displays, close: closeDisplays } = await startDisplays(definitions, { seed });
  const hold = holdList();
  let stopStory = (): void => undefined;
  try {
    if (stateFile !== null) await writePorts(stateFile, displays);
    const silent = new Set(everyNth(displays, silentPercent));
    for (const display of silent) {
      display.setFault({ kind: 'silent' });
      hold.hold(display.name);
    }
    if (isStoryTold) stopStory = tellStory(displays, hold, options);
    const door = await openControlDoor({ displays, hold, logger });
    const close = async (): Promise<void> => {
      stopStory();
      await door.close();
      await closeDisplays();
    };
    return { controlUrl: door.url, estate: estateOf(museum, displays), close };
  } catch (err) {
    stopStory();
    await closeDisplays();
    throw err;
  }
}
