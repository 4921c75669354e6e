import { dateTime } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Light: {
    __resolveReference: async ({ id }, { lightById }) => (await lightById.load(id)) ?? { deviceId: id },
    id: ({ deviceId }) => deviceId,
  },
};
