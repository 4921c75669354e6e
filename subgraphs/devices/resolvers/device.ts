import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { isInArea } from '@wheelhouse/kit/identity.ts';
import type { Context } from '../context.ts';
import { checkFilter } from '../filter.ts';
import type { DeviceConnectionResolvers, DeviceRights, QueryResolvers, Resolver } from '../generated/types.ts';
import { isStale, type Status } from '../rules.ts';
import { countByStatus, countDevices, type DeviceRow, listDevices, type StatusCount } from '../store/devices.ts';
import { systemOf, systems } from '../system.ts';

type DeviceFields = {
  parents: Resolver<DeviceRow[], DeviceRow, Context>;
  stale: Resolver<boolean, DeviceRow, Context>;
  viewerCan: Resolver<DeviceRights, DeviceRow, Context>;
  __resolveReference: (
    reference: { id: string },
    context: Context,
  ) => Promise<(DeviceRow & { __typename: string }) | null>;
};

/** What is not a plain column of the row; every system's type has the same. */
const deviceFields: DeviceFields = {
  parents: (device, _args, { parentsOf }) => parentsOf.load(device.id),
  stale: (device, _args, { thresholds, now }) => isStale(device.observedAt, now(), thresholds),
  viewerCan: ({ site, removedAt }, _args, { may }) => ({
    edit: removedAt === null && isInArea(may.edit, site),
    set: removedAt === null && isInArea(may.set, site),
    readHistory: isInArea(may.readHistory, site),
  }),
  __resolveReference: async ({ id }, { deviceById }) => {
    const row = await deviceById.load(id);
    // The interface's reference is answered with the concrete type, so that a router can go on from it.
    return row && { ...row, __typename: systemOf(row.system).typeName };
  },
};

/** The interface and every system's type: codegen knows the types by name, the folder systems/ adds to them. */
export const deviceTypes = {
  Device: { __resolveType: ({ system }: DeviceRow) => systemOf(system).typeName, ...deviceFields },
  ...Object.fromEntries(systems.map(({ typeName }) => [typeName, deviceFields])),
};

export const deviceConnection: DeviceConnectionResolvers = {
  totalCount: ({ filter }, _args, { db, sees }) => countDevices(db, filter, sees),
};

const FIELD_OF = {
  ONLINE: 'online',
  DEGRADED: 'degraded',
  OFFLINE: 'offline',
  UNKNOWN: 'unknown',
} as const satisfies Record<Status, string>;

function summarise(counts: readonly StatusCount[]) {
  const summary = { total: 0, online: 0, degraded: 0, offline: 0, unknown: 0, stale: 0 };
  for (const { status, total, stale } of counts) {
    summary.total += total;
    summary.stale += stale;
    summary[FIELD_OF[status]] += total;
  }
  return summary;
}

export const deviceQueries: Pick<QueryResolvers, 'device' | 'devices' | 'estateSummary'> = {
  device: (_parent, { id }, { deviceById }) => deviceById.load(id),
  devices: async (_parent, { filter, first, after }, { db, sees }) => {
    checkFilter(filter);
    const size = pageSize(first);
    const rows = await listDevices(db, { filter, area: sees, after: decodeKey(after, 3), limit: size + 1 });
    return { ...pageOf(rows, size, (row) => encodeKey([row.site, row.name, row.id])), filter };
  },
  estateSummary: async (_parent, _args, { db, sees, thresholds, now }) => {
    const counts = await countByStatus(db, new Date(now().getTime() - thresholds.staleAfterMs), sees);
    const bySystem = [...Map.groupBy(counts, ({ system }) => system)].map(([system, list]) => ({
      system,
      ...summarise(list),
    }));
    return { ...summarise(counts), bySystem };
  },
};
