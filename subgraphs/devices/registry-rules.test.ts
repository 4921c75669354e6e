import { describe, expect, it } from 'vitest';
import { checkEntry, type Fault, findCycle, siteShape } from './registry-rules.ts';
import { systems } from './system.ts';
import { aDevice } from './testing/registry.ts';

const faultsOf = (input: unknown): Fault[] => {
  const checked = checkEntry(input, ['input']);
  return 'faults' in checked ? checked.faults : [];
};
const said = (input: unknown): [string, string][] =>
  faultsOf(input).map(({ path, message }) => [path.join('.'), message]);
const snmp = (fields: Record<string, unknown>) =>
  aDevice({ snmp: { host: 'h', version: 'V2C', community: 'public', ...fields } });
const v3 = (fields: Record<string, unknown>) => aDevice({ snmp: { host: 'h', version: 'V3', user: 'u', ...fields } });
const AUTH = { authProtocol: 'SHA', authKey: 'x'.repeat(8) };
const PRIV = { privProtocol: 'AES', privKey: 'y'.repeat(8) };

describe('an entry', () => {
  it.each([
    ['the least that is needed', aDevice()],
    ['a name of 120 characters', aDevice({ name: 'x'.repeat(120) })],
    ['a site of eight parts', aDevice({ site: 'a/b/c/d/e/f/g/h' })],
    ['a site of 200 characters', aDevice({ site: 'x'.repeat(200) })],
    ['50 tags of 60 characters', aDevice({ tags: Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(60, 'x')) })],
    ['20 parents', aDevice({ parentIds: Array.from({ length: 20 }, String) })],
    ['nulls where something may be left out', aDevice({ tags: null, parentIds: null })],
    ['port 1', snmp({ port: 1 })],
    ['port 65535', snmp({ port: 65_535 })],
    ['an IPv4 address', snmp({ host: '10.1.2.3' })],
    ['an IPv6 address', snmp({ host: '2001:db8::' })],
    ['the IPv6 loopback', snmp({ host: '::1' })],
    ['a link-local address with its zone', snmp({ host: 'fe80::1%eth0' })],
    ['a host name of 253 characters', snmp({ host: 'x'.repeat(253) })],
    ['a profile', snmp({ profile: 'lg-commercial' })],
    ['a road sign over V1', snmp({ version: 'V1', profile: 'ntcip-1203' })],
    ['nulls in the connection', snmp({ user: null, authKey: null, profile: null })],
    ['V3 noAuthNoPriv', v3({})],
    ['V3 authNoPriv', v3(AUTH)],
    ['V3 authPriv', v3({ ...AUTH, ...PRIV })],
  ])('is taken with %s', (_name, input) => {
    expect(said(input)).toEqual([]);
  });

  it.each<[string, unknown, [string, string][]]>([
    ['no name', aDevice({ name: undefined }), [['input.name', 'name is needed']]],
    ['an empty name', aDevice({ name: ' \t ' }), [['input.name', 'name must not be empty']]],
    ['an overlong name', aDevice({ name: 'x'.repeat(121) }), [['input.name', 'name must have at most 120 characters']]],
    [
      'a NUL in its name',
      aDevice({ name: 'a\0b' }),
      [['input.name', 'name must be well-formed text without control characters']],
    ],
    [
      'half a character in its name',
      aDevice({ name: 'a\ud800' }),
      [['input.name', 'name must be well-formed text without control characters']],
    ],
    ['a name that is a number', aDevice({ name: 7 }), [['input.name', 'name must be of type string']]],
    [
      'a site of nine parts',
      aDevice({ site: 'a/b/c/d/e/f/g/h/i' }),
      [['input.site', 'site must have at most 8 parts']],
    ],
    ['an overlong site', aDevice({ site: 'x'.repeat(201) }), [['input.site', 'site must have at most 200 characters']]],
    [
      'an overlong tag',
      aDevice({ tags: ['ok', 'x'.repeat(61)] }),
      [['input.tags.1', 'tags must have at most 60 characters']],
    ],
    [
      '51 tags, whatever they are',
      aDevice({ tags: Array.from({ length: 51 }, () => '') }),
      [['input.tags', 'tags must have at most 50 items']],
    ],
    [
      '21 parents, whatever they are',
      aDevice({ parentIds: Array.from({ length: 21 }, () => 7) }),
      [['input.parentIds', 'parentIds must have at most 20 items']],
    ],
    [
      'an unknown system',
      aDevice({ system: 'TELEX' }),
      [['input.system', `system must be one of ${systems.map(({ system }) => system).join(', ')}`]],
    ],
    [
      'no connection',
      aDevice({ snmp: undefined }),
      [['input.snmp', 'snmp is needed: it says how the device is reached']],
    ],
    [
      'a connection that is text',
      aDevice({ snmp: 'public@10.0.0.1' }),
      [['input.snmp', 'snmp must be of type object']],
    ],
    ['a field that is not known', aDevice({ colour: 'red' }), [['input.colour', 'colour is not known here']]],
    [
      'a connection field that is not known',
      snmp({ comunity: 'x' }),
      [['input.snmp.comunity', 'comunity is not known here']],
    ],
    ['port 0', snmp({ port: 0 }), [['input.snmp.port', 'port must be 1 to 65535']]],
    ['port 65536', snmp({ port: 65_536 }), [['input.snmp.port', 'port must be 1 to 65535']]],
    ['half a port', snmp({ port: 1.5 }), [['input.snmp.port', 'port must be of type int']]],
    ['a host with a blank', snmp({ host: 'a b' }), [['input.snmp.host', 'host must be a host name or an IP address']]],
    ['an empty host', snmp({ host: '' }), [['input.snmp.host', 'host must be a host name or an IP address']]],
    [
      'an overlong host',
      snmp({ host: 'x'.repeat(254) }),
      [['input.snmp.host', 'host must have at most 253 characters']],
    ],
    ['another version', snmp({ version: 'V4' }), [['input.snmp.version', 'version must be one of V1, V2C, V3']]],
    [
      'another profile',
      snmp({ profile: 'sony' }),
      [['input.snmp.profile', 'profile must be wheelhouse-fida, lg-commercial or ntcip-1203']],
    ],
    [
      'V2C without a community',
      snmp({ community: null }),
      [['input.snmp.community', 'community is needed for version V2C']],
    ],
    [
      'V1 without a community',
      snmp({ version: 'V1', community: null }),
      [['input.snmp.community', 'community is needed for version V1']],
    ],
    ['V1 with a user', snmp({ version: 'V1', user: 'u' }), [['input.snmp.user', 'user is not used by version V1']]],
    ['V2C with a user', snmp({ user: 'u' }), [['input.snmp.user', 'user is not used by version V2C']]],
    ['V3 without a user', v3({ user: null }), [['input.snmp.user', 'user is needed for version V3']]],
    ['V3 with a community', v3({ community: 'c' }), [['input.snmp.community', 'community is not used by version V3']]],
    ['an overlong user', v3({ user: 'x'.repeat(33) }), [['input.snmp.user', 'user must have at most 32 characters']]],
    [
      'a short authentication password',
      v3({ ...AUTH, authKey: 'x'.repeat(7) }),
      [['input.snmp.authKey', 'authKey must have at least 8 characters']],
    ],
    [
      'an overlong privacy password',
      v3({ ...AUTH, ...PRIV, privKey: 'x'.repeat(201) }),
      [['input.snmp.privKey', 'privKey must have at most 200 characters']],
    ],
    [
      'an authentication password without a protocol',
      v3({ authKey: AUTH.authKey }),
      [['input.snmp.authKey', 'authKey and authProtocol go together']],
    ],
    [
      'a protocol without its password',
      v3({ authProtocol: 'SHA' }),
      [['input.snmp.authKey', 'authKey and authProtocol go together']],
    ],
    [
      'privacy without authentication',
      v3(PRIV),
      [['input.snmp.authKey', expect.stringContaining('authKey is needed where privKey is given')]],
    ],
    ['nothing at all', null, [['input', 'input must be of type object']]],
    ['a list', [], [['input', 'input must be of type object']]],
  ])('is refused with %s, naming field and limit', (_name, input, faults) => {
    expect(said(input)).toEqual(faults);
  });

  it.each(['', '/', 'a/', '/a', 'a//b', 'a b', '../a', '.a', 'hall-ü', 'a\\b', '%'])(
    'is refused at the site %j',
    (site) => {
      expect(said(aDevice({ site }))).toEqual([
        ['input.site', expect.stringContaining('site must be a path such as museum/hall-2')],
      ]);
    },
  );

  it('is refused with all its faults at once, and no secret in any text', () => {
    const input = aDevice({
      name: '',
      site: '//',
      tags: ['', 'ok'],
      snmp: { host: '', port: 0, version: 'V3', community: 'hush-hush', authKey: 'hush' },
    });
    const faults = said(input);
    expect([...new Set(faults.map(([path]) => path))].sort()).toEqual([
      'input.name',
      'input.site',
      'input.snmp.authKey',
      'input.snmp.community',
      'input.snmp.host',
      'input.snmp.port',
      'input.snmp.user',
      'input.tags.0',
    ]);
    expect(JSON.stringify(faults)).not.toContain('hush');
  });

  it('is refused with 50 faults at most', () => {
    const tags = Array.from({ length: 50 }, () => '\0'.repeat(61));
    expect(faultsOf(aDevice({ tags }))).toHaveLength(50);
  });

  it('gets its name and tags trimmed, its tags in order and once', () => {
    const checked = checkEntry(aDevice({ name: '  clock ', tags: ['b', ' a ', 'b'], parentIds: ['p', 'p'] }), []);
    expect(checked).toMatchObject({
      entry: { name: 'clock', tags: ['a', 'b'], parentIds: ['p'], connection: { port: 161 } },
    });
  });
});

