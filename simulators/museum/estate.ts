import type { SimulatedDisplay } from '../displays/start-displays.ts';
import type { Core } from '../qsys/start-cores.ts';
import type { EstateExhibit } from './exhibits.ts';
import { externalIdOf, type MuseumDisplay, SITES, TIME_ZONE } from './museum.ts';
import type { EstatePlayer } from './players.ts';

/** One display as an estate file has it. */
export type EstateDisplay = {
  externalId: string;
  name: string;
  system: 'FIDA';
  site: string;
  tags: string[];
  parents: string[];
  snmp: SimulatedDisplay['snmp'] & { profile?: string };
};

/** One Core as an estate file has it. */
export type EstateCore = {
  externalId: string;
  name: string;
  system: 'QSYS';
  site: string;
  tags: string[];
  parents: string[];
  qrc: { host: string; port: number; transport: 'TCP'; user?: string; password?: string };
};

export type Estate = {
  sites: { path: string; timeZone: string }[];
  devices: (EstateDisplay | EstateExhibit | EstatePlayer | EstateCore)[];
};

/** The running Cores as an estate file would list them. */
export const estateCores = (cores: readonly Core[]): EstateCore[] => cores.map(coreOf);

const coreOf = ({ name, host, tcpPort, user }: Core): EstateCore => ({
  externalId: externalIdOf(name),
  ...{
    name,
    system: 'QSYS',
    site: name.startsWith('Children') ? 'museum/children' : 'museum',
    tags: ['audio'],
    parents: [],
  },
  qrc: { host, port: tcpPort, transport: 'TCP', ...(user && { user: user.name, password: user.password }) },
});

/** What runs as an estate file would list it. `running` is in the order of `museum`. */
export function estateOf(
  museum: readonly MuseumDisplay[],
  running: readonly SimulatedDisplay[],
  others: readonly (EstateExhibit | EstatePlayer | EstateCore)[],
): Estate {
  const displays = running.flatMap((display, i): EstateDisplay[] => {
    const definition = museum[i];
    if (definition === undefined) return [];
    const { externalId, name, site, tags, parents, isProfileGiven, profile } = definition;
    const snmp = isProfileGiven ? { ...display.snmp, profile } : display.snmp;
    return [{ externalId, name, system: 'FIDA', site, tags, parents, snmp }];
  });
  return { sites: SITES.map((path) => ({ path, timeZone: TIME_ZONE })), devices: [...displays, ...others] };
}
