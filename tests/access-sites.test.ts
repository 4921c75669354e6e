import { SCOPES } from '@wheelhouse/contracts/access.ts';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import { somebody } from '@wheelhouse/kit/testing/identity.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Doors, startDoors } from './access/doors.ts';
import { type Estate, FAR, NEAR, openEstate, type System } from './access/estate.ts';
import { eventually } from './harness.ts';
import { admin, inRole } from './identities.ts';
import type { Stream } from './stream.ts';

/** May do everything in one hall, and nothing in the next. */
const local = inRole('ADMIN', NEAR);
/** Sees all, and may change only one hall. */
const keeper: Asserted = somebody('keeper', [
  { scopes: ['estate:read', 'history:read'], site: null },
  { scopes: [...SCOPES], site: NEAR },
]);
const UNKNOWN = 'no such id';

type Question = { about: string; of: System; service: string; query: string; variables?: (id: string) => unknown };

const entity = (type: string, selection: string) => ({
  query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { id ${selection} } } }`,
  variables: (id: string) => ({ of: [{ __typename: type, id }] }),
});
const RANGE = 'from: "2026-01-01T00:00:00Z", to: "2099-01-01T00:00:00Z"';
/** Years of the present, as `history` takes them. */
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString();
const input = (rest: Record<string, unknown>) => (id: string) => ({ input: { id, ...rest } });
const ERRORS = 'userErrors { field code message }';
const SET =
  'mutation ($input: SetDisplaySettingsInput!) { setDisplaySettings(input: $input) { settingsChange { wanted before } display { id power } plan { changes { setting before } effects }';
const SET_MANY = `mutation ($input: SetManyDisplaySettingsInput!) {
  setManyDisplaySettings(input: $input) { results { id settingsChange { wanted } display { id power } plan { effects } ${ERRORS} } ${ERRORS} } }`;
const UPDATE = `mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { device { id } ${ERRORS} } }`;
const CONTROLS = `mutation ($input: SetAudioControlsInput!) { setAudioControls(input: $input) { settingsChange { wanted before } core { id platform } ${ERRORS} } }`;

/** Each is asked about a device; the last ones change nothing, since another version is expected. */
const QUESTIONS: Question[] = [
  {
    about: 'a device',
    of: 'FIDA',
    service: 'devices',
    query: 'query ($id: ID!) { device(id: $id) { id name site status } }',
  },
  {
    about: 'a list by id',
    of: 'FIDA',
    service: 'devices',
    query: 'query ($id: ID!) { devices(filter: { ids: [$id] }) { totalCount nodes { id } pageInfo { endCursor } } }',
  },
  {
    about: 'a search',
    of: 'QSYS',
    service: 'devices',
    query: `query ($id: ID!) { devices(filter: { ids: [$id], includeRemoved: true, search: "of museum" }) { totalCount edges { cursor } } }`,
  },
  {
    about: 'the status log',
    of: 'FIDA',
    service: 'devices',
    query: 'query ($id: ID!) { statusChanges(filter: { ids: [$id] }) { nodes { to device { id } } } }',
  },
  { about: 'an entity', of: 'FIDA', service: 'devices', ...entity('Device', 'name version') },
  {
    about: 'a change of an entry',
    of: 'FIDA',
    service: 'devices',
    query: UPDATE,
    variables: input({ expectedVersion: 99, name: 'other' }),
  },
  {
    about: 'what SNMP said',
    of: 'FIDA',
    service: 'fida',
    ...entity(
      'FidaDisplay',
      'power measuredAt settingsVersion settable { name } hoursOfOperation { on } hoursExceptions { date } timeZone nextSwitching { power }',
    ),
  },
  {
    about: 'what pings said',
    of: 'ENTERTAINMENT',
    service: 'entertainment',
    ...entity('EntertainmentDevice', 'host method roundTripTimeMs measuredAt'),
  },
  {
    about: 'what a cloud said',
    of: 'APPSPACE',
    service: 'appspace',
    ...entity('SignagePlayer', 'appspaceId appspaceName measuredAt'),
  },
  {
    about: 'what a Core said',
    of: 'QSYS',
    service: 'qsys',
    ...entity(
      'AudioCore',
      'platform settingsVersion componentsReadAt components { nodes { name controls { name value } } } component(name: "Gain") { name control(name: "gain") { value } }',
    ),
  },
  {
    about: 'the past',
    of: 'FIDA',
    service: 'history',
    ...entity('Device', `history(from: "${day(-2)}", to: "${day(1)}", step: DAY) { onlineRatio metrics { last } }`),
  },
  {
    about: 'a moment of the past',
    of: 'FIDA',
    service: 'history',
    query:
      'query ($of: [_Any!]!, $at: DateTime!) { _entities(representations: $of) { ... on Device { id asOf(at: $at) { name site } } } }',
    variables: (id) => ({ of: [{ __typename: 'Device', id }], at: new Date().toISOString() }),
  },
  {
    about: 'what happened',
    of: 'FIDA',
    service: 'history',
    ...entity('Device', `changes(${RANGE}) { nodes { what actor } }`),
  },
  {
    about: 'changes of settings',
    of: 'FIDA',
    service: 'history',
    ...entity('Device', 'settingsChanges { nodes { wanted requestedBy } }'),
  },
  {
    about: 'availability',
    of: 'FIDA',
    service: 'history',
    query: `query ($id: ID!) { availability(from: "${day(-2)}", to: "${day(1)}", groupBy: SYSTEM, filter: { ids: [$id] }) { group devices } }`,
  },
  {
    about: 'a dry run',
    of: 'FIDA',
    service: 'fida',
    query: `${SET} ${ERRORS} } }`,
    variables: input({ brightnessPercent: 40, dryRun: true }),
  },
  {
    about: 'a setting',
    of: 'FIDA',
    service: 'fida',
    query: `${SET} ${ERRORS} } }`,
    variables: input({ power: 'OFF', waitMs: 0, expectedSettingsVersion: 99 }),
  },
  {
    about: 'a dry run of many',
    of: 'FIDA',
    service: 'fida',
    query: SET_MANY,
    variables: (id) => ({ input: { ids: [id], brightnessPercent: 40, dryRun: true } }),
  },
  {
    about: 'a dry run of a Core',
    of: 'QSYS',
    service: 'qsys',
    query: CONTROLS,
    variables: input({ controls: [{ component: 'Gain', name: 'gain', value: -3 }], dryRun: true }),
  },
  {
    about: 'a control of a Core',
    of: 'QSYS',
    service: 'qsys',
    query: CONTROLS,
    variables: input({
      controls: [{ component: 'Gain', name: 'gain', value: -3 }],
      waitMs: 0,
      expectedSettingsVersion: 99,
    }),
  },
];

describe('who may see and change one hall', () => {
  let doors: Doors;
  let estate: Estate;
  const streams: Stream[] = [];
  beforeAll(async () => {
    doors = await startDoors();
    estate = await openEstate(doors);
    for (const id of [estate.near.FIDA, estate.far.FIDA]) {
      const hoursOfOperation = [{ weekday: 'MONDAY', on: '09:00', off: '18:00' }];
      const { data } = await doors.ask('fida', admin, `${SET} ${ERRORS} } }`, input({ hoursOfOperation })(id));
      expect(data.setDisplaySettings.userErrors).toEqual([]);
    }
  });
  afterAll(async () => {
    await Promise.all(streams.map((stream) => stream.close()));
    await estate.close();
    await doors.close();
  });

  /** The answer to a question about a device, with its id left out. */
  const answerOf = async ({ service, query, variables = (id) => ({ id }) }: Question, caller: Asserted, id: string) =>
    JSON.parse(
      JSON.stringify(await doors.ask(service, caller, query, variables(id) as Record<string, unknown>)).replaceAll(
        id,
        'ID',
      ),
    );
  const open = (caller: Asserted, query: string, service: string, variables = {}): Stream => {
    const stream = doors.stream(service, caller, query, variables);
    streams.push(stream);
    return stream;
  };

  it.each(QUESTIONS.map((question) => [question.about, question] as const))(
    'is told of a device in another what they are told of one that does not exist: %s',
    async (_about, question) => {
      const unknown = await answerOf(question, local, UNKNOWN);
      expect(await answerOf(question, local, estate.far[question.of])).toEqual(unknown);
      // The question is one that has an answer.
      const own = await answerOf(question, local, estate.near[question.of]);
      expect(own).not.toEqual(unknown);
      expect(await answerOf(question, admin, estate.near[question.of])).toEqual(own);
      expect(await answerOf(question, admin, estate.far[question.of])).not.toEqual(unknown);
    },
  );

  it('counts and lists that hall alone', async () => {
    const query = `{ devices { totalCount nodes { site } } estateSummary { total unknown bySystem { system total } } sites { nodes { path } } statusChanges { nodes { device { site } } } }`;
    const { data } = await doors.ask('devices', local, query);
    const [four, one] = [
      [NEAR, NEAR, NEAR, NEAR],
      ['APPSPACE', 'ENTERTAINMENT', 'FIDA', 'QSYS'],
    ];
    expect(data.devices).toEqual({ totalCount: 4, nodes: four.map((site) => ({ site })) });
    expect(data.estateSummary).toMatchObject({
      total: 4,
      unknown: 4,
      bySystem: one.map((system) => ({ system, total: 1 })),
    });
    expect(data.sites.nodes).toEqual([{ path: NEAR }]);
    expect(data.statusChanges.nodes).toEqual(four.map((site) => ({ device: { site } })));
    const everything = (await doors.ask('devices', admin, query)).data;
    expect([everything.devices.totalCount, everything.estateSummary.total]).toEqual([8, 8]);
    expect(everything.sites.nodes).toEqual(['museum', NEAR, FAR].map((path) => ({ path })));
    const bySite = `{ availability(from: "${day(-1)}", to: "${day(1)}", groupBy: SITE) { group devices } }`;
    expect((await doors.ask('history', local, bySite)).data.availability).toEqual([{ group: NEAR, devices: 4 }]);
    expect((await doors.ask('history', admin, bySite)).data.availability).toHaveLength(2);
  });

  it('hears of that hall alone, from the log and as it happens', async () => {
    const query = 'subscription ($after: String) { deviceStatusChanged(after: $after) { device { id } } }';
    const idsOf = ({ payloads }: Stream): unknown[] =>
      payloads.flatMap(({ data }) => {
        const event = data?.deviceStatusChanged as { device: { id: string } } | undefined;
        return event ? [event.device.id] : [];
      });
    const [first] = (await doors.ask('devices', admin, '{ statusChanges(first: 1) { nodes { cursor } } }')).data
      .statusChanges.nodes;
    const [mine, all] = [local, admin].map((caller) => open(caller, query, 'devices', { after: first.cursor })) as [
      Stream,
      Stream,
    ];
    await eventually('the log is told', () => idsOf(all).length === 7 && idsOf(mine).length === 3);
    await estate.change([estate.far.QSYS, estate.near.QSYS]);
    await estate.change([estate.far.FIDA]);
    await estate.change([estate.near.FIDA]);
    await eventually('what happens is told', () => idsOf(all).length === 11 && idsOf(mine).length === 5);
    expect(idsOf(mine).slice(-2)).toEqual([estate.near.QSYS, estate.near.FIDA]);
    expect(Object.values(estate.far).filter((id) => idsOf(mine).includes(id))).toEqual([]);
  });

  const mutate = async (caller: Asserted, field: string, args: string, service = 'devices') =>
    (await doors.ask(service, caller, `mutation { ${field}(${args}) { ${ERRORS} } }`)).data[field].userErrors;

  it('adds, moves and removes nothing elsewhere', async () => {
    const added = (site: string) =>
      `input: { name: "new", system: ENTERTAINMENT, site: "${site}", ping: { host: "h", method: ICMP } }`;
    const forbidden = (field: string, site: string) => [
      {
        field,
        code: 'FORBIDDEN',
        message: `${field.split('.').at(-1)}: admin of ${NEAR} may not change anything at ${site}, but at ${NEAR}`,
      },
    ];
    for (const site of [FAR, 'museum', 'depot'])
      expect(await mutate(local, 'addDevice', added(site))).toEqual(forbidden('input.site', site));
    expect(await mutate(local, 'addDevice', added(`${NEAR}/corner`))).toEqual([]);
    expect(await mutate(local, 'updateDevice', `input: { id: "${estate.near.FIDA}", site: "${FAR}" }`)).toEqual(
      forbidden('input.site', FAR),
    );
    expect(await mutate(local, 'setSiteSettings', `input: { path: "museum", timeZone: "Asia/Tokyo" }`)).toEqual(
      forbidden('input.path', 'museum'),
    );
    expect(await mutate(local, 'setSiteSettings', `input: { path: "${NEAR}/corner", timeZone: "Asia/Tokyo" }`)).toEqual(
      [],
    );
    for (const id of [estate.far.FIDA, UNKNOWN])
      expect(await mutate(local, 'removeDevice', `id: "${id}"`)).toEqual([
        { field: 'id', code: 'NOT_FOUND', message: `there is no device ${id}` },
      ]);
    const { data } = await doors.ask('devices', admin, `{ device(id: "${estate.far.FIDA}") { version removedAt } }`);
    expect(data.device).toEqual({ version: 1, removedAt: null });
  });

  it('is told by name that what they see is not theirs to change', async () => {
    const what = { field: 'input.id', code: 'FORBIDDEN' };
    expect(await mutate(keeper, 'updateDevice', `input: { id: "${estate.far.FIDA}", name: "mine" }`)).toEqual([
      { ...what, message: `id: keeper may not change anything at ${FAR}, but at ${NEAR}` },
    ]);
    const set = `input: { id: "${estate.far.FIDA}", power: OFF, dryRun: true }`;
    expect(await mutate(keeper, 'setDisplaySettings', set, 'fida')).toEqual([
      { ...what, message: `keeper may see this display and not set it: settings:write holds at ${NEAR}` },
    ]);
    const many = (
      await doors.ask('fida', keeper, SET_MANY, {
        input: { ids: [estate.near.FIDA, estate.far.FIDA], power: 'OFF', dryRun: true },
      })
    ).data;
    expect(
      many.setManyDisplaySettings.results.map(({ userErrors }: { userErrors: unknown[] }) => userErrors),
    ).toMatchObject([[], [{ field: 'input.ids.1', code: 'FORBIDDEN' }]]);
    const controls = 'controls: [{ component: "Gain", name: "gain", value: -3 }]';
    expect(
      await mutate(keeper, 'setAudioControls', `input: { id: "${estate.far.QSYS}", ${controls} }`, 'qsys'),
    ).toMatchObject([what]);
  });

  it('neither sees nor cuts what a device of theirs depends on elsewhere', async () => {
    const [child, here, there] = [estate.near.QSYS, estate.near.ENTERTAINMENT, estate.far.ENTERTAINMENT];
    const update = (caller: Asserted, parentIds: string[]) =>
      mutate(caller, 'updateDevice', `input: { id: "${child}", parentIds: ${JSON.stringify(parentIds)} }`);
    const parentsFor = async (caller: Asserted) =>
      (await doors.ask('devices', caller, `{ device(id: "${child}") { parents { id } } }`)).data.device.parents.map(
        ({ id }: { id: string }) => id,
      );
    expect(await update(admin, [there])).toEqual([]);
    expect(await parentsFor(local)).toEqual([]);
    for (const id of [there, UNKNOWN])
      expect(await update(local, [id])).toMatchObject([
        { code: 'NOT_FOUND', message: `parentIds names a device that is not there: ${id}` },
      ]);
    expect(await update(local, [here])).toEqual([]);
    expect(await parentsFor(local)).toEqual([here]);
    expect((await parentsFor(admin)).toSorted()).toEqual([here, there].toSorted());
  });

  it('applies no plan, takes back no change and follows none of a device elsewhere', async () => {
    const set = (id: string, rest: Record<string, unknown>) =>
      doors.ask(
        'fida',
        admin,
        `mutation ($input: SetDisplaySettingsInput!) { setDisplaySettings(input: $input) { plan { id } settingsChange { id } } }`,
        input(rest)(id),
      );
    const plan = (await set(estate.far.FIDA, { power: 'OFF', dryRun: true })).data.setDisplaySettings.plan.id;
    const [theirs, mine] = await Promise.all(
      [estate.far.FIDA, estate.near.FIDA].map(
        async (id) => (await set(id, { power: 'OFF', waitMs: 0 })).data.setDisplaySettings.settingsChange.id,
      ),
    );
    expect(await mutate(local, 'applyPlannedSettings', `input: { plan: "${plan}" }`, 'fida')).toEqual([
      { field: 'input.plan', code: 'NOT_FOUND', message: `there is no display ${estate.far.FIDA}` },
    ]);
    for (const id of [theirs, UNKNOWN]) {
      expect(await mutate(local, 'undoDisplaySettings', `input: { id: "${id}" }`, 'fida')).toEqual([
        { field: 'input.id', code: 'NOT_FOUND', message: `there is no change ${id}` },
      ]);
      expect((await doors.ask('history', local, `{ settingsChange(id: "${id}") { id } }`)).data).toEqual({
        settingsChange: null,
      });
      const followed = open(local, `subscription { settingsChangeUpdated(id: "${id}") { id } }`, 'history');
      await followed.ended;
      expect(followed.payloads).toMatchObject([
        { errors: [{ message: `there is no change of settings ${id}`, extensions: { code: 'NOT_FOUND' } }] },
      ]);
      for (const service of ['fida', 'history']) {
        const { query, variables } = entity('SettingsChange', 'state');
        expect((await doors.ask(service, local, query, variables(id))).data._entities).toEqual([null]);
      }
    }
    const controls = { controls: [{ component: 'Gain', name: 'gain', value: -3 }] };
    const plannedControls = await doors.ask(
      'qsys',
      admin,
      'mutation ($input: SetAudioControlsInput!) { setAudioControls(input: $input) { plan { id } } }',
      input({ ...controls, dryRun: true })(estate.far.QSYS),
    );
    const ofCore = `input: { plan: "${plannedControls.data.setAudioControls.plan.id}" }`;
    expect(await mutate(local, 'applyPlannedAudioControls', ofCore, 'qsys')).toEqual([
      { field: 'input.plan', code: 'NOT_FOUND', message: `there is no Core ${estate.far.QSYS}` },
    ]);
    const setControls = await doors.ask(
      'qsys',
      admin,
      CONTROLS.replace('wanted before', 'id'),
      input({ ...controls, waitMs: 0 })(estate.far.QSYS),
    );
    for (const id of [setControls.data.setAudioControls.settingsChange.id, UNKNOWN])
      expect(await mutate(local, 'undoAudioControls', `input: { id: "${id}" }`, 'qsys')).toEqual([
        { field: 'input.id', code: 'NOT_FOUND', message: `there is no change ${id}` },
      ]);
    // Its outcome is for those who may set, too.
    const setter = somebody('setter', [{ scopes: ['settings:write'], site: NEAR }]);
    expect(
      (await doors.ask('history', setter, `{ settingsChange(id: "${mine}") { requestedBy } }`)).data.settingsChange,
    ).toEqual({
      requestedBy: admin.name,
    });
    const followed = open(setter, `subscription { settingsChangeUpdated(id: "${mine}") { state } }`, 'history');
    await eventually('its state is told', () => followed.payloads[0]?.data?.settingsChangeUpdated);
  });

  it('watches no Core elsewhere', async () => {
    for (const id of [estate.far.QSYS, UNKNOWN]) {
      const watched = open(
        local,
        `subscription { audioControlsChanged(id: "${id}", components: ["Gain"]) { live } }`,
        'qsys',
      );
      await watched.ended;
      expect(watched.payloads).toMatchObject([
        { errors: [{ message: `id: there is no Core ${id}, or it was removed`, extensions: { code: 'NOT_FOUND' } }] },
      ]);
    }
  });

  it('is told beforehand what they may do with a device', async () => {
    const rightsOf = async (caller: Asserted, id: string) =>
      (await doors.ask('devices', caller, `{ device(id: "${id}") { viewerCan { edit set readHistory } } }`)).data.device
        .viewerCan;
    const all = { edit: true, set: true, readHistory: true };
    expect(await rightsOf(local, estate.near.APPSPACE)).toEqual(all);
    expect(await rightsOf(keeper, estate.near.APPSPACE)).toEqual(all);
    expect(await rightsOf(keeper, estate.far.APPSPACE)).toEqual({ edit: false, set: false, readHistory: true });
    expect(await rightsOf(inRole('OPERATOR'), estate.far.APPSPACE)).toEqual({
      edit: false,
      set: true,
      readHistory: true,
    });
    expect(await rightsOf(inRole('VIEWER'), estate.far.APPSPACE)).toEqual({
      edit: false,
      set: false,
      readHistory: false,
    });
    expect(await mutate(admin, 'removeDevice', `id: "${estate.far.APPSPACE}"`)).toEqual([]);
    expect(await rightsOf(admin, estate.far.APPSPACE)).toEqual({ edit: false, set: false, readHistory: true });
  });

  it('is named in what is kept of what they did', async () => {
    const log = await estate.sql`select distinct actor from devices.registry_log`;
    expect(log.map(({ actor }) => actor).toSorted()).toEqual([admin.name, 'estate file', local.name].toSorted());
    const dryRun = await doors.ask(
      'fida',
      local,
      `mutation { setDisplaySettings(input: { id: "${estate.near.FIDA}", power: ON, dryRun: true }) { settingsChange { requestedBy } } }`,
    );
    expect(dryRun.data.setDisplaySettings.settingsChange).toEqual({ requestedBy: local.name });
  });
});
