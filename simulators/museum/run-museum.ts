import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type AccountSecrets, MUSEUM_ACCOUNT } from '../appspace/account.ts';
import { startCloud } from '../appspace/cloud.ts';
import { startDisplays } from '../displays/start-displays.ts';
import { startExhibits } from '../exhibits/start-exhibits.ts';
import { openControlDoor } from './control-door.ts';
import { type Estate, estateOf } from './estate.ts';
import { estateExhibits, museumExhibits, pingedAddresses } from './exhibits.ts';
import { everyNth, largeMuseum, smallMuseum } from './museum.ts';
import { CHANNELS, estatePlayers, museumPlayers, newPlayers } from './players.ts';
import { readPorts, writePorts } from './port-memory.ts';
import { holdList, tellStory } from './tell-story.ts';

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

/** The simulated museum: displays, exhibits, players and the account that manages these, their story, and the control door. */
export async function runMuseum(options: MuseumOptions): Promise<Museum> {
  const { stateFile, appspacePort, count, silentPercent, isStoryTold, seed, logger } = options;
  const museum = count === null ? smallMuseum() : largeMuseum(count);
  const managed = count === null ? museumPlayers() : [];
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
    const players = [...managed, ...newPlayers()];
    const cloud =
      count === null
        ? await startCloud({ account: MUSEUM_ACCOUNT, players, channels: CHANNELS, port: appspacePort ?? 0 })
        : null;
    if (cloud !== null) closing.push(cloud.close);
    const hold = holdList();
    if (stateFile !== null) await writePorts(stateFile, [...displays, ...exhibits]);
    const silent = new Set(everyNth(displays, silentPercent));
    for (const display of silent) {
      display.setFault({ kind: 'silent' });
      hold.hold(display.name);
    }
    // Only what the registry has is watched by somebody.
    const actors = cloud?.players.filter(({ id }) => managed.some((player) => player.id === id)) ?? [];
    if (isStoryTold) closing.push(tellStory({ displays, exhibits, players: actors }, hold, options));
    const door = await openControlDoor({ displays, exhibits, cloud, hold, logger });
    closing.push(door.close);
    return {
      controlUrl: door.url,
      estate: estateOf(museum, displays, [...estateExhibits(pinged, exhibits, addresses), ...estatePlayers(managed)]),
      appspace: cloud && { url: cloud.url, ...MUSEUM_ACCOUNT },
      close,
    };
  } catch (err) {
    await close();
    throw err;
  }
}
