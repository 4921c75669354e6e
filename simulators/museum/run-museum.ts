import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type SimulatedDisplay, startDisplays } from '../displays/start-displays.ts';
import { type SimulatedCores, startCores } from '../qsys/start-cores.ts';
import { openControlDoor, type StoryHold } from './control-door.ts';
import { type Estate, estateOf } from './estate.ts';
import { everyNth, largeMuseum, smallMuseum } from './museum.ts';
import { readPorts, writePorts } from './port-memory.ts';
import { museumSound } from './sound-systems.ts';
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

export type Museum = { controlUrl: string; estate: Estate; cores: SimulatedCores['cores']; close: () => Promise<void> };

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

/** The ports that a Core had, as they are remembered beside those of the displays. */
const portNames = (core: string) => ({ tcp: `${core}: QRC over TCP`, webSocket: `${core}: QRC over a websocket` });

/** The museum's Cores, at the ports they had. A museum for load tests has none. */
function startSound(ports: ReadonlyMap<string, number>, { count, seed }: MuseumOptions): Promise<SimulatedCores> {
  const withPorts = <D extends { name: string }>(core: D) => {
    const { tcp, webSocket } = portNames(core.name);
    return { ...core, tcpPort: ports.get(tcp) ?? 0, webSocketPort: ports.get(webSocket) ?? 0 };
  };
  const systems = (count === null ? museumSound : []).map(({ design, core, backup }) => ({
    design,
    core: withPorts(core),
    ...(backup === undefined ? {} : { backup: withPorts(backup) }),
  }));
  return startCores(systems, { seed });
}

const portsOf = ({ cores }: SimulatedCores): { name: string; port: number }[] =>
  cores.flatMap(({ name, tcpPort, webSocketPort }) => [
    { name: portNames(name).tcp, port: tcpPort },
    { name: portNames(name).webSocket, port: webSocketPort },
  ]);

/** The simulated museum: displays, their story, Cores, and the control door. */
export async function runMuseum(options: MuseumOptions): Promise<Museum> {
  const { stateFile, count, silentPercent, isStoryTold, seed, logger } = options;
  const museum = count === null ? smallMuseum() : largeMuseum(count);
  const ports = stateFile === null ? new Map<string, number>() : await readPorts(stateFile);
  const definitions = museum.map((definition) => ({ ...definition, port: ports.get(definition.name) ?? 0 }));
  const parts: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const closePart of parts.splice(0).reverse()) await closePart();
  };
  try {
    const { displays, close: closeDisplays } = await startDisplays(definitions, { seed });
    parts.push(closeDisplays);
    const sound = await startSound(ports, options);
    parts.push(sound.close);
    if (stateFile !== null) await writePorts(stateFile, [...displays, ...portsOf(sound)]);
    const hold = holdList();
    for (const display of everyNth(displays, silentPercent)) {
      display.setFault({ kind: 'silent' });
      hold.hold(display.name);
    }
    if (isStoryTold) parts.push(tellStory(displays, hold, options));
    const door = await openControlDoor({ displays, hold, cores: sound.cores, logger });
    parts.push(() => door.close());
    return { controlUrl: door.url, estate: estateOf(museum, displays, sound.cores), cores: sound.cores, close };
  } catch (err) {
    await close();
    throw err;
  }
}
