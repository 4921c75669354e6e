import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { expect, onTestFinished, test } from 'vitest';
import { rawClient } from '../qsys/testing/raw-client.ts';
import { runMuseum } from './run-museum.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

async function aMuseum(options: { stateFile?: string; count?: number } = {}) {
  const { stateFile = null, count = null } = options;
  const museum = await runMuseum({ stateFile, count, silentPercent: 0, isStoryTold: false, seed: 1, logger });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (!isClosed) await museum.close();
    isClosed = true;
  };
  onTestFinished(close);
  const door = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${museum.controlUrl}${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  const core = (name: string) => {
    const found = museum.cores.find((one) => one.name === name);
    if (found === undefined) throw new Error(`the museum has no Core named ${name}`);
    return found;
  };
  return { ...museum, close, door, core };
}

const PAIR = '/cores/Sound%20Core';
const CHILDREN = '/cores/Children%20Core';

test('the museum has a redundant pair of Cores for its halls and one that wants a logon, and is heard as it says', async () => {
  const { door, estate } = await aMuseum();
  const { cores } = (await door('/cores')).body;
  expect(cores).toMatchObject([
    { name: 'Sound Core', status: { State: 'Active', IsRedundant: true, DesignName: 'Museum' }, user: null },
    { name: 'Sound Core backup', status: { State: 'Standby', IsRedundant: true }, connections: 0, fault: null },
    { name: 'Children Core', status: { Platform: 'Core Nano', IsRedundant: false }, user: { name: 'museum' } },
  ]);
  // What it is reached by is what the door says.
  const { tcpPort, user } = cores[2];
  const { ask } = await rawClient(tcpPort);
  expect((await ask('Control.Get', ['ChildrenGain'])).error).toMatchObject({ code: 10 });
  await ask('Logon', { User: user.name, Password: user.password });
  expect((await ask('Control.Get', ['ChildrenGain', 'WorkshopMute'])).result).toMatchObject([
    { String: '-18.0dB' },
    { String: 'unmuted' },
  ]);
  expect((await door(CHILDREN)).body).toMatchObject({
    connections: 1,
    values: { 'Workshop Gain': { gain: '-18.0dB' } },
  });
  expect(estate.devices.flatMap(({ name, system }) => (system === 'QSYS' ? [name] : []))).toEqual(
    cores.map(({ name }: { name: string }) => name),
  );
});

test('every zone has a gain, a meter that moves and a source, and a name of its own for its gain', async () => {
  const { core } = await aMuseum();
  const { ask } = await rawClient(core('Sound Core').tcpPort);
  const names = ['FoyerGain', 'Hall1Gain', 'Hall2Mute', 'Hall3Mute', 'CafeGain'];
  expect((await ask('Control.Get', names)).result).toHaveLength(5);
  await ask('ChangeGroup.AddComponentControl', {
    Id: 'g',
    Component: { Name: 'Café Meter', Controls: [{ Name: 'meter.1' }] },
  });
  await ask('ChangeGroup.Poll', { Id: 'g' });
  const changes = async () => ((await ask('ChangeGroup.Poll', { Id: 'g' })).result as { Changes: unknown[] }).Changes;
  await expect.poll(changes, { interval: 20 }).toHaveLength(1);
});

