import { date, dateTime, json } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';
import { archiveMutations, archiveQueries, archiveTypes } from './resolvers/archive.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Date: date,
  JSON: json,
  UserError: { __resolveType: () => 'ArchiveError' },
  Device: {
    __resolveReference: ({ id }) => ({ id }),
  },
  ...archiveTypes,
  Query: archiveQueries,
  Mutation: archiveMutations,
};
