import { requireEverywhere } from '@wheelhouse/kit/area.ts';
import type { QueryResolvers, ServiceProcessResolvers, ServiceQueueResolvers } from '../generated/types.ts';
import { readServices } from '../services.ts';

export const serviceProcessType: ServiceProcessResolvers = { lastSeenAt: ({ seenAt }) => seenAt };
export const serviceQueueType: ServiceQueueResolvers = { at: ({ atMs }) => new Date(atMs) };

export const serviceQueries: QueryResolvers = {
  services: (_parent, _args, { identity, db, logger }) => {
    requireEverywhere(identity, 'services:read', 'How services are');
    return readServices(db, logger);
  },
};
