import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { aClient, someCores, type Transport, targetOf } from '../testing/a-client.ts';
import {
  getComponents,
  getControls,
  getStatus,
  readComponent,
  readNamed,
  setComponent,
  setMixer,
  setNamed,
} from '../testing/calls.ts';
import type { Watch } from './watch.ts';

const BOTH: Transport[] = ['TCP', 'WEBSOCKET'];

const aWatch = (overrides: Partial<Watch> = {}): Watch => ({
  id: 'live',
  rateSeconds: 0.02,
  named: ['CafeGain'],
  components: [{ name: 'Café Gain', controls: ['mute', 'label'] }],
  ...overrides,
});

test.each(BOTH)('over %s reads the status, components, controls and values', async (transport) => {
  const { core } = await someCores();
  const { client, phase } = aClient(targetOf(core, transport));
  await phase('ready');
  expect(await getStatus(client)).toMatchObject({ kind: 'answered', value: { state: 'Active', designName: 'Café' } });
  expect(await getComponents(client)).toMatchObject({ value: [{ name: 'Café Gain', type: 'gain' }, {}, {}] });
  expect(await getControls(client, 'Amplifier')).toMatchObject({
    value: [
      { name: 'status', isReadOnly: true },
      { name: 'psu.temp', min: 0, max: 120, value: 41, text: '41.0°C', isReadOnly: true },
    ],
  });
  expect(await readNamed(client, ['CafeGain'])).toEqual({
    kind: 'answered',
    value: [{ name: 'CafeGain', value: -6, text: '-6.0dB', position: 0.78333333 }],
  });
  expect(await readComponent(client, 'Café Gain', ['label'])).toMatchObject({ value: [{ text: 'naïve 🎻 نص' }] });
});

test.each(BOTH)('over %s sets named controls, components and mixers, once each', async (transport) => {
  const { core } = await someCores();
  const { client, phase } = aClient(targetOf(core, transport));
  await phase('ready');
  const ok = { kind: 'answered', value: 'ACCEPTED' };
  expect(await setNamed(client, 'CafeGain', { position: 0.5 })).toEqual(ok);
  expect(await setComponent(client, 'Café Gain', [{ name: 'mute', value: true }])).toEqual(ok);
  const cross = { method: 'SetCrossPointGain', name: 'Mixer', inputs: '1', outputs: '2-3', value: -3 } as const;
  expect(await setMixer(client, cross)).toEqual(ok);
  expect(await readComponent(client, 'Mixer', ['input.1.output.3.gain'])).toMatchObject({ value: [{ value: -3 }] });
  expect(await readNamed(client, ['CafeGain', 'CafeMute'])).toMatchObject({ value: [{ value: -40 }, { value: 1 }] });
  expect(core.setsReceived).toBe(3);
});

test('every refusal has a word of its own', async () => {
  const { core } = await someCores();
  const { client, phase } = aClient(targetOf(core, 'TCP'));
  await phase('ready');
  expect(await readNamed(client, ['Nobody'])).toMatchObject({ kind: 'refused', reason: 'UNKNOWN_CONTROL', code: 8 });
  expect(await getControls(client, 'Nobody')).toMatchObject({ kind: 'refused', reason: 'UNKNOWN_COMPONENT', code: 7 });
  expect(await setNamed(client, 'CafeGain', { value: 'loud' })).toMatchObject({ reason: 'INVALID_PARAMS' });
  const unknown = await setComponent(client, 'Café Gain', [
    { name: 'bass', value: 1 },
    { name: 'gain', value: -1 },
  ]);
  expect(unknown).toMatchObject({
    kind: 'refused',
    reason: 'UNKNOWN_CONTROL',
    message: expect.stringContaining('bass'),
  });
  const mixer = { method: 'SetInputGain', name: 'Mixer', inputs: '99', value: 0 } as const;
  expect(await setMixer(client, mixer)).toMatchObject({ reason: 'ILLEGAL_CHANNEL' });
  expect(await client.call('Bogus', {}, z.unknown())).toMatchObject({ reason: 'METHOD_NOT_FOUND' });
  expect(await client.call('ChangeGroup.Poll', { Id: 'none' }, z.unknown())).toMatchObject({
    reason: 'UNKNOWN_CHANGE_GROUP',
  });
  core.setFault({ kind: 'refusesSets', error: 'server' });
  expect(await setNamed(client, 'CafeGain', { value: 0 })).toMatchObject({ reason: 'SERVER_ERROR', code: -32603 });
});

