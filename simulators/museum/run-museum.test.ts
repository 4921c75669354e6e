import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPinger } from '@wheelhouse/entertainment/ping.ts';
import { createSnmpController } from '@wheelhouse/fida/snmp/control.ts';
import { createSnmpProber } from '@wheelhouse/fida/snmp.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import type { Estate, EstateCore, EstateDisplay } from './estate.ts';
import type { EstateExhibit } from './exhibits.ts';
import { type MuseumOptions, runMuseum } from './run-museum.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

async function aMuseum(options: Partial<MuseumOptions> = {}) {
  const museum = await runMuseum({
    stateFile: null,
    count: null,
    silentPercent: 0,
    isStoryTold: false,
    seed: 1,
    logger,
    ...options,
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) await museum.close();
    isClosed = true;
  };
  onTestFinished(close);
  return { ...museum, close };
}

async function kindOfLook({ ping }: EstateExhibit): Promise<string> {
  const pinger = createPinger({ timeoutMs: 200, retries: 0, logger });
  const chunk = { startMs: Date.now(), paceMs: 1, signal: new AbortController().signal };
  const [seen] = await pinger.lookAt([ping], chunk);
  return seen?.look.kind ?? 'not looked at';
}

const displaysOf = ({ devices }: Estate): EstateDisplay[] => devices.filter((device) => device.system === 'FIDA');
const exhibitsOf = ({ devices }: Estate): EstateExhibit[] =>
  devices.filter((device) => device.system === 'ENTERTAINMENT');

const coresOf = ({ devices }: Estate): EstateCore[] => devices.filter((device) => device.system === 'QSYS');

async function aStateFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-museum-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'not-made-yet', 'ports.json');
}

