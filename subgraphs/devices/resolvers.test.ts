import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { identityHeaders } from '@wheelhouse/kit/testing/identity.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { admin } from '../../tests/identities.ts';
import { service } from './main.ts';
import { aDevice, COMMUNITY } from './testing/registry.ts';

type Answer = {
  // The shape of an answer is what a test is about to check.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  data?: any;
  errors?: { message: string; extensions?: Record<string, unknown> }[];
};

const ADD =
  'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } userErrors { field code message } } }';

const SERVICE_TOKEN = 'a-service-token-for-tests';

describe('the graph of devices', () => {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'trace',
    destination: { write: (line: string) => void lines.push(line) },
  });
  const stops = new StopList(logger);
  let database: TestDatabase;
  let url: string;

  beforeAll(async () => {
    database = await createMigratedDatabase();
    const env = {
      DATABASE_URL: database.url,
      WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN,
      WHEELHOUSE_SECRET_KEY: '5a'.repeat(32),
      WHEELHOUSE_TIME_ZONE: 'Europe/Oslo',
      PORT: '0',
    };
    url = (await service.startServer({ logger, stops, env, metrics: new Registry() })).url;
  });
  afterAll(async () => {
    await stops.stop();
    await database.drop();
  });

  async function query(text: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    const asked = await identityHeaders({ serviceToken: SERVICE_TOKEN, service: 'devices' }, admin);
    const headers = { 'content-type': 'application/json', ...asked };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) });
    return (await response.json()) as Answer;
  }
  const add = async (overrides: Record<string, unknown> = {}) =>
    (await query(ADD, { input: aDevice(overrides) })).data.addDevice;

  it('tells a mistake in dots, as a user error, and nothing is added', async () => {
    expect(await add({ snmp: { host: 'h', version: 'V2C', community: 'c', port: 0 } })).toEqual({
      device: null,
      userErrors: [{ field: 'input.snmp.port', code: 'INVALID', message: 'port must be 1 to 65535' }],
    });
    expect((await query('{ devices { totalCount } }')).data.devices.totalCount).toBe(0);
  });

  it('shows a secret in no answer and no log line', async () => {
    const { device } = await add();
    const everything = await query(
      '{ devices { nodes { id externalId name site address tags status statusReason parents { id } } } __schema { types { name fields { name } } } }',
    );
    expect(everything.data.devices.nodes).toHaveLength(1);
    await query('mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { userErrors { message } } }', {
      input: { id: device.id, snmp: { authKey: COMMUNITY } },
    });
    expect(JSON.stringify([everything, lines])).not.toContain(COMMUNITY);
  });

  it('pages through devices by site and name', async () => {
    for (const name of ['b', 'a', 'c']) await add({ name, site: 'depot' });
    const PAGE = `query ($after: String) {
      devices(filter: { sites: ["depot"] }, first: 2, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } }
    }`;
    const first = (await query(PAGE)).data.devices;
    expect(first).toMatchObject({
      totalCount: 3,
      nodes: [{ name: 'a' }, { name: 'b' }],
      pageInfo: { hasNextPage: true },
    });
    const second = (await query(PAGE, { after: first.pageInfo.endCursor })).data.devices;
    expect(second).toMatchObject({ totalCount: 3, nodes: [{ name: 'c' }], pageInfo: { hasNextPage: false } });
  });

  it.each([
    ['devices', '{ devices(after: "") { totalCount } }'],
    ['devices', '{ devices(after: "hello") { totalCount } }'],
    ['sites', '{ sites(after: "") { nodes { path } } }'],
    ['statusChanges', '{ statusChanges(after: "") { nodes { cursor } } }'],
    ['statusChanges', '{ statusChanges(after: "hello") { nodes { cursor } } }'],
  ])('refuses of %s a cursor that is none: %s', async (_field, text) => {
    expect((await query(text)).errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID', field: 'after' } }]);
  });

  it.each([
    ['first: 0', 'first must be 1 to 1000, and is 0'],
    ['first: 1001', 'first must be 1 to 1000, and is 1001'],
    [`filter: { search: "${'x'.repeat(101)}" }`, 'filter.search may have at most 100 characters, and has 101'],
  ])('refuses devices(%s) and statusChanges, naming field and limit', async (args, message) => {
    for (const field of ['devices', 'statusChanges'])
      expect((await query(`{ ${field}(${args}) { pageInfo { endCursor } } }`)).errors).toMatchObject([
        { message, extensions: { code: 'BAD_USER_INPUT' } },
      ]);
  });

  it.each(['none', '', 'a\0b', '\ud800', 'x'.repeat(100_000)])('knows no device of the %#th odd id', async (id) => {
    const { data, errors } = await query(
      'query ($id: ID!, $references: [_Any!]!) { device(id: $id) { id } _entities(representations: $references) { __typename } }',
      {
        id,
        references: [
          { __typename: 'Device', id },
          { __typename: 'FidaDisplay', id },
        ],
      },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ device: null, _entities: [null, null] });
  });

  it('takes a search for what no text can hold for a mistake', async () => {
    const { errors } = await query('query ($filter: DeviceFilter) { devices(filter: $filter) { totalCount } }', {
      filter: { search: '\0' },
    });
    expect(errors).toMatchObject([
      { message: expect.stringContaining('U+0000'), extensions: { code: 'BAD_USER_INPUT', field: 'filter.search' } },
    ]);
  });

  it('resolves the interface to the concrete type', async () => {
    const { device } = await add();
    const references = [{ __typename: 'Device', id: device.id }];
    const text =
      'query ($references: [_Any!]!) { _entities(representations: $references) { __typename ... on Device { name stale } } }';
    expect((await query(text, { references })).data._entities).toEqual([
      { __typename: 'FidaDisplay', name: 'left of the door', stale: false },
    ]);
  });

  it('finds the time zone of a site at the nearest one above that has its own', async () => {
    await add({ site: 'plant/hall-1/line-2' });
    const SET =
      'mutation ($input: SetSiteSettingsInput!) { setSiteSettings(input: $input) { site { path timeZone hasOwnTimeZone } userErrors { field message } } }';
    const zones = async () =>
      (await query('{ sites(under: "plant") { nodes { path timeZone hasOwnTimeZone } } }')).data.sites.nodes.map(
        (site: { path: string; timeZone: string; hasOwnTimeZone: boolean }) => [
          site.path,
          site.timeZone,
          site.hasOwnTimeZone,
        ],
      );
    expect(await zones()).toEqual(
      ['plant', 'plant/hall-1', 'plant/hall-1/line-2'].map((path) => [path, 'Europe/Oslo', false]),
    );
    await query(SET, { input: { path: 'plant', timeZone: 'Asia/Kolkata' } });
    await query(SET, { input: { path: 'plant/hall-1/line-2', timeZone: 'Africa/Cairo' } });
    expect(await zones()).toEqual([
      ['plant', 'Asia/Kolkata', true],
      ['plant/hall-1', 'Asia/Kolkata', false],
      ['plant/hall-1/line-2', 'Africa/Cairo', true],
    ]);
    expect((await query(SET, { input: { path: 'plant', timeZone: null } })).data.setSiteSettings.site).toEqual({
      path: 'plant',
      timeZone: 'Europe/Oslo',
      hasOwnTimeZone: false,
    });
    expect((await query(SET, { input: { path: 'plant', timeZone: 'Mars' } })).data.setSiteSettings).toEqual({
      site: null,
      userErrors: [{ field: 'input.timeZone', message: 'timeZone must be an IANA time zone such as Africa/Cairo' }],
    });
  });
});