test.each(BOTH)('over %s the values of a watch are live', async (transport) => {
  const { core } = await someCores();
  const { client, values, told } = aClient(targetOf(core, transport), { watches: [aWatch()] });
  await expect.poll(values, { interval: 5 }).toEqual({ '/CafeGain': -6, 'Café Gain/mute': 0, 'Café Gain/label': 0 });
  core.design.happen(core.design.named('CafeGain'), { number: -20, text: '' });
  await setComponent(client, 'Café Gain', [{ name: 'mute', value: true }]);
  await expect.poll(values, { interval: 5 }).toMatchObject({ '/CafeGain': -20, 'Café Gain/mute': 1 });
  expect(told.watched).toMatchObject([{ id: 'live', made: { kind: 'made', unknown: [] } }]);
});

test('a watch says what the design lacks, and watches the rest', async () => {
  const { core } = await someCores();
  const watch = aWatch({
    named: ['CafeGain', 'Nobody'],
    components: [
      { name: 'Café Gain', controls: ['mute', 'bass', 'treble'] },
      { name: 'Cellar', controls: ['gain'] },
    ],
  });
  const { told, values } = aClient(targetOf(core, 'TCP'), { watches: [watch] });
  await expect.poll(() => told.watched.length).toBe(1);
  expect(told.watched[0]?.made).toMatchObject({
    unknown: [
      { component: null, name: 'Nobody' },
      { component: 'Café Gain', name: 'bass' },
      { component: 'Café Gain', name: 'treble' },
      { component: 'Cellar', name: null },
    ],
  });
  await expect.poll(values).toEqual({ '/CafeGain': -6, 'Café Gain/mute': 0 });
});

test.each(BOTH)('over %s after a restart the watches are made again, and the values are right', async (transport) => {
  const { core } = await someCores();
  const { client, values, losses, told } = aClient(targetOf(core, transport), { watches: [aWatch()] });
  await expect.poll(values).toMatchObject({ '/CafeGain': -6 });
  await setNamed(client, 'CafeGain', { value: -33 });
  await expect.poll(values).toMatchObject({ '/CafeGain': -33 });
  await core.restart({ awayMs: 150 });
  const backAt = performance.now();
  await expect.poll(values, { interval: 5, timeout: 40_000 }).toMatchObject({ '/CafeGain': -6 });
  expect(performance.now() - backAt).toBeLessThan(10_000);
  expect(losses()[0]).toBe('CLOSED_BY_CORE');
  expect(told.watched.at(-1)?.made).toMatchObject({ kind: 'made' });
  expect(core.setsReceived).toBe(1);
});

test('logs on; a refused logon is said, and not tried at once again', async () => {
  const { core } = await someCores({ core: { user: { name: 'museum', password: 'sound' } } });
  const target = targetOf(core, 'TCP');
  const good = aClient(target, { logon: { user: 'museum', password: 'sound' }, watches: [aWatch()] });
  await expect.poll(good.values).toMatchObject({ '/CafeGain': -6 });
  for (const setup of [{ logon: { user: 'museum', password: 'wrong' } }, {}]) {
    const { client, phase, losses } = aClient(target, setup);
    await phase('waiting');
    expect(losses()).toEqual(['LOGON_REFUSED']);
    expect(client.state).toMatchObject({ phase: 'waiting', retryInMs: 30_000 });
    expect(await getStatus(client)).toMatchObject({
      kind: 'notSent',
      detail: expect.stringContaining('LOGON_REFUSED'),
    });
  }
});

test('a Core on standby is told apart, and its watches are made when it takes over', async () => {
  const { core, backup } = await someCores({ isPair: true });
  const active = aClient(targetOf(core, 'TCP'), { watches: [aWatch()] });
  const standby = aClient(targetOf(backup, 'WEBSOCKET'), { watches: [aWatch()] });
  await expect.poll(() => standby.client.state).toEqual({ phase: 'ready', isStandby: true });
  await expect.poll(active.values).toMatchObject({ '/CafeGain': -6 });
  expect(await setNamed(standby.client, 'CafeGain', { value: 0 })).toMatchObject({
    kind: 'refused',
    reason: 'STANDBY',
  });
  expect(standby.told.watched).toEqual([]);
  backup.setState('Active');
  await expect.poll(() => standby.client.state).toEqual({ phase: 'ready', isStandby: false });
  await expect.poll(() => active.client.state).toEqual({ phase: 'ready', isStandby: true });
  await setNamed(standby.client, 'CafeGain', { value: -1 });
  await expect.poll(standby.values).toMatchObject({ '/CafeGain': -1 });
  expect(active.values()).toMatchObject({ '/CafeGain': -6 });
});