async function order(
  url: string,
  name: string,
  body: unknown,
  { kind = 'displays', ...headers }: Record<string, string> = {},
) {
  const response = await fetch(`${url}/${kind}/${encodeURIComponent(name)}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  });
  return { status: response.status, body: await response.json() };
}

test('has 24 displays in five places, in every profile, over v1, v2c and v3, with and without a profile named', async () => {
  const { estate } = await aMuseum();
  const devices = displaysOf(estate);
  expect(devices.length).toBe(24);
  expect(new Set(estate.devices.map(({ externalId }) => externalId)).size).toBe(estate.devices.length);
  const places = ['museum/children', 'museum/foyer', 'museum/hall-1', 'museum/hall-2', 'museum/hall-3'];
  expect([...new Set(devices.map(({ site }) => site))].sort()).toEqual(places);
  expect(estate.sites.map(({ path }) => path).sort()).toEqual(['museum', ...places]);
  expect(new Set(devices.map(({ snmp }) => snmp.profile))).toEqual(
    new Set([undefined, 'wheelhouse-fida', 'lg-commercial']),
  );
  // The road sign has no profile named: it is found by the prober.
  expect(devices.find(({ name }) => name === 'Foyer programme')?.snmp).toMatchObject({ version: 'V1' });
  const speaking = (version: string) => devices.filter(({ snmp }) => snmp.version === version).length;
  expect([speaking('V1'), speaking('V2C'), speaking('V3')]).toEqual([1, 19, 4]);
  const known = new Set(estate.devices.map(({ externalId }) => externalId));
  expect(estate.devices.flatMap(({ parents }) => parents).filter((parent) => !known.has(parent))).toEqual([]);
});

test('has a redundant pair of Cores and one that wants a logon, each at the port that it has', async () => {
  const { estate, cores } = await aMuseum();
  expect(coresOf(estate)).toMatchObject([
    { externalId: 'sound-core', name: 'Sound Core', site: 'museum', qrc: { port: cores[0]?.tcpPort } },
    { externalId: 'sound-core-backup', name: 'Sound Core backup', qrc: { port: cores[1]?.tcpPort } },
    { name: 'Children Core', site: 'museum/children', qrc: { port: cores[2]?.tcpPort, user: 'museum' } },
  ]);
});

test('names in its estate only what the registry of devices takes', async () => {
  const { estate } = await aMuseum();
  const keys = new Set(displaysOf(estate).flatMap((device) => Object.keys(device)));
  expect([...keys].sort()).toEqual(['externalId', 'name', 'parents', 'site', 'snmp', 'system', 'tags']);
  const snmpKeys = new Set(displaysOf(estate).flatMap(({ snmp }) => Object.keys(snmp)));
  const taken = [
    'host',
    'port',
    'version',
    'community',
    'user',
    'authProtocol',
    'authKey',
    'privProtocol',
    'privKey',
    'profile',
  ];
  expect([...snmpKeys].filter((key) => !taken.includes(key))).toEqual([]);
});

test('every display of the estate answers the prober', async () => {
  const { estate } = await aMuseum();
  const prober = createSnmpProber({ timeoutMs: 2_000, retries: 1 });
  const looks = await Promise.all(displaysOf(estate).map(({ snmp }) => prober.look(snmp)));
  prober.close();
  expect(looks.map(({ kind }) => kind)).toEqual(displaysOf(estate).map(() => 'answered'));
});

test("has a children's museum of six exhibits behind a switch, all of which answer pings", async () => {
  const { estate } = await aMuseum();
  const [first, ...others] = exhibitsOf(estate);
  expect(first).toMatchObject({ externalId: 'children-switch', parents: [], ping: { method: 'ICMP' } });
  expect(others).toHaveLength(6);
  expect(new Set(others.flatMap(({ parents }) => parents))).toEqual(new Set(['children-switch']));
  expect(new Set(exhibitsOf(estate).map(({ site }) => site))).toEqual(new Set(['museum/children']));
  expect(await Promise.all(others.map(kindOfLook))).toEqual(others.map(() => 'answered'));
});

test('the control door kills an exhibit, lets it refuse, and mends it, on its port', async () => {
  const { controlUrl, estate } = await aMuseum({ isStoryTold: true });
  const device = exhibitsOf(estate)[3];
  if (device === undefined) throw new Error('the museum has no fourth exhibit');
  const to = { kind: 'exhibits' };
  expect(await order(controlUrl, device.name, { fault: { kind: 'silent' } }, to)).toMatchObject({
    status: 200,
    body: { name: device.name, fault: { kind: 'silent' }, story: false },
  });
  expect(await kindOfLook(device)).toBe('silent');
  await order(controlUrl, device.name, { fault: { kind: 'refusing' } }, to);
  expect(await kindOfLook(device)).toBe('answered');
  expect(await order(controlUrl, device.name, { fault: null }, to)).toMatchObject({ body: { fault: null } });
  expect(await kindOfLook(device)).toBe('answered');
  expect(await order(controlUrl, device.name, { story: true }, to)).toMatchObject({ body: { story: true } });
  expect(await order(controlUrl, device.name, { fault: { kind: 'slow' } }, to)).toMatchObject({
    status: 400,
    body: { field: 'fault.kind' },
  });
  const { exhibits } = await (await fetch(`${controlUrl}/exhibits`)).json();
  expect(exhibits).toHaveLength(6);
  expect(await (await fetch(`${controlUrl}/metrics`)).text()).toContain('wheelhouse_simulated_exhibits{fault="none"} ');
});

test('has five players that the registry has, and one that is new, in an account that lets a client in', async () => {
  const { estate, appspace, controlUrl } = await aMuseum();
  const players = estate.devices.filter((device) => device.system === 'APPSPACE');
  expect(players).toHaveLength(5);
  if (appspace === null) throw new Error('the museum has no Appspace');
  const { url, ...account } = appspace;
  const asked = { subjectType: 'Application', grantType: 'refreshToken', ...account };
  const headers = { 'content-type': 'application/json' };
  const token = await fetch(`${url}/api/v3/authorization/token`, {
    ...{ method: 'POST', headers, body: JSON.stringify(asked) },
  });
  const { accessToken } = await token.json();
  const listed = await fetch(`${url}/api/v3/devices?start=0&limit=100`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  const { items, totalCount } = await listed.json();
  expect(totalCount).toBe(6);
  const ids = new Set(items.map(({ id }: { id: string }) => id));
  expect(players.filter(({ appspace: { deviceId } }) => !ids.has(deviceId))).toEqual([]);
  expect(await (await fetch(`${controlUrl}/metrics`)).text()).toContain(
    'wheelhouse_simulated_players{state="ONLINE"} 6',
  );
});

test('the control door moves players and breaks their cloud', async () => {
  const { controlUrl } = await aMuseum({ isStoryTold: true });
  const to = { kind: 'players' };
  expect(await order(controlUrl, 'Hall 1 player', { state: 'FAILED' }, to)).toMatchObject({
    ...{ status: 200, body: { name: 'Hall 1 player', state: 'FAILED', story: false } },
  });
  expect(await order(controlUrl, 'Hall 1 player', { state: 'DARK' }, to)).toMatchObject({
    ...{ status: 400, body: { field: 'state' } },
  });
  const tell = async (body: unknown) => {
    const response = await fetch(`${controlUrl}/appspace`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  expect(await tell({ fault: { kind: 'html' } })).toMatchObject({ status: 200, body: { fault: { kind: 'html' } } });
  expect(await tell({ fault: { kind: 'status', status: 200 } })).toMatchObject({ body: { field: 'fault.status' } });
  expect(await tell({ fault: null, story: true })).toMatchObject({ status: 400, body: { field: 'story' } });
  expect(await tell({ fault: null })).toMatchObject({ body: { fault: null } });
});

test('remembers its ports, and replaces one that is taken', async () => {
  const stateFile = await aStateFile();
  const first = await aMuseum({ stateFile });
  const ports = displaysOf(first.estate).map(({ snmp }) => snmp.port);
  await first.close();
  const second = await aMuseum({ stateFile });
  expect(displaysOf(second.estate).map(({ snmp }) => snmp.port)).toEqual(ports);
  await second.close();

  const squatter = createSocket('udp4').bind(ports[0], '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const third = await aMuseum({ stateFile });
  const [moved, ...stayed] = displaysOf(third.estate).map(({ snmp }) => snmp.port);
  expect(moved).not.toBe(ports[0]);
  expect(stayed).toEqual(ports.slice(1));
  expect(Object.values(JSON.parse(await readFile(stateFile, 'utf8')).ports)).toContain(moved);
});

test('a state file that makes no sense is no hindrance', async () => {
  const stateFile = await aStateFile();
  await (await aMuseum({ stateFile })).close();
  await writeFile(stateFile, '{"ports": {"Foyer welcome": -1');
  expect(displaysOf((await aMuseum({ stateFile })).estate)).toHaveLength(24);
});

test('a large museum has the silent share that was asked for, spread out', async () => {
  const { estate, controlUrl } = await aMuseum({ count: 1_000, silentPercent: 10 });
  expect(estate.devices.length).toBe(1_000);
  const { displays } = await (await fetch(`${controlUrl}/displays`)).json();
  const silent = displays.flatMap(({ fault }: { fault: unknown }, i: number) => (fault ? [i] : []));
  expect(silent).toHaveLength(100);
  expect(silent.slice(0, 3)).toEqual([9, 19, 29]);
});

test('the control door breaks and mends a display, and shows it', async () => {
  const { controlUrl, estate } = await aMuseum({ isStoryTold: true });
  const device = displaysOf(estate)[5];
  if (device === undefined) throw new Error('the museum has no sixth display');
  const prober = createSnmpProber({ timeoutMs: 300, retries: 0 });
  onTestFinished(() => prober.close());
  await order(controlUrl, device.name, { fault: { kind: 'silent' }, values: { brightnessPercent: 12 } });
  expect((await prober.look(device.snmp)).kind).toBe('silent');
  const mended = await order(controlUrl, device.name, { fault: null });
  expect(mended).toMatchObject({ status: 200, body: { fault: null, values: { brightnessPercent: 12 }, story: false } });
  expect(await prober.look(device.snmp)).toMatchObject({ kind: 'answered', state: { brightnessPercent: 12 } });
  expect(await order(controlUrl, device.name, { story: true })).toMatchObject({ body: { story: true } });
  const metrics = await (await fetch(`${controlUrl}/metrics`)).text();
  expect(metrics).toContain('wheelhouse_simulated_displays{fault="none"} ');
});

test('the control door shows how many SETs a display has had, and gives it faults of control', async () => {
  const { controlUrl, estate } = await aMuseum();
  const device = displaysOf(estate)[0];
  if (device === undefined) throw new Error('the museum has no display');
  const controller = createSnmpController({ timeoutMs: 2_000, retries: 1 });
  onTestFinished(() => controller.close());
  expect(await order(controlUrl, device.name, { fault: { kind: 'refusesSets' } })).toMatchObject({
    body: { fault: { kind: 'refusesSets', error: 'genErr' }, setsReceived: 0 },
  });
  expect(await controller.set(device.snmp, { brightnessPercent: 12 })).toMatchObject({ kind: 'refused' });
  await order(controlUrl, device.name, { fault: { kind: 'diesAtSet', obeys: true, answers: true } });
  expect(await controller.set(device.snmp, { brightnessPercent: 12 })).toEqual({ kind: 'accepted' });
  const mended = await order(controlUrl, device.name, { fault: null });
  expect(mended).toMatchObject({ body: { setsReceived: 2, values: { brightnessPercent: 12 } } });
});

test.each<[unknown, string | null]>([
  [{ fault: { kind: 'slow' } }, 'fault.delayMs'],
  [{ fault: { kind: 'slow', delayMs: -1 } }, 'fault.delayMs'],
  [{ fault: { kind: 'bored' } }, 'fault.kind'],
  [{ fault: { kind: 'refusesSets', error: 'noError' } }, 'fault.error'],
  [{ fault: { kind: 'ignoresSets', delayMs: 5 } }, 'fault.delayMs'],
  [{ fault: { kind: 'obeysLate' } }, 'fault.delayMs'],
  [{ fault: { kind: 'diesAtSet', obeys: true } }, 'fault.answers'],
  [{ values: { brightnessPercent: 101 } }, 'values.brightnessPercent'],
  [{ values: { power: 'on' } }, 'values.power'],
  [{ values: { brightness: 1 } }, 'values.brightness'],
  [
    {
      values: {
        fans: [
          { rpm: 1, status: 'ok' },
          { rpm: 'fast', status: 'ok' },
        ],
      },
    },
    'values.fans.1.rpm',
  ],
  [{ faults: null }, 'faults'],
  ['{', null],
  ['[]', null],
])('an order %j is refused, and the field named is %s', async (body, field) => {
  const { controlUrl } = await aMuseum({ count: 1 });
  const refused = await order(controlUrl, 'Display 00001', body);
  expect(refused).toMatchObject({ status: 400, body: { field, error: expect.stringContaining(field ?? '') } });
});

test('the control door takes no orders from pages of other sites, for unknown displays, or of any size', async () => {
  const { controlUrl } = await aMuseum({ count: 1 });
  const mend = { fault: null };
  expect((await order(controlUrl, 'Display 00001', mend, { origin: 'https://example.com' })).status).toBe(403);
  expect((await order(controlUrl, 'Display 00002', mend)).status).toBe(404);
  expect((await order(controlUrl, 'Display 00001', 'x'.repeat(20_000))).status).toBe(413);
});
