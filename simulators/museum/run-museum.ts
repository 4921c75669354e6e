import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type SimulatedDisplay, startDisplays } from '../displays/start-displays.ts';
import { type SimulatedExhibit, startExhibits } from '../exhibits/start-exhibits.ts';
import { openControlDoor, type StoryHold } from './control-door.ts';
import { type Estate, estateOf } from './estate.ts';
import { exhibitStoryAt } from './exhibit-story.ts';
import { estateExhibits, museumExhibits, pingedAddresses } from './exhibits.ts';
import { everyNth, largeMuseum, smallMuseum } from './museum.ts';
import { readPorts, writePorts } from './port-memory.ts';
import { storyAt } from './story.ts';

export type MuseumOptions = {
  /** Where ports are remembered; null: nowhere. */
  stateFile: string | null;
  /** How many displays, and nothing besides; null: the small museum. */
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

/** Lets the story move the displays and exhibits until the returned function is called. */
function tellStory(
  { displays, exhibits }: { displays: readonly SimulatedDisplay[]; exhibits: readonly SimulatedExhibit[] },
  hold: StoryHold,
  { seed, logger }: MuseumOptions,
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
  const names = exhibits.map(({ name }) => name);
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
    const exhibitScenes = exhibitStoryAt(names, moment);
    for (const exhibit of exhibits) {
      const scene = exhibitScenes.get(exhibit.name);
      if (scene === undefined || hold.isHeld(exhibit.name)) continue;
      exhibit
        .setFault(scene.fault)
        .catch((err: unknown) => logger.warn({ err, device: exhibit.name }, 'the story failed'));
      tell(exhibit.name, scene.episode);
    }
  };
  step();
  const timer = setInterval(step, STORY_STEP_MS);
  return () => clearInterval(timer);
}

/** The simulated museum: displays, exhibits, their story, and the control door. */
export async function runMuseum(options: MuseumOptions): Promise<Museum> {
  const { stateFile, count, silentPercent, isStoryTold, seed, logger } = options;
  const museum = count === null ? smallMuseum() : largeMuseum(count);
  const pinged = count === null ? museumExhibits() : [];
  const addresses = count === null ? pingedAddresses() : [];
  const ports = stateFile === null ? new Map<string, number>() : await readPorts(stateFile);
  const withPort = <Definition extends { name: string }>(definition: Definition) => ({
    ...definition,
    port: ports.get(definition.name) ?? 0,
  });
  const closing: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const { displays, close: closeDisplays } = await startDisplays(museum.map(withPort), { seed });
    closing.push(closeDisplays);
    const { exhibits, close: closeExhibits } = await startExhibits(pinged.map(withPort));
    closing.push(closeExhibits);
    const hold = holdList();
    if (stateFile !== null) await writePorts(stateFile, [...displays, ...exhibits]);
    const silent = new Set(everyNth(displays, silentPercent));
    for (const display of silent) {
      display.setFault({ kind: 'silent' });
      hold.hold(display.name);
    }
    if (isStoryTold) closing.push(tellStory({ displays, exhibits }, hold, options));
    const door = await openControlDoor({ displays, exhibits, hold, logger });
    closing.push(door.close);
    const estate = estateOf(museum, displays, estateExhibits(pinged, exhibits, addresses));
    return { controlUrl: door.url, estate, close };
  } catch (err) {
    await close();
    throw err;
  }
}