test('says NoOp often enough to outlive the silence that a Core allows', async () => {
  const { core } = await someCores({ silenceMs: 400 });
  const { client, phase, losses } = aClient(targetOf(core, 'TCP'), { options: { keepAliveMs: 50 } });
  await phase('ready');
  const silent = aClient(targetOf(core, 'TCP'), { options: { keepAliveMs: 60_000 } });
  // Long enough for a client that says nothing to be dropped.
  await expect.poll(silent.losses, { timeout: 40_000 }).toContain('CLOSED_BY_CORE');
  expect([client.state.phase, losses()]).toEqual(['ready', []]);
});

test('what is not connected sends nothing, and says why; a port that refuses is tried again', async () => {
  const { core } = await someCores();
  const target = targetOf(core, 'TCP');
  const restarted = core.restart({ awayMs: 300 });
  const { client, phase, losses } = aClient(target);
  await phase('waiting');
  expect(await setNamed(client, 'CafeGain', { value: 0 })).toMatchObject({ kind: 'notSent', reason: 'NOT_CONNECTED' });
  await restarted;
  await phase('ready');
  expect(new Set(losses())).toEqual(new Set(['CONNECT_FAILED']));
  expect(core.setsReceived).toBe(0);
});

test('an address that is none is a failure to connect', async () => {
  const { losses, phase } = aClient({ transport: 'TCP', host: '127.0.0.1', port: 70_000 });
  await phase('waiting');
  expect(losses()).toEqual(['CONNECT_FAILED']);
});

test('a peer that takes the connection and then nothing happens is given up', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await expect.poll(() => server.address()).not.toBeNull();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { losses } = aClient({ transport: 'TCP', host: '127.0.0.1', port }, { options: { callTimeoutMs: 60 } });
  await expect.poll(losses, { timeout: 40_000 }).toContain('NO_ANSWER');
});

test.each(BOTH)('over %s can watch something else, over the same connection', async (transport) => {
  const { core } = await someCores();
  const { client, values, told } = aClient(targetOf(core, transport), { watches: [aWatch()] });
  await expect.poll(values).toMatchObject({ '/CafeGain': -6 });
  // The second is asked for while the first is still being made.
  client.watch([aWatch({ named: [], components: [{ name: 'Café Gain', controls: ['label', 'nothing', 'none'] }] })]);
  client.watch([aWatch({ named: ['CafeMute'], components: [{ name: 'Amplifier', controls: ['psu.temp'] }] })]);
  await expect.poll(values).toMatchObject({ '/CafeMute': 0, 'Amplifier/psu.temp': 41 });
  expect([core.changeGroups, core.connections]).toEqual([1, 1]);
  told.changes.length = 0;
  core.design.happen(core.design.named('CafeGain'), { number: -20, text: '' });
  core.design.happen(core.design.named('AmplifierTemperature'), { number: 50, text: '' });
  // The first push, which may still come, has all that was added.
  await expect.poll(values).toMatchObject({ 'Amplifier/psu.temp': 50 });
  expect(values()).not.toHaveProperty(['/CafeGain']);
  client.watch([]);
  await expect.poll(() => core.changeGroups).toBe(0);
  expect(() => client.watch(['1', '2', '3', '4', '5'].map((id) => aWatch({ id })))).toThrow(/4 change groups/);
});

test('a large component is watched by requests of a bearable size', async () => {
  const { core } = await someCores();
  const mixer = [...core.design.component('Mixer').controls.keys()];
  const many = Array.from({ length: 13 }, () => mixer).flat();
  expect(many.length).toBeGreaterThan(500);
  const { values, told } = aClient(targetOf(core, 'TCP'), {
    watches: [aWatch({ named: [], components: [{ name: 'Mixer', controls: many }] })],
  });
  await expect.poll(() => Object.keys(values()).length).toBe(mixer.length);
  expect(told.watched[0]?.made).toMatchObject({ kind: 'made', unknown: [] });
});
