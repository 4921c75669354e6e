import { date, dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';
import { settingsDevice, settingsQueries, settingsSubscriptions, settingsTypes } from './resolvers/settings.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Date: date,
  JSON: json,
  UserError: { __resolveType: () => 'ArchiveError' },
  Device: {
    __resolveReference: ({ id }) => ({ id }),
    ...settingsDevice,
  },
  ...settingsTypes,
  Query: settingsQueries,
  Subscription: settingsSubscriptions,
};
