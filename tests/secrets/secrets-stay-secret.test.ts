import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import { type SimulatedCloud, startCloud } from '@wheelhouse/simulators/appspace/cloud.ts';
import { type SimulatedDisplays, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { type SimulatedCores, startCores } from '@wheelhouse/simulators/qsys/start-cores.ts';
import { aDesign } from '@wheelhouse/simulators/qsys/testing/design.ts';
import { signalProcess } from '@wheelhouse/standalone/processes.ts';
import { runStandalone, type Standalone } from '@wheelhouse/standalone/testing/run-standalone.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Answer, eventually } from '../harness.ts';
import { temporaryFolder } from '../temporary-postgres.ts';
import { everyDeviceQuery } from './every-field.ts';
import { ADD, FAULTY_BODIES, FAULTY_MESSAGES, faultyFields, KEYS, V3 } from './faulty-input.ts';
import { leaksIn, SECRETS } from './known-secrets.ts';
import { type ObservedRows, observeRows } from './observed-rows.ts';
import { watchArguments } from './process-arguments.ts';

const UPDATE = `mutation ($input: UpdateDeviceInput!) {
  updateDevice(input: $input) { device { id name address } userErrors { field code message } } }`;
const SET = `mutation ($input: SetDisplaySettingsInput!) {
  setDisplaySettings(input: $input) {
    settingsChange { id state wanted before readBack code detail } plan { id changes { setting before after } effects }
    userErrors { field code message } } }`;
const APPLY = `mutation ($input: ApplyPlannedSettingsInput!) {
  applyPlannedSettings(input: $input) { settingsChange { state detail } userErrors { field code message } } }`;

describe('secrets, while everything goes wrong that can', () => {
  let folder: string;
  let data: string;
  let displays: SimulatedDisplays;
  let cores: SimulatedCores;
  let cloud: SimulatedCloud;
  let standalone: Standalone;
  let rows: ObservedRows;
  let rowsSeen: string[] = [];
  let argumentsSeen: ReturnType<typeof watchArguments>;
  let url: string;
  let workerUrl: string;
  /** Bodies of all answers. */
  const answers: string[] = [];
  /** What programs printed that were started with faults. */
  const printed: string[] = [];
  const secrets = new Map<string, string>(Object.entries(SECRETS));

  const post = async (address: string, body: string, headers: Record<string, string> = {}): Promise<string> => {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const text = await response.text();
    answers.push(text);
    return text;
  };
  const ask = async (query: string, variables: Record<string, unknown> = {}): Promise<Answer> =>
    JSON.parse(await post(url, JSON.stringify({ query, variables })));
  const read = async (address: string): Promise<void> => void answers.push(await (await fetch(address)).text());
  /** Says one thing over a websocket, and takes what is answered until it is closed, or one answer more than the greeting's. */
  const overWebsocket = async (message: string): Promise<void> => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data) => {
      answers.push(String(data));
      if (String(data).includes('connection_ack')) socket.send(message);
      else socket.close();
    });
    const [, reason] = await once(socket, 'close');
    answers.push(String(reason));
  };
  /** Runs a program to its end; with settings that are at fault, unless another exit code is wanted. */
  const runToEnd = async (file: string, settings: Record<string, string>, wanted = 1): Promise<void> => {
    const { PATH, NODE_COMPILE_CACHE } = environment;
    const env = { PATH, NODE_COMPILE_CACHE, LOG_LEVEL: 'trace', PORT: '0', ...settings };
    const child: ChildProcess = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => printed.push(String(text)));
    const [exitCode] = await once(child, 'close');
    expect(exitCode, printed.at(-1)).toBe(wanted);
  };
  const databaseUrl = async (): Promise<string> => {
    const password = await readFile(join(data, 'postgres', 'password'), 'utf8');
    const [, , , port] = (await readFile(join(data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')).split('\n');
    return `postgres://wheelhouse:${password}@127.0.0.1:${port}/wheelhouse`;
  };
  const device = (name: string, system: string, connection: Record<string, unknown>) => ({
    name,
    system,
    site: 'museum',
    ...connection,
  });
  const reasonOf = async (name: string): Promise<string | null> => {
    const { data: answer } = await ask('{ devices(first: 100) { nodes { name status statusReason } } }');
    return answer?.devices?.nodes.find((node: { name: string }) => node.name === name)?.statusReason ?? null;
  };
  /** Applies a plan; applied again, it is answered with its outcome. */
  const applied = (plan: string) =>
    eventually(
      'a plan is applied',
      async () => {
        const { data: answer } = await ask(APPLY, { input: { plan, waitMs: 8_000 } });
        return answer?.applyPlannedSettings?.settingsChange?.state === 'APPLIED';
      },
      60_000,
    );
  const measuredAt = async (name: string): Promise<number> => {
    const { data: answer } = await ask(
      '{ devices(first: 100) { nodes { name ... on FidaDisplay { measuredAt } ... on AudioCore { measuredAt } } } }',
    );
    return Date.parse(answer.devices.nodes.find((node: { name: string }) => node.name === name).measuredAt);
  };
  const idOf = async (name: string): Promise<string> => {
    const { data: answer } = await ask('{ devices(first: 100) { nodes { id name } } }');
    return answer.devices.nodes.find((node: { name: string }) => node.name === name).id;
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    data = join(folder, 'data');
    displays = await startDisplays(
      [
        { version: 'V2C' as const, community: SECRETS.community },
        { ...V3, ...KEYS },
      ].map((access, index) => ({
        ...{ name: `display ${index}`, profile: 'wheelhouse-fida' as const, access },
      })),
    );
    cores = await startCores([
      { design: aDesign(), core: { name: 'core', user: { name: 'museum', password: SECRETS.pin } } },
    ]);
    cloud = await startCloud({
      account: { subjectId: 'application', refreshToken: SECRETS.refreshToken },
      tokenSeconds: 2,
      players: [{ id: 'player-1', name: 'player', locationName: 'museum', channelId: 'welcome' }],
      channels: new Map([['welcome', 'Welcome']]),
    });
    const [plain, secured] = displays.displays.map(({ snmp }) => snmp);
    const qrc = { host: '127.0.0.1', port: cores.cores[0]?.tcpPort, user: 'museum' };
    const devices = [
      device('plain', 'FIDA', { snmp: plain }),
      device('secured', 'FIDA', { snmp: secured }),
      device('wrong community', 'FIDA', { snmp: { ...plain, community: SECRETS.wrongCommunity } }),
      device('wrong auth', 'FIDA', { snmp: { ...secured, authKey: SECRETS.wrongAuthKey } }),
      device('wrong priv', 'FIDA', { snmp: { ...secured, privKey: SECRETS.wrongPrivKey } }),
      device('core', 'QSYS', { qrc: { ...qrc, password: SECRETS.pin } }),
      device('wrong pin', 'QSYS', { qrc: { ...qrc, password: SECRETS.wrongPin } }),
      device('player', 'APPSPACE', { appspace: { deviceId: 'player-1' } }),
    ];
    await writeFile(join(folder, 'estate.yaml'), JSON.stringify({ devices }));
    standalone = runStandalone(['--data', data, '--estate', join(folder, 'estate.yaml')], {
      ...{ LOG_LEVEL: 'trace', WHEELHOUSE_SWEEP_SECONDS: '1', FIDA_SNMP_TIMEOUT_MS: '500', FIDA_SNMP_RETRIES: '3' },
      ...{ FIDA_SETTLE_MS: '1000', QSYS_TIMEOUT_MS: '2000', APPSPACE_TIMEOUT_MS: '500' },
      ...{ APPSPACE_URL: cloud.url, APPSPACE_SUBJECT_ID: 'application', APPSPACE_REFRESH_TOKEN: SECRETS.refreshToken },
      ...{ WHEELHOUSE_SERVICE_TOKEN: SECRETS.serviceToken, WHEELHOUSE_SECRET_KEY: SECRETS.secretKey },
      ...{ WHEELHOUSE_ADMIN_PASSWORD: SECRETS.adminPassword, WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN' },
      // Opens what is sealed with it, as the first step of a change of keys has it.
      WHEELHOUSE_SECRET_KEY_PREVIOUS: SECRETS.nextSecretKey,
    });
    argumentsSeen = watchArguments(standalone.process.pid ?? 0);
    const [, graph = '', worker = ''] = await standalone.printed(
      /Graph +(\S+)[\s\S]*of the worker, (\S+)\/metrics/,
      120_000,
    );
    url = graph;
    workerUrl = worker;
    secrets.set('databasePassword', await readFile(join(data, 'postgres', 'password'), 'utf8'));
    rows = await observeRows(await databaseUrl());
    await letAllGoWrong();
  }, 600_000);
  afterAll(async () => {
    await argumentsSeen.stop();
    if (standalone.process.exitCode === null) await standalone.end('SIGTERM');
    await displays.close();
    await cores.close();
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  });

  const letAllGoWrong = async (): Promise<void> => {
    const [plain] = displays.displays.map(({ snmp }) => snmp);
    // Wrong credentials, until each device says so.
    for (const name of ['wrong community', 'wrong auth', 'wrong priv', 'wrong pin'])
      await eventually(`${name} is told`, () => reasonOf(name), 60_000);

    // Mistakes in input that holds a secret.
    const snmp = { ...plain, community: SECRETS.community };
    for (const fields of faultyFields(snmp)) {
      const { data: answer, errors } = await ask(ADD, { input: { ...device('faulty', 'FIDA', {}), ...fields } });
      const refusal = errors ?? answer.addDevice.userErrors;
      if (!JSON.stringify(fields).includes('\\u0000')) expect(refusal, JSON.stringify(fields)).not.toEqual([]);
    }
    for (const body of FAULTY_BODIES) await post(url, body);
    for (const message of FAULTY_MESSAGES) await overWebsocket(message);
    const wrongPin = await idOf('wrong pin');
    await ask(UPDATE, { input: { id: wrongPin, qrc: { password: SECRETS.wrongPin, port: 70_000 } } });
    await ask(UPDATE, {
      input: { id: wrongPin, qrc: { password: SECRETS.wrongPin }, name: 'wrong pin', expectedVersion: 99 },
    });

    // Doors of services, with a wrong token and with a right one and a faulty estate.
    const [, ports = '{}'] =
      [...argumentsSeen.commandLines].map((line) => /server-process\.ts (\{.*\})/.exec(line)).find(Boolean) ?? [];
    const origin = `http://127.0.0.1:${JSON.parse(ports).devices}`;
    const estate = JSON.stringify({
      devices: [{ ...device('faulty', 'FIDA', { snmp: { ...snmp, port: 0, portt: 1 } }) }],
    });
    for (const token of [SECRETS.wrongToken, SECRETS.serviceToken])
      await post(`${origin}/service/estate`, estate, { authorization: `Bearer ${token}` });

    // The key is changed while all of it runs; a plan from before is applied below.
    const planned = await ask(SET, { input: { id: await idOf('plain'), inputSource: 'DVI', dryRun: true } });
    const keysOfRotation = {
      WHEELHOUSE_SECRET_KEY: SECRETS.nextSecretKey,
      WHEELHOUSE_SECRET_KEY_PREVIOUS: SECRETS.secretKey,
    };
    await runToEnd('standalone/rotate-secret-key.ts', { DATABASE_URL: await databaseUrl(), ...keysOfRotation }, 0);
    const changedAt = Date.now();
    for (const name of ['plain', 'secured', 'core'])
      await eventually(
        `${name} is read with what was sealed anew`,
        async () => (await measuredAt(name)) > changedAt,
        60_000,
      );
    await applied(planned.data.setDisplaySettings.plan.id);

    // Settings: a dry run, its plan, and displays that refuse us.
    const id = await idOf('plain');
    const { data: dry } = await ask(SET, { input: { id, brightnessPercent: 41, dryRun: true } });
    await applied(dry.setDisplaySettings.plan.id);
    await ask(APPLY, { input: { plan: SECRETS.secretKey.slice(1) } });
    for (const name of ['wrong community', 'wrong auth', 'wrong priv'])
      await ask(SET, { input: { id: await idOf(name), brightnessPercent: 40, waitMs: 3_000 } });

    // The account and its cloud.
    for (const kind of ['refused', 'html', 'truncated', 'wrongKinds', 'dropped'] as const) {
      const asked = (): number => [...cloud.requests.values()].reduce((sum, count) => sum + count, 0);
      const before = asked();
      cloud.setFault({ kind });
      await eventually(`the cloud was asked while ${kind}`, () => asked() > before + 1, 30_000);
    }
    cloud.setFault(null);

    // The database goes away and comes back.
    const everything = async (): Promise<void> => {
      for (const query of everyDeviceQuery()) await ask(query);
    };
    const [postmaster] = (await readFile(join(data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')).split('\n');
    signalProcess(Number(postmaster), 'SIGKILL');
    await ask(ADD, { input: device('while away', 'FIDA', { snmp }) });
    await everything();
    await standalone.printed(/PostgreSQL runs again/);
    await eventually(
      'the graph answers again',
      async () => (await ask('{ devices { totalCount } }')).data?.devices,
      60_000,
    );
    await everything();
    await eventually(
      'all of it is answered again',
      async () => (await ask(everyDeviceQuery()[0] ?? '')).errors === undefined,
      60_000,
    );

    // Programs whose settings are at fault.
    const databaseWith = async (password: string): Promise<string> => {
      const address = new URL(await databaseUrl());
      address.password = password;
      return address.href;
    };
    const settings = { WHEELHOUSE_SERVICE_TOKEN: SECRETS.serviceToken, WHEELHOUSE_SECRET_KEY: SECRETS.secretKey };
    await runToEnd('standalone/migrate.ts', { DATABASE_URL: await databaseWith(SECRETS.wrongPassword) });
    await runToEnd('standalone/rotate-secret-key.ts', {
      ...{ DATABASE_URL: await databaseUrl(), WHEELHOUSE_SECRET_KEY: randomBytes(32).toString('hex') },
      WHEELHOUSE_SECRET_KEY_PREVIOUS: SECRETS.secretKey.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    });
    await runToEnd('subgraphs/fida/main.ts', { ...settings, DATABASE_URL: await databaseWith(SECRETS.wrongPassword) });
    await runToEnd('subgraphs/devices/main.ts', {
      ...{
        ...settings,
        WHEELHOUSE_SECRET_KEY: SECRETS.secretKey.slice(1),
        WHEELHOUSE_SWEEP_SECONDS: SECRETS.serviceToken,
      },
      DATABASE_URL: `postgresql:/${SECRETS.wrongPassword}@`,
    });

    for (const address of [url, `${workerUrl}/`]) {
      await read(new URL('/metrics', address).href);
      await read(new URL('/health/ready', address).href);
    }
    rowsSeen = await rows.read(await databaseUrl());
    await argumentsSeen.stop();
    expect(await standalone.end('SIGTERM')).toBe(0);
  };

  it('are in no log of any process, at the level of most words', async () => {
    const logs = join(data, 'logs');
    const files = (await readdir(logs)).filter((name) => name.endsWith('.log'));
    expect(files).toEqual(expect.arrayContaining(['postgres.log', 'server.log', 'supervisor.log', 'worker.log']));
    const texts = await Promise.all(files.map((name) => readFile(join(logs, name), 'utf8')));
    // What went wrong was told.
    expect(texts.join('')).toMatch(/"level":40/);
    expect(leaksIn([...texts, standalone.output()], secrets)).toEqual([]);
  });

  it('are in nothing that a program with faulty settings prints', () => {
    expect(printed.join('')).toMatch(/WHEELHOUSE_SECRET_KEY[\s\S]*refuses us|refuses us[\s\S]*WHEELHOUSE_SECRET_KEY/);
    expect(leaksIn([printed.join('')], secrets)).toEqual([]);
  });

  it('are in no answer, of the graph, of a service, of metrics', () => {
    expect(answers.length).toBeGreaterThan(50);
    expect(leaksIn(answers, secrets)).toEqual([]);
  });

  it('are in no row of the database, jobs that came and went among them', () => {
    const jobs = rowsSeen.filter((row) => row.includes('sweep'));
    expect(jobs.length).toBeGreaterThan(10);
    expect(rowsSeen.filter((row) => row.startsWith('fida.targets') && row.includes('v1.')).length).toBeGreaterThan(4);
    expect(leaksIn(rowsSeen, secrets)).toEqual([]);
  });

  it('are in no argument of a process', () => {
    expect([...argumentsSeen.commandLines].filter((line) => line.includes('worker-process.ts'))).not.toEqual([]);
    expect(leaksIn(argumentsSeen.commandLines, secrets)).toEqual([]);
  });
});
