import type { SimulatedDisplay } from '../displays/start-displays.ts';
import { type MuseumDisplay, SITES, TIME_ZONE } from './museum.ts';

/** One device as an estate file has it. */
export type EstateDevice = {
  externalId: string;
  name: string;
  system: 'FIDA';
  site: string;
  tags: string[];
  parents: string[];
  snmp: SimulatedDisplay['snmp'] & { profile?: string };
};

export type Estate = { sites: { path: string; timeZone: string }[]; devices: EstateDevice[] };

/** The running displays as an estate file would list them. `running` is in the order of `museum`. */
export function estateOf(museum: readonly MuseumDisplay[], running: readonly SimulatedDisplay[]): Estate {
  const devices = running.flatMap((display, i): EstateDevice[] => {
    const definition = museum[i];
    if (definition === undefined) return [];
    const { externalId, name, site, tags, parents, isProfileGiven, profile } = definition;
    const snmp = isProfileGiven ? { ...display.snmp, profile } : display.snmp;
    return [{ externalId, name, system: 'FIDA', site, tags, parents, snmp }];
  });
  return { sites: SITES.map((path) => ({ path, timeZone: TIME_ZONE })), devices };
}
