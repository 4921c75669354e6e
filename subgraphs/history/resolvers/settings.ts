import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError, shown } from '@wheelhouse/kit/errors.ts';
import type { Context } from '../context.ts';
import type {
  DeviceResolvers,
  QueryResolvers,
  Resolvers,
  SubscriptionDeviceSettingsChangedArgs,
  SubscriptionResolvers,
  SubscriptionSettingsChangeUpdatedArgs,
} from '../generated/types.ts';
import { type DeviceSettingsEvent, LATEST_CHANGES, streamOfChange, streamOfSubject } from '../settings-stream.ts';
import type { SettingsChangeShape } from '../shapes.ts';
import {
  findPlacedChange,
  findPlacedChangesOf,
  type SettingsChangeRow,
  type SettingsPlace,
} from '../store/settings.ts';
import { isKnown } from '../store/standing.ts';

/** The change as the graph shows it. */
export const settingsChangeShape = (row: SettingsChangeRow): SettingsChangeShape => ({
  ...row,
  // Whether it was sent already is no business of who asks.
  state: row.state === 'SENDING' ? 'PENDING' : row.state,
  at: new Date(row.requestedAtMs),
  finishedAt: row.finishedAtMs === null ? null : new Date(row.finishedAtMs),
  requestedBy: row.actor,
});

const cursorOf = ({ settingsVersion, id }: SettingsChangeRow): string => encodeKey([`${settingsVersion}`, id]);

/** @throws CURSOR_INVALID */
function placeOf(after: string | null | undefined): SettingsPlace | null {
  const [version = '', id = ''] = decodeKey(after, 2) ?? [];
  if (after === null || after === undefined) return null;
  // PostgreSQL's integer.
  if (!/^\d{1,10}$/.test(version) || Number(version) > 2_147_483_647)
    throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
  return { settingsVersion: Number(version), id };
}

export const settingsDevice: Pick<DeviceResolvers, 'settingsChanges'> = {
  settingsChanges: async ({ id }, { first, after }, { settingsChangesOf }) => {
    const size = pageSize(first);
    const rows = await settingsChangesOf.load(id, { limit: size + 1, after: placeOf(after) });
    const { nodes, edges, pageInfo } = pageOf(rows, size, cursorOf);
    return {
      nodes: nodes.map(settingsChangeShape),
      edges: edges.map(({ cursor, node }) => ({ cursor, node: settingsChangeShape(node) })),
      pageInfo,
    };
  },
};

const findShape = async (id: string, { settingsChangeById }: Context): Promise<SettingsChangeShape | null> => {
  const row = await settingsChangeById.load(id);
  return row && settingsChangeShape(row);
};

export const settingsTypes: Pick<Resolvers, 'SettingsChange'> = {
  SettingsChange: {
    __resolveReference: ({ id }, context) => findShape(id, context),
    device: ({ subject }) => ({ id: subject }),
  },
};

export const settingsQueries: Pick<QueryResolvers, 'settingsChange'> = {
  settingsChange: (_parent, { id }, context) => findShape(id, context),
};

const noDevice = (id: string): Error => callerError('NOT_FOUND', `there is no device ${shown(id)}`, 'id');

export const settingsSubscriptions: SubscriptionResolvers = {
  settingsChangeUpdated: {
    subscribe: async (
      _parent: unknown,
      { id = '' }: Partial<SubscriptionSettingsChangeUpdatedArgs>,
      { db, settingsSources, settingsLogs, mayFollow }: Context,
    ) => {
      const found = await findPlacedChange(db, settingsSources, id);
      const log = found === null ? undefined : settingsLogs.get(found.source);
      if (found === null || log === undefined || !(await mayFollow.has(found.change.subject)))
        throw callerError('NOT_FOUND', `there is no change of settings ${shown(id)}`, 'id');
      return streamOfChange(found.change, () => log.follow(found.position));
    },
    resolve: (row: SettingsChangeRow) => settingsChangeShape(row),
  },
  deviceSettingsChanged: {
    subscribe: async (
      _parent: unknown,
      { id = '' }: Partial<SubscriptionDeviceSettingsChangedArgs>,
      { db, settingsSources, settingsLogs, maySeePast }: Context,
    ) => {
      const refusal = async (): Promise<Error | null> => ((await maySeePast.has(id)) ? null : noDevice(id));
      const refused = (await isKnown(db, id)) ? await refusal() : noDevice(id);
      if (refused !== null) throw refused;
      const { positions, changes } = await findPlacedChangesOf(db, settingsSources, {
        subject: id,
        limit: LATEST_CHANGES,
      });
      const logs = [...settingsLogs].map(([source, log]) => log.follow(positions.get(source) ?? 0));
      return streamOfSubject(id, { latest: changes, logs }, refusal);
    },
    resolve: ({ complete, changes }: DeviceSettingsEvent) => ({ complete, changes: changes.map(settingsChangeShape) }),
  },
};
