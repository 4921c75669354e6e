import type { Look, Player, PlayerState } from '../rules.ts';

/** A player that is well, with what matters to a test in place of what does not. */
export const aPlayer = (overrides: Partial<Player> = {}): Player => ({
  id: 'p1',
  name: 'Foyer player',
  state: 'ONLINE',
  unknownStatus: null,
  deviceType: 'BrightSign',
  locationName: 'foyer',
  channelId: 'ch-1',
  channelName: 'Welcome',
  playerVersion: '2.71.3',
  lastContactAt: new Date('2026-11-25T08:00:00Z'),
  ...overrides,
});

/** A look at it. */
export const aLook = (overrides: Partial<Player & { state: PlayerState }> = {}): Look => ({
  kind: 'told',
  player: { ...aPlayer(), state: 'ONLINE', ...overrides },
});

export const NOT_LOOKED: Look = { kind: 'couldNotLook', problem: 'no way' };
