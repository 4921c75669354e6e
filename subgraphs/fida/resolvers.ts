import { dateTime } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  FidaDisplay: {
    __resolveReference: async ({ id }, { displayById }) => ({ deviceId: id, ...(await displayById.load(id)) }),
    id: ({ deviceId }) => deviceId,
  },
};
