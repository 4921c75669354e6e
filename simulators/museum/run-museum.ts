import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type AccountSecrets, MUSEUM_ACCOUNT } from '../appspace/account.ts';
import { startCloud } from '../appspace/cloud.ts';
import { startDisplays } from '../displays/start-displays.ts';
import { startExhibits } from '../exhibits/start-exhibits.ts';
import { type SimulatedCores, startCores } from '../qsys/start-cores.ts';
import { openControlDoor } from './control-door.ts';
import { type Estate, estateCores, estateOf } from './estate.ts';
import { estateExhibits, museumExhibits, pingedAddresses } from './exhibits.ts';
import { everyNth, largeMuseum, smallMuseum } from './museum.ts';
import { CHANNELS, estatePlayers, museumPlayers, newPlayers } from './players.ts';
import { readPorts, writePorts } from './port-memory.ts';
import { museumSound } from './sound-systems.ts';
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
  cores: SimulatedCores['cores'];
  close: () => Promise<void>;
};

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

/** The simulated museum: displays, exhibits, players and the account that manages these, Cores, their story, and the control door. */
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
    const sound = await startSound(ports, options);
    closing.push(sound.close);
    const hold = holdList();
    if (stateFile !== null) await writePorts(stateFile, [...displays, ...exhibits, ...portsOf(sound)]);
    const silent = new Set(everyNth(displays, silentPercent));
    for (const display of silent) {
      display.setFault({ kind: 'silent' });
      hold.hold(display.name);
    }
    // Only what the registry has is watched by somebody.
    const actors = cloud?.players.filter(({ id }) => managed.some((player) => player.id === id)) ?? [];
    if (isStoryTold) closing.push(tellStory({ displays, exhibits, players: actors }, hold, options));
    const door = await openControlDoor({ displays, exhibits, cloud, cores: sound.cores, hold, logger });
    closing.push(door.close);
    return {
      controlUrl: door.url,
      estate: estateOf(museum, displays, [
        ...estateExhibits(pinged, exhibits, addresses),
        ...estatePlayers(managed),
        ...estateCores(sound.cores),
      ]),
      appspace: cloud && { url: cloud.url, ...MUSEUM_ACCOUNT },
      cores: sound.cores,
      close,
    };
  } catch (err) {
    await close();
    throw err;
  }
}
