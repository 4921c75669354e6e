import { date, dateTime, json } from '@wheelhouse/kit/scalars.ts';
import { settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Resolvers } from './generated/types.ts';
import { profiles } from './profiles/registry.ts';
import { settableOf } from './profiles/settable.ts';
import { hoursFields } from './resolvers/hours.ts';
import { settingsMutations, settingsTypes } from './resolvers/settings.ts';
import { profileOf } from './settings-checks.ts';

export const resolvers: Resolvers = {
  Date: date,
  DateTime: dateTime,
  JSON: json,
  UserError: { __resolveType: () => 'DisplaySettingsError' },
  FidaDisplay: {
    __resolveReference: async ({ id }, { displayById }) => ({ deviceId: id, ...(await displayById.load(id)) }),
    id: ({ deviceId }) => deviceId,
    settingsVersion: ({ deviceId }, _args, { settingsVersionOf }) => settingsVersionOf.load(deviceId),
    settable: async ({ deviceId, profile }, _args, { targetById }) => {
      const target = await targetById.load(deviceId);
      const known = profiles.get((target && profileOf(target, profile)) ?? '');
      return known ? settableOf(known) : null;
    },
    ...hoursFields,
  },
  SettingsChange: {
    __resolveReference: async ({ id }, { settingsChangeById }) => {
      const change = await settingsChangeById.load(id);
      return change && settingsChangeShape(change);
    },
  },
  ...settingsTypes,
  Mutation: settingsMutations,
};
