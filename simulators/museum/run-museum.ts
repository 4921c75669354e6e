import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type AccountSecrets, MUSEUM_ACCOUNT } from '../appspace/account.ts';
import { startCloud } from '../appspace/cloud.ts';
import type { SimulatedPlayer } from '../appspace/players.ts';
import { type SimulatedDisplay, startDisplays } from '../displays/start-displays.ts';
import { openControlDoor, type StoryHold } from './control-door.ts';
import { type Estate, estateOf } from './estate.ts';
import { everyNth, largeMuseum, smallMuseum } from './museum.ts';
import { playerStoryAt } from './player-story.ts';
import { CHANNELS, estatePlayers, museumPlayers, newPlayers } from './players.ts';
import { readPorts, writePorts } from './port-memory.ts';
import { storyAt } from './story.ts';

export type MuseumOptions = {
  /** Where ports are remembered; null: nowhere. */
  stateFile: string | null;
  /** Where the simulated Appspace listens. @default a free port */
  appspacePort?: number;
  /** How many displays, and nothing besides; null: the small museum. */
  count: number | null;
  /** This many of a hundred answer nothing, ever. */
  silentPercent: number;
  isStoryTold: boolean;
  seed: number;
  logger: Logger;
};

export type Museum = {
  controlUrl: string;
  estate: Estate;
  /** How the account is reached that manages the players; null where there is none. */
  appspace: ({ url: string } & AccountSecrets) | null;
  close: () => Promise<void>;
};

const STORY_STEP_MS = 1_000;

function holdList(): StoryHold {
  const held = new Set<string>();
  return {
    isHeld: (name) => held.has(name),
    hold: (name) => void held.add(name),
    release: (name) => void held.delete(name),
  };
}

/** Lets the story move the displays and players until the returned function is called. */
function tellStory(
  { displays, players }: { displays: readonly SimulatedDisplay[]; players: readonly SimulatedPlayer[] },
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

/** The simulated museum: displays, players and the account that manages these, their story, and the control door. */
export async function runMuseum(options: MuseumOptions): Promise<Museum> {
  const { stateFile, appspacePort, count, silentPercent, isStoryTold, seed, logger } = options;
  const museum = count === null ? smallMuseum() : largeMuseum(count);
  const managed = count === null ? museumPlayers() : [];
  const ports = stateFile === null ? new Map<string, number>() : await readPorts(stateFile);
  const definitions = museum.map((definition) => ({ ...definition, port: ports.get(definition.name) ?? 0 }));
  const closing: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const { displays, close: closeDisplays } = await startDisplays(definitions, { seed });
    closing.push(closeDisplays);
    const players = [...managed, ...newPlayers()];
    const cloud =
      count === null
        ? await startCloud({ account: MUSEUM_ACCOUNT, players, channels: CHANNELS, port: appspacePort ?? 0 })
        : null;
    if (cloud !== null) closing.push(cloud.close);
    const hold = holdList();
    if (stateFile !== null) await writePorts(stateFile, displays);
    const silent = new Set(everyNth(displays, silentPercent));
    for (const display of silent) {
      display.setFault({ kind: 'silent' });
      hold.hold(display.name);
    }
    // Only what the registry has is watched by somebody.
    const actors = cloud?.players.filter(({ id }) => managed.some((player) => player.id === id)) ?? [];
    if (isStoryTold) closing.push(tellStory({ displays, players: actors }, hold, options));
    const door = await openControlDoor({ displays, cloud, hold, logger });
    closing.push(door.close);
    return {
      controlUrl: door.url,
      estate: estateOf(museum, displays, estatePlayers(managed)),
      appspace: cloud && { url: cloud.url, ...MUSEUM_ACCOUNT },
      close,
    };
  } catch (err) {
    await close();
    throw err;
  }
}
