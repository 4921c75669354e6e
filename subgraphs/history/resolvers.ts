import { date, dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';

import { archiveMutations, archiveQueries, archiveTypes } from './resolvers/archive.ts';

import { availabilityQueries } from './resolvers/availability.ts';
import { historyDevice } from './resolvers/history.ts';
import { settingsDevice, settingsQueries, settingsSubscriptions, settingsTypes } from './resolvers/settings.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Date: date,
  JSON: json,
  UserError: { __resolveType: () => 'ArchiveError' },
  Device: {
    __resolveReference: ({ id }) => ({ id }),
    ...settingsDevice,
    ...historyDevice,
  },
  ...archiveTypes,
  ...settingsTypes,
  Query: { ...archiveQueries, ...settingsQueries, ...availabilityQueries },
  Mutation: archiveMutations,
  Subscription: settingsSubscriptions,
};
