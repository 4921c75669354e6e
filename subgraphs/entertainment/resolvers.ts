import { dateTime } from '@wheelhouse/kit/scalars.ts';
import type { Resolvers } from './generated/types.ts';
import { readableTarget } from './rules.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  EntertainmentDevice: {
    __resolveReference: ({ id }, { deviceById }) => deviceById.load(id),
    id: ({ deviceId }) => deviceId,
    host: ({ connection }) => readableTarget(connection)?.host,
    method: ({ connection }) => readableTarget(connection)?.method,
    port: ({ connection }) => readableTarget(connection)?.port,
  },
};
