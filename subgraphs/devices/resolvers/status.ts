import { pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { decodeCursor, encodeCursor, type LogHead } from '@wheelhouse/kit/cursor-log.ts';
import { isInArea } from '@wheelhouse/kit/identity.ts';
import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import { LogStream } from '@wheelhouse/kit/resumable.ts';
import type { Context } from '../context.ts';
import { checkFilter, matchesFilter } from '../filter.ts';
import type {
  QueryResolvers,
  Resolvers,
  SubscriptionDeviceStatusChangedArgs,
  SubscriptionResolvers,
} from '../generated/types.ts';
import type { StatusChangeShape } from '../shapes.ts';
import { readStatusChanges, type StatusChangeRow } from '../store/statuses.ts';
import { statusChanges } from '../tables.ts';

const asShape = (row: StatusChangeRow, head: LogHead): StatusChangeShape => ({
  ...row,
  cursor: encodeCursor(head.epoch, row.position),
});

/** Null where no cursor was given; empty text is no cursor, and would skip what its sender has not seen. */
const decodeAfter = (after: string | null | undefined, head: LogHead): number | null =>
  after === null || after === undefined ? null : decodeCursor(after, head);

export const statusTypes: Pick<Resolvers, 'StatusChange'> = {
  StatusChange: { device: ({ deviceId }, _args, { deviceById }) => deviceById.load(deviceId) },
};

export const statusQueries: Pick<QueryResolvers, 'statusCursor' | 'statusChanges'> = {
  statusCursor: async (_parent, _args, { db }) => {
    const { epoch, position } = await readLogHead(db, statusChanges);
    return encodeCursor(epoch, position);
  },
  statusChanges: async (_parent, { filter, since, newestFirst, first, after }, { db, sees }) => {
    checkFilter(filter);
    const size = pageSize(first);
    const head = await readLogHead(db, statusChanges);
    const isNewestFirst = newestFirst ?? false;
    const position = decodeAfter(after, head) ?? (isNewestFirst ? Number.MAX_SAFE_INTEGER : head.floor);
    const rows = await readStatusChanges(db, {
      ...{ filter, area: sees, since: since ?? null, position, isNewestFirst },
      limit: size + 1,
    });
    // Once more, since rows behind the cursor may have been pruned before they could be read.
    if (typeof after === 'string') decodeAfter(after, await readLogHead(db, statusChanges));
    return pageOf(
      rows.map((row) => asShape(row, head)),
      size,
      ({ cursor }) => cursor,
    );
  },
};

export const statusSubscriptions: SubscriptionResolvers = {
  deviceStatusChanged: {
    subscribe: async (
      _parent: unknown,
      { filter, after }: Partial<SubscriptionDeviceStatusChangedArgs>,
      { db, statusLog, sees }: Context,
    ) => {
      checkFilter(filter);
      const head = await readLogHead(db, statusChanges);
      const position = decodeAfter(after, head) ?? head.position;
      return new LogStream({
        batches: statusLog.follow(position),
        cursorOf: (reached) => encodeCursor(head.epoch, reached),
        matches: (row) => isInArea(sees, row.device.site) && matchesFilter(filter, row.device),
        eventOf: (row, cursor) => ({ deviceStatusChanged: { ...row, cursor } }),
      });
    },
  },
};