test('the control door breaks a Core, changes what is in it, and mends it', async () => {
  const { door, core } = await aMuseum();
  const client = await rawClient(core('Sound Core').tcpPort);
  await client.ask('NoOp');
  const broken = await door(PAIR, {
    fault: { kind: 'refusesSets', error: 'unknownControl' },
    status: { code: 1, text: 'Compromised' },
    values: { 'Amplifier 1': { status: '2 Fault - over temperature', 'psu.temp': 97 }, 'Foyer Gain': { mute: true } },
  });
  expect(broken).toMatchObject({
    status: 200,
    body: {
      fault: { kind: 'refusesSets', error: 'unknownControl' },
      status: { Status: { Code: 1, String: 'Compromised' } },
      values: {
        'Amplifier 1': { status: 'Fault - over temperature', 'psu.temp': '97.0°C' },
        'Foyer Gain': { mute: 'muted' },
      },
    },
  });
  expect((await client.ask('Control.Set', { Name: 'FoyerGain', Value: 0 })).error).toMatchObject({ code: 8 });
  await expect.poll(() => client.pushed('EngineStatus').length).toBe(3);
  const amplifier = { Name: 'Amplifier 1', Controls: [{ Name: 'status' }] };
  expect((await client.ask('Component.Get', amplifier)).result).toMatchObject({ Controls: [{ Value: 2 }] });
  expect((await door(PAIR, { fault: null })).body).toMatchObject({ fault: null, setsReceived: 1 });
  expect((await client.ask('Control.Set', { Name: 'FoyerGain', Value: 0 })).result).toMatchObject({ Value: 0 });
});

test('the control door drops connections, restarts a Core, and has a pair change places', async () => {
  const { door, core } = await aMuseum();
  const dropped = await rawClient(core('Children Core').tcpPort);
  await door(CHILDREN, { drop: true });
  await dropped.closed();
  await door(CHILDREN, { values: { 'Children Gain': { gain: -60 } } });
  const restarted = await rawClient(core('Children Core').tcpPort);
  await door(CHILDREN, { restart: { awayMs: 50 } });
  await restarted.closed();
  await expect.poll(async () => (await door(CHILDREN)).body.isAway, { timeout: 40_000 }).toBe(false);
  expect((await door(CHILDREN)).body.values['Children Gain']).toMatchObject({ gain: '-18.0dB' });

  expect((await door(PAIR, { state: 'Standby' })).body.status.State).toBe('Standby');
  expect((await door('/cores/Sound%20Core%20backup')).body.status.State).toBe('Active');
});

test.each<[unknown, string | null]>([
  [{ fault: { kind: 'bored' } }, 'fault.kind'],
  [{ fault: { kind: 'slow' } }, 'fault.delayMs'],
  [{ fault: { kind: 'clampsSets', minPosition: 1, maxPosition: 0.5 } }, 'fault.minPosition'],
  [{ faults: null }, 'faults'],
  [{ drop: false }, 'drop'],
  [{ restart: { awayMs: -1 } }, 'restart.awayMs'],
  [{ restart: {} }, 'restart.awayMs'],
  [{ state: 'Asleep' }, 'state'],
  [{ status: { code: 9, text: '' } }, 'status.code'],
  [{ values: { Nobody: { gain: 1 } } }, 'values.Nobody.gain'],
  [{ values: { 'Foyer Gain': { bass: 1 } } }, 'values.Foyer Gain.bass'],
  [{ values: { 'Foyer Gain': { mute: true, gain: 'loud' } } }, 'values.Foyer Gain.gain'],
  [{ values: { 'Foyer Gain': { gain: null } } }, 'values.Foyer Gain.gain'],
])('an order %j is refused, the field named is %s, and nothing is changed', async (body, field) => {
  const { door } = await aMuseum();
  expect(await door(PAIR, body)).toMatchObject({
    status: 400,
    body: { field, error: expect.stringContaining(field ?? '') },
  });
  const { fault, values } = (await door(PAIR)).body;
  expect([fault, values['Foyer Gain'].mute]).toEqual([null, 'unmuted']);
});

test('Cores that are not there have no door, and a museum for load tests has no Cores', async () => {
  expect((await (await aMuseum()).door('/cores/Nobody', { fault: null })).status).toBe(404);
  expect((await (await aMuseum({ count: 2 })).door('/cores')).body).toEqual({ cores: [] });
});

test('Cores keep their ports from one start to the next', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-cores-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const stateFile = join(folder, 'ports.json');
  const first = await aMuseum({ stateFile });
  const ports = first.cores.map(({ tcpPort, webSocketPort }) => [tcpPort, webSocketPort]);
  await first.close();
  const second = await aMuseum({ stateFile });
  expect(second.cores.map(({ tcpPort, webSocketPort }) => [tcpPort, webSocketPort])).toEqual(ports);
});
