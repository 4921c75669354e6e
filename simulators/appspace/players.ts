import { z } from 'zod';

export const PLAYER_STATES = ['ONLINE', 'OFFLINE', 'COMMUNICATION_LOST', 'FAILED'] as const;
export type PlayerState = (typeof PLAYER_STATES)[number];

/** How the legacy API's documentation spells them (v1 DeviceService); that of v3 spells none but the first two. */
const SPELT: Readonly<Record<PlayerState, string>> = {
  ONLINE: 'Online',
  OFFLINE: 'Offline',
  COMMUNICATION_LOST: 'Communication_Lost',
  FAILED: 'Failed',
};

export type PlayerDefinition = {
  /** Appspace's own id. */
  id: string;
  name: string;
  locationName: string;
  channelId: string;
};

/** What can be changed of a player. */
export const playerChangeSchema = z.strictObject({
  state: z.enum(PLAYER_STATES).optional(),
  channelId: z.string().min(1).max(100).optional(),
  /** Fields of the API's item as they are to be sent, whatever their kind: null and wrong kinds too. */
  fields: z.record(z.string(), z.unknown()).optional(),
  /** Fields of the API's item that are left out. */
  without: z.array(z.string()).optional(),
});
export type PlayerChange = z.infer<typeof playerChangeSchema>;

export type SimulatedPlayer = PlayerDefinition & {
  readonly state: PlayerState;
  change: (change: PlayerChange) => void;
  /** The player as the API's list has it. */
  toItem: (channelNames: ReadonlyMap<string, string>) => Record<string, unknown>;
};

/** A player that is well until it is told otherwise; while it is in contact, that is now. */
export function createPlayer(definition: PlayerDefinition, now: () => Date = () => new Date()): SimulatedPlayer {
  let state: PlayerState = 'ONLINE';
  let { channelId } = definition;
  let lastOnlineAt = now();
  let given: Record<string, unknown> = {};
  let without: readonly string[] = [];
  return {
    ...definition,
    get state() {
      return state;
    },
    change(change) {
      if (state === 'ONLINE' && change.state !== undefined && change.state !== 'ONLINE') lastOnlineAt = now();
      state = change.state ?? state;
      channelId = change.channelId ?? channelId;
      given = change.fields ?? given;
      without = change.without ?? without;
    },
    toItem(channelNames) {
      const item: Record<string, unknown> = {
        ...{ id: definition.id, name: definition.name, deviceType: 'BrightSign', status: SPELT[state] },
        ...{ locationId: `loc-${definition.locationName}`, locationName: definition.locationName },
        ...{ groupId: null, groupName: null, channelId, channelName: channelNames.get(channelId) ?? null },
        ...{
          appVersion: '2.71.3',
          appUpdateStatus: 'UpToDate',
          ipAddress: '10.20.0.7',
          macAddress: '90:AC:3F:00:00:07',
        },
        lastOnlineAt: (state === 'ONLINE' ? now() : lastOnlineAt).toISOString(),
        ...given,
      };
      for (const field of without) delete item[field];
      return item;
    },
  };
}
