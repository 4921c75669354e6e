import { FAR, NEAR, type System } from './estate.ts';
import type { House } from './house.ts';

/** What stands and happened at a site, and who belongs there. */
export type Place = {
  site: string;
  ids: Readonly<Record<System, string>>;
  /** Changes of settings of its display and its Core, and plans of further ones. */
  change: string;
  audioChange: string;
  plan: string;
  audioPlan: string;
  /** A user with a grant there alone, and their API key. */
  user: string;
  key: string;
  /** An invitation to there, which nobody has used. */
  invitation: string;
};

/** Years of the present, as `history` takes them. */
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString();
const time = () => ({ from: day(-2), to: day(1) });
const controls = [{ component: 'Gain', name: 'gain', value: -3 }];

/** What is asked of a place, and what somebody who is admin of another place is to be told: nothing, or the code of a refusal with its argument. */
export type Question = {
  given: (place: Place) => Record<string, unknown>;
  selection?: string;
  /** At most this, of a thing elsewhere: `nothing` is null, or an empty list. */
  elsewhere: string;
};
const ERRORS = 'userErrors { field code message }';
const asks = (given: Question['given'], elsewhere: string, selection?: string): Question => ({
  given,
  elsewhere,
  ...(selection !== undefined && { selection }),
});
const changes = (given: Question['given'], elsewhere: string): Question => asks(given, elsewhere, ERRORS);

/**
 * For each field that an admin of one site may ask for, a question of a place. What is left out is in the two lists below, or needs its
 * scope everywhere (`everywhere` in the table of rules).
 */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  'Query.device': asks(({ ids }) => ({ id: ids.FIDA }), 'nothing', 'id name site'),
  'Query.devices': asks(({ ids }) => ({ filter: { ids: Object.values(ids) } }), 'nothing', 'totalCount nodes { id }'),
  'Query.sites': asks(({ site }) => ({ under: site }), 'nothing', 'nodes { path }'),
  'Query.statusChanges': asks(({ site }) => ({ filter: { sites: [site] } }), 'nothing', 'nodes { device { id } }'),
  'Query.settingsChange': asks(({ change }) => ({ id: change }), 'nothing', 'id wanted'),
  'Query.availability': asks(
    ({ site }) => ({ ...time(), groupBy: 'SITE', filter: { sites: [site] } }),
    'nothing',
    'group devices',
  ),
  'Query.apiKeys': asks(({ user }) => ({ userId: user }), 'NOT_FOUND', 'nodes { id }'),
  'Query.auditLog': asks(({ site }) => ({ filter: { site } }), 'nothing', 'nodes { action }'),
  'Device.asOf': asks(() => ({ at: new Date().toISOString() }), 'nothing', 'name site'),
  'Device.changes': asks(time, 'nothing', 'nodes { what }'),
  'Device.history': asks(() => ({ ...time(), step: 'DAY' }), 'nothing', 'onlineRatio'),
  'Device.settingsChanges': asks(() => ({}), 'nothing', 'nodes { id }'),
  'Subscription.deviceSettingsChanged': asks(({ ids }) => ({ id: ids.FIDA }), 'NOT_FOUND', 'complete'),
  'Subscription.settingsChangeUpdated': asks(({ change }) => ({ id: change }), 'NOT_FOUND', 'id'),
  'Subscription.audioControlsChanged': asks(({ ids }) => ({ id: ids.QSYS, components: ['Gain'] }), 'NOT_FOUND', 'live'),
  'Mutation.addDevice': changes(
    ({ site }) => ({
      input: { name: 'new', system: 'ENTERTAINMENT', site, ping: { host: '127.0.0.1', method: 'ICMP' } },
    }),
    'input.site FORBIDDEN',
  ),
  'Mutation.updateDevice': changes(({ ids }) => ({ input: { id: ids.FIDA, name: 'mine' } }), 'input.id NOT_FOUND'),
  'Mutation.removeDevice': changes(({ ids }) => ({ id: ids.APPSPACE }), 'id NOT_FOUND'),
  'Mutation.setSiteSettings': changes(
    ({ site }) => ({ input: { path: site, timeZone: 'Asia/Tokyo' } }),
    'input.path FORBIDDEN',
  ),
  'Mutation.setDisplaySettings': changes(
    ({ ids }) => ({ input: { id: ids.FIDA, brightnessPercent: 40, waitMs: 0 } }),
    'input.id NOT_FOUND',
  ),
  'Mutation.setManyDisplaySettings': asks(
    ({ ids }) => ({ input: { ids: [ids.FIDA], brightnessPercent: 50, waitMs: 0 } }),
    'input.ids.0 NOT_FOUND',
    `results { ${ERRORS} } ${ERRORS}`,
  ),
  'Mutation.applyPlannedSettings': changes(({ plan }) => ({ input: { plan, waitMs: 0 } }), 'input.plan NOT_FOUND'),
  'Mutation.undoDisplaySettings': changes(({ change }) => ({ input: { id: change, waitMs: 0 } }), 'input.id NOT_FOUND'),
  'Mutation.setAudioControls': changes(
    ({ ids }) => ({ input: { id: ids.QSYS, controls, waitMs: 0 } }),
    'input.id NOT_FOUND',
  ),
  'Mutation.applyPlannedAudioControls': changes(
    ({ audioPlan }) => ({ input: { plan: audioPlan, waitMs: 0 } }),
    'input.plan NOT_FOUND',
  ),
  'Mutation.undoAudioControls': changes(
    ({ audioChange }) => ({ input: { id: audioChange, waitMs: 0 } }),
    'input.id NOT_FOUND',
  ),
  'Mutation.createApiKey': changes(
    ({ site }) => ({ input: { name: 'a key', scopes: ['estate:read'], sites: [site] } }),
    'input.sites FORBIDDEN',
  ),
  'Mutation.revokeApiKey': changes(({ key }) => ({ id: key }), 'id NOT_FOUND'),
  'Mutation.inviteUser': changes(
    ({ site }) => ({ input: { email: 'new@example.org', grants: [{ role: 'VIEWER', site }] } }),
    'input.grants FORBIDDEN',
  ),
  'Mutation.revokeInvitation': changes(({ invitation }) => ({ id: invitation }), 'id NOT_FOUND'),
  'Mutation.updateUser': changes(({ user }) => ({ input: { id: user, name: 'other' } }), 'input.id NOT_FOUND'),
  'Mutation.endSessions': changes(({ user }) => ({ userId: user }), 'userId NOT_FOUND'),
};

