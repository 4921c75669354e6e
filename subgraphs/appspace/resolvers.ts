import { requireEverywhere } from '@wheelhouse/kit/area.ts';
import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';
import { appspaceIdOf } from './rules.ts';
import { countOffers, listOffers } from './store.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  JSON: json,
  SignagePlayer: {
    __resolveReference: ({ id }, { playerById }) => playerById.load(id),
    id: ({ deviceId }) => deviceId,
    appspaceId: ({ connection }) => appspaceIdOf(connection),
    appspaceName: ({ name }) => name,
    playerState: ({ state }) => state,
  },
  Query: {
    signagePlayersToAdd: async (_parent, { first, after }, { db, identity }) => {
      // They are the account's, and stand nowhere yet.
      requireEverywhere(identity, 'estate:write', 'signagePlayersToAdd');
      const size = pageSize(first);
      const [name, appspaceId] = decodeKey(after, 2) ?? [];
      const key = name === undefined || appspaceId === undefined ? null : { name, appspaceId };
      const rows = await listOffers(db, { after: key, limit: size });
      return pageOf(rows, size, (row) => encodeKey([row.name ?? '', row.appspaceId]));
    },
  },
  SignagePlayerOfferConnection: { totalCount: (_page, _args, { db }) => countOffers(db) },
  SignagePlayerOffer: {
    playerState: ({ state }) => state,
    addDeviceInput: ({ name, appspaceId }) => ({
      name: name ?? appspaceId,
      system: 'APPSPACE',
      appspace: { deviceId: appspaceId },
    }),
  },
};
