import type { SimulatedDisplay } from '../displays/start-displays.ts';
import type { EstateExhibit } from './exhibits.ts';
import { type MuseumDisplay, SITES, TIME_ZONE } from './museum.ts';
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

export type Estate = {
  sites: { path: string; timeZone: string }[];
  devices: (EstateDisplay | EstateExhibit | EstatePlayer)[];
};

/** What runs as an estate file would list it. `running` is in the order of `museum`. */
export function estateOf(
  museum: readonly MuseumDisplay[],
  running: readonly SimulatedDisplay[],
  others: readonly (EstateExhibit | EstatePlayer)[],
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
