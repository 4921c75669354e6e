import { MUSEUM_ACCOUNT } from '@wheelhouse/simulators/appspace/account.ts';
import { type SimulatedCloud, startCloud } from '@wheelhouse/simulators/appspace/cloud.ts';
import type { CloudFault } from '@wheelhouse/simulators/appspace/faults.ts';
import { startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type Subscription, startWheelhouse, type Wheelhouse } from './harness.ts';

const DEVICES = `query {
  devices {
    nodes {
      __typename id name status statusReason observedAt address
      ... on SignagePlayer {
        appspaceId appspaceName playerState channelName onAir playerVersion lastContactAt deviceType locationName measuredAt
        lookProblem
      }
    }
  }
}`;
const CHANGES = `subscription ($after: String) {
  deviceStatusChanged(after: $after) { from to reason device { __typename name ... on SignagePlayer { channelName onAir } } }
}`;
const OFFERS = `query ($first: Int, $after: String) {
  signagePlayersToAdd(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { appspaceId name locationName playerState channelName listedAt addDeviceInput }
  }
}`;
const ADD =
  'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id name address } userErrors { field code message } } }';

/** Three slots of a second, a listing, and the way to the client, with some room for a busy machine. */
const WITHIN_MS = 20_000;

const NAMES = ['foyer player', 'hall player', 'cafe player', 'new player', 'newer player'];
const definitions = NAMES.map((name, index) => ({
  ...{ id: `app-${index}`, name, locationName: 'museum', channelId: 'welcome' },
}));

