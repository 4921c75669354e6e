import type { Place } from './places.ts';

/** What there is, by its id. */
export type World = {
  display: string;
  core: string;
  player: string;
  pinged: string;
  device: string;
  user: string;
  plan: string;
};

let made = 0;
const anEmail = (): string => {
  made += 1;
  return `new-${made}@example.org`;
};

const TIMES = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' };
const snmp = { host: '192.0.2.1', version: 'V2C', community: 'public' };
const authenticated = { host: '192.0.2.1', version: 'V3', user: 'u', authProtocol: 'SHA', authKey: 'long enough' };
const GRANTS = [{ role: 'VIEWER', site: 'museum' }];
/** Nobody works in this test: an answer that waits for an outcome would come late, and say the same. */
const waitMs = 0;

/** What a field is asked with besides the place that is tried, so that nothing else of it is refused. */
const OF_FIELDS: Readonly<Record<string, (world: World) => Record<string, unknown>>> = {
  'Query.availability': () => ({ ...TIMES, groupBy: 'DEVICE' }),
  'Device.history': () => ({ ...TIMES, step: 'HOUR' }),
  'Device.changes': () => TIMES,
  'Mutation.register': () => ({ input: { email: anEmail(), password: 'correct horse battery' } }),
  'Mutation.login': () => ({ email: 'nobody@example.org', password: 'correct horse battery' }),
  'Mutation.changePassword': () => ({
    input: { currentPassword: 'none of mine', newPassword: 'correct horse battery' },
  }),
  'Mutation.createApiKey': () => ({ input: { name: 'a key', scopes: ['estate:read'] } }),
  'Mutation.updateUser': ({ user }) => ({ input: { id: user } }),
  'Mutation.inviteUser': () => ({ input: { email: 'invited@example.org', grants: GRANTS } }),
  'Mutation.revokeInvitation': () => ({ id: 'x' }),
  'Mutation.endSessions': ({ user }) => ({ userId: user }),
  'Mutation.addDevice': () => ({ input: { name: 'a device', system: 'FIDA', site: 'museum', snmp } }),
  'Mutation.updateDevice': ({ device }) => ({ input: { id: device } }),
  'Mutation.importEstate': () => ({ input: { content: 'sites: []', idempotencyKey: 'a key' } }),
  'Mutation.setSiteSettings': () => ({ input: { path: 'museum' } }),
  'Mutation.setDisplaySettings': ({ display }) => ({ input: { id: display, power: 'ON', waitMs } }),
  'Mutation.setManyDisplaySettings': ({ display }) => ({ input: { ids: [display], power: 'ON', waitMs } }),
  'Mutation.applyPlannedSettings': () => ({ input: { plan: 'x', waitMs } }),
  'Mutation.undoDisplaySettings': () => ({ input: { id: 'x', waitMs } }),
  'Mutation.sealArchivedDay': () => ({ input: { day: '2026-11-01', reason: 'it was quiet' } }),
  'Mutation.setAudioControls': ({ core }) => ({
    input: { id: core, controls: [{ component: 'Gain', name: 'gain', value: -3 }], waitMs },
  }),
  'Mutation.applyPlannedAudioControls': () => ({ input: { plan: 'x', waitMs } }),
  'Mutation.undoAudioControls': () => ({ input: { id: 'x', waitMs } }),
  'Subscription.audioControlsChanged': ({ core }) => ({ id: core, controls: [{ component: 'Gain', name: 'gain' }] }),
};

const hours = [{ weekday: 'MONDAY', on: '09:00', off: '17:00' }];
const exception = { date: '2026-12-25', windows: [{ on: '10:00', off: '12:00' }] };

/** The same for some places of it, by how their names begin; what stands further down wins. */
const OF_PLACES: readonly [begins: string, input: (world: World) => Record<string, unknown>][] = [
  ['Mutation.addDevice(input.snmp.user', () => ({ snmp: authenticated })],
  ['Mutation.addDevice(input.snmp.authKey', () => ({ snmp: authenticated })],
  [
    'Mutation.addDevice(input.snmp.privKey',
    () => ({ snmp: { ...authenticated, privProtocol: 'AES', privKey: 'long enough' } }),
  ],
  ['Mutation.addDevice(input.ping', () => ({ system: 'ENTERTAINMENT', snmp: null, ping: { method: 'ICMP' } })],
  ['Mutation.addDevice(input.qrc', () => ({ system: 'QSYS', snmp: null, qrc: { host: '192.0.2.2' } })],
  ['Mutation.addDevice(input.appspace', () => ({ system: 'APPSPACE', snmp: null })],
  ['Mutation.addDevice(input.qrc.user', () => ({ qrc: { host: '192.0.2.2', password: '1234' } })],
  ['Mutation.addDevice(input.qrc.password', () => ({ qrc: { host: '192.0.2.2', user: 'u' } })],
  ['Mutation.updateDevice(input.snmp', () => ({ snmp })],
  ['Mutation.updateDevice(input.ping', ({ pinged }) => ({ id: pinged })],
  ['Mutation.updateDevice(input.appspace', ({ player }) => ({ id: player })],
  ['Mutation.updateDevice(input.qrc', ({ core }) => ({ id: core })],
  ['Mutation.updateDevice(input.qrc.user', () => ({ qrc: { password: '1234' } })],
  ['Mutation.updateDevice(input.qrc.password', () => ({ qrc: { user: 'u' } })],
  ['Mutation.updateUser(input.grants', () => ({ grants: GRANTS })],
  ['Mutation.setDisplaySettings(input.hoursOfOperation', () => ({ hoursOfOperation: hours })],
  ['Mutation.setDisplaySettings(input.hoursExceptions', () => ({ hoursExceptions: [exception] })],
  ['Mutation.setManyDisplaySettings(input.hoursOfOperation', () => ({ hoursOfOperation: hours })],
  ['Mutation.setManyDisplaySettings(input.hoursExceptions', () => ({ hoursExceptions: [exception] })],
  [
    'Mutation.setAudioControls(input.crossPoints',
    () => ({ controls: null, crossPoints: [{ mixer: 'Mixer', inputs: '1', outputs: '1', gainDb: -3 }] }),
  ],
];

/** All arguments of a place's field but that text. */
export function othersFor({ name, type, field }: Place, world: World): Record<string, unknown> {
  const args = OF_FIELDS[`${type}.${field.name}`]?.(world) ?? {};
  const more = OF_PLACES.filter(([begins]) => name.startsWith(begins)).map(([, input]) => input(world));
  if (more.length > 0) return { ...args, input: Object.assign({}, args.input, ...more) };
  // A stream tells of nothing that there is not: besides the text, one that is there.
  if (name === 'Subscription.deviceStatusChanged(filter.ids)') return { filter: { ids: ['', world.device] } };
  if (name === 'Subscription.deviceStatusChanged(filter.sites)') return { filter: { sites: ['', 'museum'] } };
  if (name === 'Subscription.deviceStatusChanged(filter.tags)') return { filter: { tags: ['', 'kept'] } };
  return args;
}
