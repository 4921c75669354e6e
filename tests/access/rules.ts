import type { Scope } from '@wheelhouse/contracts/access.ts';

/**
 * Who may ask for what: for each field of a root type, and each other one with a rule, the scopes one of which is needed. It is written
 * down here besides the schema, so that nobody opens a door without saying so twice. `signedIn`: nothing but that. `everywhere`: what it tells belongs to no site, so
 * the scope must hold everywhere.
 */
export const RULES: Readonly<Record<string, { anyOf: readonly Scope[] | 'signedIn'; everywhere?: true }>> = {
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
  'Query.estateImportPlan': { anyOf: ['estate:write'], everywhere: true },
  'Mutation.planEstateImport': { anyOf: ['estate:write'], everywhere: true },
  'Mutation.applyEstateImport': { anyOf: ['estate:write'], everywhere: true },
  'Mutation.importEstate': { anyOf: ['estate:write'], everywhere: true },
  'Query.services': { anyOf: ['services:read'], everywhere: true },
  'Query.signagePlayersToAdd': { anyOf: ['estate:write'], everywhere: true },
  'Mutation.applyPlannedSettings': { anyOf: ['settings:write'] },
  'Mutation.applyPlannedAudioControls': { anyOf: ['settings:write'] },
  'Mutation.undoAudioControls': { anyOf: ['settings:write'] },
  'Mutation.setAudioControls': { anyOf: ['settings:write'] },
  'Mutation.setDisplaySettings': { anyOf: ['settings:write'] },
  'Mutation.setManyDisplaySettings': { anyOf: ['settings:write'] },
  'Mutation.undoDisplaySettings': { anyOf: ['settings:write'] },
  'Query.settingsChange': { anyOf: ['history:read', 'settings:write'] },
  'Subscription.deviceSettingsChanged': { anyOf: ['history:read'] },
  'Subscription.settingsChangeUpdated': { anyOf: ['history:read', 'settings:write'] },
  'Device.asOf': { anyOf: ['history:read'] },
  'Device.changes': { anyOf: ['history:read'] },
  'Device.history': { anyOf: ['history:read'] },
  'Device.settingsChanges': { anyOf: ['history:read'] },
  'Query.archivedDays': { anyOf: ['history:read'], everywhere: true },
  'Query.availability': { anyOf: ['history:read'] },
  'Query.metrics': { anyOf: ['history:read'] },
  'Query.auditLog': { anyOf: ['audit:read'] },
  'Query.users': { anyOf: ['accounts:write'] },
  'Query.invitations': { anyOf: ['accounts:write'] },
  'Mutation.inviteUser': { anyOf: ['accounts:write'] },
  'Mutation.revokeInvitation': { anyOf: ['accounts:write'] },
  'Mutation.updateUser': { anyOf: ['accounts:write'] },
  'Query.apiKeys': { anyOf: 'signedIn' },
  'Mutation.changePassword': { anyOf: 'signedIn' },
  'Mutation.createApiKey': { anyOf: 'signedIn' },
  'Mutation.endSessions': { anyOf: 'signedIn' },
  'Mutation.logout': { anyOf: 'signedIn' },
  'Mutation.revokeApiKey': { anyOf: 'signedIn' },
  'Mutation.sealArchivedDay': { anyOf: ['estate:write'], everywhere: true },
};

/** Fields that anybody may ask for: how somebody signs in, and who they are. */
export const OPEN: readonly string[] = ['Mutation.login', 'Mutation.refreshSession', 'Mutation.register', 'Query.me'];
/**
 * Fields that are besides for somebody whose session lives, as the accounts service has it, whatever a router says: not for those whom this
 * test makes up.
 */
export const OF_MEMBERS: readonly string[] = [
  'Mutation.changePassword',
  'Mutation.createApiKey',
  'Mutation.endSessions',
  'Mutation.inviteUser',
  'Mutation.logout',
  'Mutation.revokeApiKey',
  'Mutation.revokeInvitation',
  'Mutation.updateUser',
  'Query.me',
];
/** What an API key has not, whatever its scopes: for this somebody has to have signed in with a password. */
export const NOT_FOR_KEYS: readonly string[] = OF_MEMBERS.filter((coordinate) => coordinate !== 'Query.me');
/** What takes nothing but to have signed in for what is one's own, and a scope for what is somebody else's. Of a key's own there is nothing. */
export const OF_OTHERS: Readonly<Record<string, Scope>> = {
  'Mutation.endSessions': 'accounts:write',
  'Query.apiKeys': 'accounts:write',
};
/** The one service that may have such fields. */
export const OPEN_IN = 'accounts';
