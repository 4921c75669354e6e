import { date, dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';
import { archiveMutations, archiveQueries, archiveTypes } from './resolvers/archive.ts';
import { asOfDevice } from './resolvers/as-of.ts';
import { availabilityQueries } from './resolvers/availability.ts';
import { historyDevice } from './resolvers/history.ts';
import { settingsDevice, settingsQueries, settingsSubscriptions, settingsTypes } from './resolvers/settings.ts';
import { timelineDevice } from './resolvers/timeline.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Date: date,
  JSON: json,
  UserError: { __resolveType: () => 'ArchiveError' },
  Device: {
    __resolveReference: ({ id }) => ({ id }),
    ...settingsDevice,
    ...historyDevice,
    ...asOfDevice,
    ...timelineDevice,
  },
  ...settingsTypes,
  Subscription: settingsSubscriptions,
  ...archiveTypes,
  Query: { ...settingsQueries, ...availabilityQueries, ...archiveQueries },
  Mutation: archiveMutations,
};
