import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { dateTime, json } from '@wheelhouse/kit/scalars.ts';
import { settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Resolvers } from './generated/types.ts';
import { liveSubscriptions } from './resolvers/live.ts';
import { settingsMutations, settingsTypes } from './resolvers/settings.ts';

export const resolvers: Resolvers = {
  DateTime: dateTime,
  JSON: json,
  UserError: { __resolveType: () => 'AudioControlsError' },
  AudioCore: {
    __resolveReference: async ({ id }, { coreById }) => ({ deviceId: id, ...(await coreById.load(id)) }),
    id: ({ deviceId }) => deviceId,
    settingsVersion: ({ deviceId }, _args, { settingsVersionOf }) => settingsVersionOf.load(deviceId),
    components: async ({ deviceId }, { first, after }, { designOf, componentPages }) => {
      const size = pageSize(first);
      const [name = null] = decodeKey(after, 1) ?? [];
      if ((await designOf.load(deviceId)) === null) return null;
      const rows = await componentPages.load({ deviceId, after: name, limit: size + 1 });
      return pageOf(rows, size, (row) => encodeKey([row.name]));
    },
    component: ({ deviceId }, { name }, { component }) => component.load({ deviceId, component: name }),
    componentsReadAt: async ({ deviceId }, _args, { designOf }) => (await designOf.load(deviceId))?.readAt,
  },
  AudioComponent: {
    controls: ({ deviceId, name }, { first, after }, { controlPages }) =>
      controlPages.load({ deviceId, component: name, after: after ?? null, limit: pageSize(first) }),
    control: ({ deviceId, name: component }, { name }, { control }) => control.load({ deviceId, component, name }),
  },
  SettingsChange: {
    __resolveReference: async ({ id }, { settingsChangeById }) => {
      const change = await settingsChangeById.load(id);
      return change && settingsChangeShape(change);
    },
  },
  ...settingsTypes,
  Mutation: settingsMutations,
  Subscription: liveSubscriptions,
};
