import type { Scope } from '@wheelhouse/contracts/access.ts';

/**
 * Who may ask for what: for each field of a root type, and each other one with a rule, the scopes one of which is needed. It is written
 * down here besides the schema, so that nobody opens a door without saying so twice. `everywhere`: what it tells belongs to no site, so
 * the scope must hold everywhere.
 */
export const RULES: Readonly<Record<string, { anyOf: readonly Scope[]; everywhere?: true }>> = {
  'Query.device': { anyOf: ['estate:read'] },
  'Query.devices': { anyOf: ['estate:read'] },
  'Query.estateSummary': { anyOf: ['estate:read'] },
  'Query.sites': { anyOf: ['estate:read'] },
  'Query.statusChanges': { anyOf: ['estate:read'] },
  'Query.statusCursor': { anyOf: ['estate:read'] },
  'Subscription.deviceStatusChanged': { anyOf: ['estate:read'] },
  'Subscription.audioControlsChanged': { anyOf: ['estate:read'] },
  'Mutation.addDevice': { anyOf: ['estate:write'] },
  'Mutation.removeDevice': { anyOf: ['estate:write'] },
  'Mutation.setSiteSettings': { anyOf: ['estate:write'] },
  'Mutation.updateDevice': { anyOf: ['estate:write'] },
  'Query.signagePlayersToAdd': { anyOf: ['estate:write'], everywhere: true },
  'Mutation.applyPlannedSettings': { anyOf: ['settings:write'] },
  'Mutation.applyPlannedAudioControls': { anyOf: ['settings:write'] },
  'Mutation.undoAudioControls': { anyOf: ['settings:write'] },
  'Mutation.setAudioControls': { anyOf: ['settings:write'] },
  'Mutation.setDisplaySettings': { anyOf: ['settings:write'] },
  'Mutation.setManyDisplaySettings': { anyOf: ['settings:write'] },
  'Mutation.undoDisplaySettings': { anyOf: ['settings:write'] },
  'Query.settingsChange': { anyOf: ['history:read', 'settings:write'] },
  'Subscription.settingsChangeUpdated': { anyOf: ['history:read', 'settings:write'] },
  'Device.asOf': { anyOf: ['history:read'] },
  'Device.changes': { anyOf: ['history:read'] },
  'Device.history': { anyOf: ['history:read'] },
  'Device.settingsChanges': { anyOf: ['history:read'] },
  'Query.archivedDays': { anyOf: ['history:read'], everywhere: true },
  'Query.availability': { anyOf: ['history:read'] },
  'Query.metrics': { anyOf: ['history:read'] },
  'Mutation.sealArchivedDay': { anyOf: ['estate:write'], everywhere: true },
};

/** Fields that anybody may ask for: how somebody signs in. */
export const OPEN: readonly string[] = [];
/** The one service that may have such fields. */
export const OPEN_IN = 'accounts';