describe('a site', () => {
  it.each(['Africa/Cairo', 'UTC', 'Asia/Kolkata', 'US/Pacific', 'Etc/UTC'])('takes the time zone %s', (timeZone) => {
    expect(siteShape.parse({ path: 'museum', timeZone })).toEqual({ path: 'museum', timeZone });
  });

  it.each(['+02:00', 'Mars/Olympus', '', 'Africa/Cairo '])('refuses the time zone %j', (timeZone) => {
    expect(siteShape.safeParse({ path: 'museum', timeZone }).error?.issues).toMatchObject([
      { path: ['timeZone'], message: 'must be an IANA time zone such as Africa/Cairo' },
    ]);
  });

  it('has none of its own when none is given', () => {
    expect(siteShape.parse({ path: 'museum' })).toEqual({ path: 'museum', timeZone: null });
  });
});

describe('a circle of parents', () => {
  const cycleOf = (edges: Record<string, string[]>) => findCycle(new Map(Object.entries(edges)));

  it.each<[string, Record<string, string[]>]>([
    ['no edges', {}],
    ['a chain', { a: ['b'], b: ['c'] }],
    ['two ways to one parent', { a: ['b', 'c'], b: ['d'], c: ['d'] }],
    ['a parent named twice', { a: ['b', 'b'] }],
  ])('is not in %s', (_name, edges) => {
    expect(cycleOf(edges)).toBeNull();
  });

  it.each<[string, Record<string, string[]>, string[]]>([
    ['a device that is its own parent', { a: ['a'] }, ['a']],
    ['two devices', { a: ['b'], b: ['a'] }, ['a', 'b']],
    ['a circle behind a chain', { x: ['a'], a: ['b'], b: ['c'], c: ['a'] }, ['a', 'b', 'c']],
    ['one of several ways', { a: ['d', 'b'], b: ['c'], c: ['a'], d: [] }, ['a', 'b', 'c']],
  ])('is found in %s, with the devices on it', (_name, edges, circle) => {
    expect(cycleOf(edges)?.sort()).toEqual(circle);
  });

  it('is looked for in a chain of 100,000 without running out of stack', () => {
    const edges = new Map(Array.from({ length: 100_000 }, (_, n): [string, string[]] => [`${n}`, [`${n + 1}`]]));
    expect(findCycle(edges)).toBeNull();
    edges.set('100000', ['0']);
    expect(findCycle(edges)).toHaveLength(100_001);
  });
});
