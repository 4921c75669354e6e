import type { Finding } from '@wheelhouse/contracts/observations.ts';
import { z } from 'zod';

export const PLAYER_STATES = ['ONLINE', 'OFFLINE', 'COMMUNICATION_LOST', 'FAILED'] as const;
export type PlayerState = (typeof PLAYER_STATES)[number];

/** A player as a list of Appspace has it. Appspace documents no field as certain, so all but the id may be null. */
export type Player = {
  id: string;
  name: string | null;
  state: PlayerState | null;
  /** The status as Appspace spells it, where it is none of those that we know. */
  unknownStatus: string | null;
  deviceType: string | null;
  locationName: string | null;
  channelId: string | null;
  channelName: string | null;
  playerVersion: string | null;
  lastContactAt: Date | null;
};

/** All players of an account as they were listed. */
export type Listing = {
  /** When the list was asked for. */
  atMs: number;
  players: ReadonlyMap<string, Player>;
  /** Why players may be missing, for people; null when the list is whole. */
  problem: string | null;
};

/** What a listing says of one player. */
export type Look =
  | { kind: 'told'; player: Player & { state: PlayerState } }
  | { kind: 'couldNotLook'; problem: string };

/** The numbers of the legacy API's enum (v1 DeviceService). */
const BY_NUMBER: readonly PlayerState[] = ['ONLINE', 'OFFLINE', 'FAILED', 'COMMUNICATION_LOST'];

/**
 * The state that Appspace's text or number means, or null. How v3 spells them is documented nowhere, so case, blanks and underscores do
 * not count.
 */
export function stateOf(status: string): PlayerState | null {
  if (/^[0-3]$/.test(status)) return BY_NUMBER[Number(status)] ?? null;
  const letters = status.toUpperCase().replace(/[^A-Z]/g, '');
  return PLAYER_STATES.find((state) => state.replace('_', '') === letters) ?? null;
}

const targetShape = z.object({ deviceId: z.string() });

/** Appspace's id of the player that a registry item describes; null for an item that a newer registry wrote. */
export function appspaceIdOf(connection: Record<string, unknown> | undefined): string | null {
  const { success, data } = targetShape.safeParse(connection);
  return success ? data.deviceId : null;
}

export const NOT_CONFIGURED = 'Appspace is not configured';

/** What the listing says of the player. What was listed stands, also where the rest of the list is missing. */
export function lookOf({ players, problem }: Listing, appspaceId: string): Look {
  const player = players.get(appspaceId);
  if (player === undefined) return { kind: 'couldNotLook', problem: problem ?? 'Appspace has no player with this id' };
  const { state, unknownStatus } = player;
  if (state !== null) return { kind: 'told', player: { ...player, state } };
  if (unknownStatus !== null) {
    return {
      kind: 'couldNotLook',
      problem: `Appspace gives it the status "${unknownStatus}", which means nothing to us`,
    };
  }
  return { kind: 'couldNotLook', problem: problem ?? 'Appspace says nothing of its status' };
}

/**
 * What the status engine is told. Appspace keeps apart (Admin guide, "Device status"): a player that lost contact goes on playing what it has; one that
 * failed may show nothing. So the first is in trouble, and the second counts like one that does not answer.
 */
export function findingOf(look: Look): Finding {
  if (look.kind === 'couldNotLook') return { kind: 'COULD_NOT_LOOK', detail: look.problem };
  switch (look.player.state) {
    case 'ONLINE':
      return { kind: 'ANSWERED', problems: [] };
    case 'COMMUNICATION_LOST':
      return { kind: 'ANSWERED', problems: ['Appspace: lost contact, still playing'] };
    case 'FAILED':
      return { kind: 'SILENT', detail: 'Appspace: Failed, the screen may be dark' };
    case 'OFFLINE':
      return { kind: 'SILENT', detail: 'Appspace: Offline' };
    default:
      return look.player.state satisfies never;
  }
}

/** Whether the screen shows its channel; null where Appspace does not say. */
export function isOnAir({ state, channelName }: Pick<Player, 'state' | 'channelName'>): boolean | null {
  if (state === 'FAILED') return false;
  const plays = state === 'ONLINE' || state === 'COMMUNICATION_LOST';
  return plays && channelName !== null ? true : null;
}