/** Fields that can't be asked of a place, or tell all that there is if they are not: each tells of the caller's own alone. */
export const UNASKED: readonly string[] = [
  ...['Query.estateSummary', 'Query.users', 'Query.invitations', 'Subscription.deviceStatusChanged'],
];

/** Fields that have to do with no site: whoever comes is asked who they are, or told of themselves; names of metrics, and how far the log is. */
export const OF_NO_SITE: readonly string[] = [
  ...['Mutation.login', 'Mutation.refreshSession', 'Mutation.register', 'Mutation.logout', 'Mutation.changePassword'],
  ...['Query.me', 'Query.metrics', 'Query.statusCursor'],
];

const SET = 'mutation ($input: SetDisplaySettingsInput!) { field: setDisplaySettings(input: $input)';
const INVITE = `mutation ($input: InviteUserInput!) { inviteUser(input: $input) { pending { id } ${ERRORS} } }`;
const SET_AUDIO = 'mutation ($input: SetAudioControlsInput!) { field: setAudioControls(input: $input)';

/** Has things happen at both halls, by somebody who may. @param token of an admin of everywhere */
export async function furnish(
  house: House,
  token: string,
  { near, far }: Record<'near' | 'far', Record<System, string>>,
): Promise<{ near: Place; far: Place }> {
  const placeAt = async (site: string, ids: Record<System, string>): Promise<Place> => {
    const email = `${site.replaceAll('/', '-')}@example.org`;
    const user = await house.invite(email, 'VIEWER', site);
    const key = await house.makeKey(await house.enter(email), ['estate:read']);
    const hoursOfOperation = [{ weekday: 'MONDAY', on: '09:00', off: '18:00' }];
    const told = async (mutation: string, what: string, input: Record<string, unknown>): Promise<string> =>
      (await house.told(token, `${mutation} { ${what} { id } ${ERRORS} } }`, { input }))[what].id;
    return {
      ...{ site, ids, user, key: key.id },
      invitation: (
        await house.told(token, INVITE, { input: { email: `later-${email}`, grants: [{ role: 'VIEWER', site }] } })
      ).pending.id,
      change: await told(SET, 'settingsChange', { id: ids.FIDA, hoursOfOperation }),
      plan: await told(SET, 'plan', { id: ids.FIDA, brightnessPercent: 30, dryRun: true }),
      audioChange: await told(SET_AUDIO, 'settingsChange', { id: ids.QSYS, controls, waitMs: 0 }),
      audioPlan: await told(SET_AUDIO, 'plan', { id: ids.QSYS, controls, dryRun: true }),
    };
  };
  return { near: await placeAt(NEAR, near), far: await placeAt(FAR, far) };
}
