import type { PlayerDefinition } from '../appspace/players.ts';

/** A simulated player with its place in the registry of devices. */
export type MuseumPlayer = PlayerDefinition & { externalId: string; site: string; tags: string[]; parents: string[] };

export const CHANNELS: ReadonlyMap<string, string> = new Map([
  ['ch-welcome', 'Welcome'],
  ['ch-today', 'Today in the museum'],
  ['ch-tickets', 'Tickets and prices'],
  ['ch-children', 'Children play'],
  ['ch-cafe', 'Menu of the café'],
]);

type Row = readonly [name: string, site: string, channelId: string, parents?: readonly string[]];

/** Those that show their channel on a display of the museum hang on it: with a dark display nobody sees them. */
const ROWS: readonly Row[] = [
  ['Foyer player', 'museum/foyer', 'ch-welcome', ['foyer-welcome']],
  ['Tickets player', 'museum/foyer', 'ch-tickets', ['foyer-tickets-1']],
  ['Hall 1 player', 'museum/hall-1', 'ch-today'],
  ['Hall 2 player', 'museum/hall-2', 'ch-today'],
  ['Children player', 'museum/children', 'ch-children', ['children-stories']],
];

const externalIdOf = (name: string): string => name.toLowerCase().replaceAll(' ', '-');
const appspaceIdOf = (index: number): string => `5f0c3a9e-0000-4000-8000-${String(index + 1).padStart(12, '0')}`;

/** The players of the museum that the registry has. */
export const museumPlayers = (): MuseumPlayer[] =>
  ROWS.map(([name, site, channelId, parents = []], index) => ({
    ...{ externalId: externalIdOf(name), name, site, tags: ['signage'], parents: [...parents] },
    ...{ id: appspaceIdOf(index), locationName: site.split('/')[1] ?? site, channelId },
  }));

/** One that is new in the account, and waits to be added to the registry. */
export const newPlayers = (): PlayerDefinition[] => [
  { id: appspaceIdOf(ROWS.length), name: 'Café player', locationName: 'cafe', channelId: 'ch-cafe' },
];

/** One player as an estate file has it. */
export type EstatePlayer = Pick<MuseumPlayer, 'externalId' | 'name' | 'site' | 'tags' | 'parents'> & {
  system: 'APPSPACE';
  appspace: { deviceId: string };
};

export const estatePlayers = (players: readonly MuseumPlayer[]): EstatePlayer[] =>
  players.map(({ id, externalId, name, site, tags, parents }) => ({
    ...{ externalId, name, system: 'APPSPACE', site, tags, parents, appspace: { deviceId: id } },
  }));
