import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { GraphQLResolverMap } from '@wheelhouse/kit/subgraph-server.ts';
import type { Context } from './context.ts';
import type { Resolvers } from './generated/types.ts';
import { deviceConnection, deviceQueries, deviceTypes } from './resolvers/device.ts';
import { estateImportPlan, estateMutations, estateQueries } from './resolvers/estate.ts';
import { registryMutations } from './resolvers/registry.ts';
import { statusQueries, statusSubscriptions, statusTypes } from './resolvers/status.ts';
import { listSites } from './store/sites.ts';

const typed: Resolvers = {
  DateTime: dateTime,
  JSON: json,
  EstateImportPlan: estateImportPlan,
  DeviceConnection: deviceConnection,
  ...statusTypes,
  UserError: { __resolveType: (error) => ('line' in error ? 'EstateImportError' : 'RegistryError') },
  Site: {
    timeZone: ({ path }, _args, { timeZoneOf }) => timeZoneOf.load(path),
    hasOwnTimeZone: ({ timeZone }) => timeZone !== null,
  },
  Query: {
    ...deviceQueries,
    ...statusQueries,
    ...estateQueries,
    sites: async (_parent, { under, first, after }, { db, sees }) => {
      const size = pageSize(first);
      const rows = await listSites(db, {
        under: under ?? null,
        area: sees,
        after: decodeKey(after, 1)?.[0] ?? null,
        limit: size + 1,
      });
      return pageOf(rows, size, ({ path }) => encodeKey([path]));
    },
  },
  Mutation: { ...registryMutations, ...estateMutations },
  Subscription: statusSubscriptions,
};

export const resolvers: GraphQLResolverMap<Context> = { ...typed, ...deviceTypes };