describe('signage players', () => {
  let wheelhouse: Wheelhouse;
  let cloud: SimulatedCloud;
  let displays: Awaited<ReturnType<typeof startDisplays>>;
  let changes: Subscription;

  beforeAll(async () => {
    cloud = await startCloud({
      ...{
        account: MUSEUM_ACCOUNT,
        players: definitions,
        channels: new Map([['welcome', 'Welcome']]),
        tokenSeconds: 3,
      },
    });
    displays = await startDisplays(
      [{ name: 'a display', profile: 'wheelhouse-fida', access: { version: 'V2C', community: 'test-read' } }],
      { seed: 1 },
    );
    wheelhouse = await startWheelhouse({
      WHEELHOUSE_SWEEP_SECONDS: '1',
      APPSPACE_URL: cloud.url,
      APPSPACE_SUBJECT_ID: MUSEUM_ACCOUNT.subjectId,
      APPSPACE_REFRESH_TOKEN: MUSEUM_ACCOUNT.refreshToken,
      APPSPACE_TIMEOUT_MS: '500',
    });
    const { data } = await wheelhouse.query('{ statusCursor }');
    changes = wheelhouse.subscribe(CHANGES, { after: data.statusCursor });
    const registered = definitions.slice(0, 3).map(({ id, name }) => ({
      ...{ name, system: 'APPSPACE', site: 'museum', appspace: { deviceId: id } },
    }));
    const [display] = displays.displays;
    const devices = [...registered, { name: 'a display', system: 'FIDA', site: 'museum', snmp: display?.snmp }];
    expect(await wheelhouse.importEstate({ sites: [], devices })).toMatchObject({ status: 200, body: { added: 4 } });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    changes.stop();
    await wheelhouse.close();
    await cloud.close();
    await displays.close();
  });

  const player = (name: string) => {
    const found = cloud.players.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no player ${name}`);
    return found;
  };
  const changeOf = (name: string, to: string) =>
    changes.first(({ data }) => {
      const change = data?.deviceStatusChanged;
      return change?.device.name === name && change.to === to;
    }, WITHIN_MS);
  const nodeOf = async (name: string) => {
    const { data } = await wheelhouse.query(DEVICES);
    return data.devices.nodes.find((node: { name: string }) => node.name === name);
  };

  it('come ONLINE with what Appspace says of them', async () => {
    for (const name of NAMES.slice(0, 3)) await changeOf(name, 'ONLINE');
    const node = await eventually('it was told of', async () => {
      const found = await nodeOf('foyer player');
      return found?.measuredAt && found;
    });
    expect(node).toMatchObject({
      ...{ __typename: 'SignagePlayer', status: 'ONLINE', address: null, appspaceId: 'app-0', playerState: 'ONLINE' },
      ...{ appspaceName: 'foyer player', channelName: 'Welcome', onAir: true, playerVersion: '2.71.3' },
      ...{ deviceType: 'BrightSign', locationName: 'museum', lookProblem: null, lastContactAt: expect.any(String) },
    });
  });

  it('that fail reach a subscriber as OFFLINE with the reason, and as ONLINE when they are well again', async () => {
    player('foyer player').change({ state: 'FAILED' });
    expect((await changeOf('foyer player', 'OFFLINE')).data.deviceStatusChanged).toMatchObject({
      from: 'ONLINE',
      reason: 'Appspace: Failed, the screen may be dark, 3 looks in a row',
      device: { __typename: 'SignagePlayer', channelName: 'Welcome', onAir: false },
    });
    changes.events.length = 0;
    player('foyer player').change({ state: 'ONLINE' });
    expect((await changeOf('foyer player', 'ONLINE')).data.deviceStatusChanged).toMatchObject({ from: 'OFFLINE' });
  });

  it('that lost contact and those that are switched off are kept apart', async () => {
    player('hall player').change({ state: 'COMMUNICATION_LOST' });
    expect((await changeOf('hall player', 'DEGRADED')).data.deviceStatusChanged).toMatchObject({
      reason: 'Appspace: lost contact, still playing',
      device: { onAir: true },
    });
    player('hall player').change({ state: 'OFFLINE' });
    expect((await changeOf('hall player', 'OFFLINE')).data.deviceStatusChanged).toMatchObject({
      from: 'DEGRADED',
      reason: 'Appspace: Offline, 3 looks in a row',
    });
    player('hall player').change({ state: 'ONLINE' });
  });

  it.each<[string, CloudFault]>([
    ['Appspace answered HTML in place of JSON', { kind: 'html' }],
    ["Appspace's answer is larger than 10 MB", { kind: 'huge', megabytes: 100 }],
    ['Appspace answered text that is not JSON, or not all of it', { kind: 'truncated' }],
    ['Appspace did not answer within 500 ms', { kind: 'slow', delayMs: 30_000 }],
    ["Appspace's list ends at 0, and is said to have more", { kind: 'emptyPage', fromPage: 0 }],
  ])(
    'show %j while that is so, keep their status for a while, and the display is looked at as ever',
    async (problem, fault) => {
      const before = (await nodeOf('a display')).observedAt;
      cloud.setFault(fault);
      const node = await eventually('the reason is shown', async () => {
        const found = await nodeOf('cafe player');
        return found.lookProblem === problem && found;
      });
      expect(node).toMatchObject({ status: 'ONLINE', playerState: 'ONLINE', channelName: 'Welcome' });
      await expect.poll(async () => (await nodeOf('a display')).observedAt > before, { timeout: WITHIN_MS }).toBe(true);
      cloud.setFault(null);
      await expect.poll(async () => (await nodeOf('cafe player')).lookProblem, { timeout: WITHIN_MS }).toBeNull();
    },
  );

  it('that the registry does not have are offered, added as offered, and watched at once', async () => {
    const first = (await wheelhouse.query(OFFERS, { first: 1 })).data.signagePlayersToAdd;
    expect(first).toMatchObject({
      ...{ totalCount: 2, pageInfo: { hasNextPage: true } },
      nodes: [
        {
          ...{
            appspaceId: 'app-3',
            name: 'new player',
            locationName: 'museum',
            playerState: 'ONLINE',
            channelName: 'Welcome',
          },
          addDeviceInput: { name: 'new player', system: 'APPSPACE', appspace: { deviceId: 'app-3' } },
        },
      ],
    });
    const second = await wheelhouse.query(OFFERS, { first: 1, after: first.pageInfo.endCursor });
    expect(second.data.signagePlayersToAdd).toMatchObject({
      nodes: [{ appspaceId: 'app-4' }],
      pageInfo: { hasNextPage: false },
    });
    const input = { ...first.nodes[0].addDeviceInput, site: 'museum/cafe' };
    expect((await wheelhouse.query(ADD, { input })).data.addDevice).toMatchObject({ userErrors: [] });
    await changeOf('new player', 'ONLINE');
    const { data } = await wheelhouse.query(OFFERS);
    expect(data.signagePlayersToAdd).toMatchObject({ totalCount: 1, nodes: [{ appspaceId: 'app-4' }] });
  });

  it('that Appspace does not have are UNKNOWN, and say so', async () => {
    const appspace = { deviceId: 'nobody' };
    await wheelhouse.query(ADD, { input: { name: 'a ghost', system: 'APPSPACE', site: 'museum', appspace } });
    await expect
      .poll(async () => (await nodeOf('a ghost')).statusReason, { timeout: WITHIN_MS })
      .toBe('could not look: Appspace has no player with this id');
    expect(await nodeOf('a ghost')).toMatchObject({ status: 'UNKNOWN', playerState: null, appspaceId: 'nobody' });
  });

  it.each([
    ['no id', {}, 'input.appspace.deviceId', 'deviceId is needed'],
    ['two ids', { deviceId: 'a,b' }, 'input.appspace.deviceId', 'without blanks and commas'],
    ['an empty id', { deviceId: '' }, 'input.appspace.deviceId', 'must be an id of Appspace'],
    ['an id too long', { deviceId: 'x'.repeat(101) }, 'input.appspace.deviceId', 'at most 100 characters'],
  ])('with %s are refused', async (_what, appspace, field, message) => {
    const { data } = await wheelhouse.query(ADD, {
      input: { name: 'x', system: 'APPSPACE', site: 'museum', appspace },
    });
    expect(data.addDevice).toMatchObject({
      device: null,
      userErrors: [{ field, message: expect.stringContaining(message) }],
    });
  });

  it.each([
    [{ first: 0 }, 'BAD_USER_INPUT', 'first'],
    [{ first: 1_001 }, 'BAD_USER_INPUT', 'first'],
    [{ after: 'nonsense' }, 'CURSOR_INVALID', 'after'],
  ])('asked for with %j are a mistake of the caller', async (variables, code, field) => {
    const { errors } = await wheelhouse.query(OFFERS, variables);
    expect(errors).toMatchObject([{ extensions: { code, field } }]);
  });
});

describe('without an account', () => {
  it('players are UNKNOWN since Appspace is not configured, and nobody is offered', async () => {
    const wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: '1' });
    const devices = [{ name: 'p', system: 'APPSPACE', site: 'museum', appspace: { deviceId: 'p' } }];
    await wheelhouse.importEstate({ sites: [], devices });
    await wheelhouse.startWorker();
    const node = await eventually('it was looked at', async () => {
      const { data } = await wheelhouse.query(DEVICES);
      return data.devices.nodes[0].lookProblem && data.devices.nodes[0];
    });
    expect(node).toMatchObject({ status: 'UNKNOWN', lookProblem: 'Appspace is not configured' });
    await expect
      .poll(async () => (await wheelhouse.query(DEVICES)).data.devices.nodes[0].statusReason)
      .toBe('could not look: Appspace is not configured');
    expect((await wheelhouse.query(OFFERS)).data.signagePlayersToAdd).toMatchObject({ totalCount: 0, nodes: [] });
    await wheelhouse.close();
  });
});
