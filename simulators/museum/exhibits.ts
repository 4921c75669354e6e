import type { ExhibitDefinition, SimulatedExhibit } from '../exhibits/start-exhibits.ts';

type InRegistry = { externalId: string; site: string; tags: string[]; parents: string[] };

/** A simulated exhibit with its place in the registry of devices. */
export type MuseumExhibit = ExhibitDefinition & InRegistry;

/** What is pinged by ICMP: all of 127.0.0.0/8 answers, so nothing needs to be simulated, and nothing can go wrong with it. */
export type PingedAddress = InRegistry & { name: string; ping: { host: string; method: 'ICMP' } };

const SITE = 'museum/children';
const SWITCH = 'children-switch';

const ROWS: readonly (readonly [name: string, tags: string[]])[] = [
  ['Children water table', ['exhibit']],
  ['Children marble run', ['exhibit']],
  ['Children magnet wall', ['exhibit', 'touch']],
  ['Children shadow stage', ['exhibit']],
  ['Children sound bench', ['exhibit', 'touch']],
  ['Children light floor', ['exhibit', 'touch']],
];

const externalIdOf = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

/** The children's museum: six exhibits that hang on one switch. */
export const museumExhibits = (): MuseumExhibit[] =>
  ROWS.map(([name, tags]) => ({ externalId: externalIdOf(name), name, site: SITE, tags, parents: [SWITCH] }));

export const pingedAddresses = (): PingedAddress[] => [
  {
    ...{ externalId: SWITCH, name: 'Children switch', site: SITE, tags: ['network'], parents: [] },
    ping: { host: '127.0.5.1', method: 'ICMP' },
  },
];

/** One pinged device as an estate file has it. */
export type EstateExhibit = InRegistry & {
  name: string;
  system: 'ENTERTAINMENT';
  ping: SimulatedExhibit['ping'] | PingedAddress['ping'];
};

/** All that is pinged as an estate file would list it. `running` is in the order of `exhibits`. */
export function estateExhibits(
  exhibits: readonly MuseumExhibit[],
  running: readonly SimulatedExhibit[],
  addresses: readonly PingedAddress[],
): EstateExhibit[] {
  const simulated = running.flatMap(({ name, ping }, i): EstateExhibit[] => {
    const definition = exhibits[i];
    if (definition === undefined) return [];
    const { externalId, site, tags, parents } = definition;
    return [{ externalId, name, system: 'ENTERTAINMENT', site, tags, parents, ping }];
  });
  return [...addresses.map((address): EstateExhibit => ({ ...address, system: 'ENTERTAINMENT' })), ...simulated];
}
