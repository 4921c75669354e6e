import type { Fault } from '@wheelhouse/simulators/qsys/faults.ts';
import { expect, test } from 'vitest';
import { aClient, someCores, type Transport, targetOf } from '../testing/a-client.ts';
import { readComponent, readNamed, setNamed } from '../testing/calls.ts';
import type { QrcClientOptions } from './client.ts';
import { FrameTooLargeError, NulFrames } from './frames.ts';
import { readMessage } from './message.ts';

const BOTH: Transport[] = ['TCP', 'WEBSOCKET'];
const WATCH = { id: 'live', rateSeconds: 0.02, named: ['CafeGain'], components: [] };

async function aFaultyCore(fault: Fault, transport: Transport, options: Partial<QrcClientOptions> = {}) {
  const { core } = await someCores();
  const one = aClient(targetOf(core, transport), { options: { callTimeoutMs: 400, ...options }, watches: [WATCH] });
  await expect.poll(one.values).toMatchObject({ '/CafeGain': -6 });
  core.setFault(fault);
  return { core, ...one };
}

/** The client is as it was, and has what is true now. */
async function recovers({ core, client, values }: Awaited<ReturnType<typeof aFaultyCore>>) {
  core.setFault(null);
  core.design.happen(core.design.named('CafeGain'), { number: -77, text: '' });
  await expect.poll(values, { interval: 5, timeout: 40_000 }).toMatchObject({ '/CafeGain': -77 });
  await expect.poll(async () => (await readNamed(client, ['CafeGain'])).kind, { timeout: 40_000 }).toBe('answered');
}

const styles = ['randomBytes', 'notJson', 'truncated', 'wrongShape', 'unknownId'] as const;
const cases = BOTH.flatMap((transport) => styles.map((style) => [transport, style] as const));

test.each(cases)('over %s garbage (%s) is no answer, and once it ends all is well', async (transport, style) => {
  const one = await aFaultyCore({ kind: 'garbage', style }, transport);
  const result = await readNamed(one.client, ['CafeGain']);
  expect(['unanswered', 'malformed']).toContain(result.kind);
  await recovers(one);
});

test.each(BOTH)('over %s a Core that sends nothing but garbage is given up, and tried again', async (transport) => {
  const one = await aFaultyCore({ kind: 'garbage', style: 'notJson' }, transport, { callTimeoutMs: 3_000 });
  const results = await Promise.all(Array.from({ length: 25 }, () => readNamed(one.client, ['CafeGain'])));
  expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['unanswered']));
  expect(one.losses()).toContain('GARBAGE');
  await recovers(one);
});

test.each(BOTH)('over %s messages cut inside of characters are read whole', async (transport) => {
  const { client } = await aFaultyCore({ kind: 'splitsFrames', gapMs: 1 }, transport, { callTimeoutMs: 5_000 });
  expect(await readComponent(client, 'Café Gain', ['label'])).toMatchObject({ value: [{ text: 'naïve 🎻 نص' }] });
});

test.each(BOTH)('over %s half a message and a dropped connection leave a call unanswered', async (transport) => {
  const one = await aFaultyCore({ kind: 'dropsMidFrame' }, transport);
  expect(await readNamed(one.client, ['CafeGain'])).toMatchObject({ kind: 'unanswered', reason: 'DROPPED' });
  await recovers(one);
});

test.each(BOTH)('over %s a Core that stalls is found out by its silence', async (transport) => {
  const one = await aFaultyCore({ kind: 'stallsMidFrame' }, transport, { keepAliveMs: 100 });
  expect(await readNamed(one.client, ['CafeGain'])).toMatchObject({ kind: 'unanswered' });
  await expect.poll(one.losses, { timeout: 40_000 }).toContain('NO_ANSWER');
  await recovers(one);
});

const tooLarge: [Transport, Fault][] = BOTH.flatMap((transport): [Transport, Fault][] => [
  [transport, { kind: 'endlessFrame' }],
  [transport, { kind: 'endlessFrame', bytes: 100_000_000 }],
]);

test.each(tooLarge)('over %s a message over the limit ends the connection: %j', async (transport, fault) => {
  const one = await aFaultyCore(fault, transport, { frameLimitBytes: 1_000_000, callTimeoutMs: 5_000 });
  const before = process.memoryUsage().rss;
  expect(await readNamed(one.client, ['CafeGain'])).toMatchObject({ kind: 'unanswered', reason: 'DROPPED' });
  expect(one.losses()[0]).toBe('FRAME_TOO_LARGE');
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  await recovers(one);
});

test.each(BOTH)('over %s a set that was cut off is not sent again, whether it was done or not', async (transport) => {
  for (const obeys of [true, false]) {
    const one = await aFaultyCore({ kind: 'dropsAtSet', obeys }, transport);
    const gain = one.core.design.named('CafeGain');
    expect(await setNamed(one.client, 'CafeGain', { value: -20 })).toMatchObject({
      kind: 'unanswered',
      reason: 'DROPPED',
    });
    await expect.poll(() => one.losses().length, { timeout: 40_000 }).toBeGreaterThan(0);
    await one.phase('ready');
    expect([one.core.setsReceived, gain.setsDone]).toEqual([1, obeys ? 1 : 0]);
    await recovers(one);
    expect(one.core.setsReceived).toBe(1);
  }
});

test('a slow Core is waited for until the deadline, and its late answer is for nobody', async () => {
  const { core, client } = await aFaultyCore({ kind: 'slow', delayMs: 700 }, 'TCP', { keepAliveMs: 60_000 });
  expect(await readNamed(client, ['CafeGain'])).toMatchObject({ kind: 'unanswered', reason: 'DEADLINE' });
  core.setFault(null);
  expect(await readNamed(client, ['CafeMute'])).toMatchObject({ value: [{ name: 'CafeMute' }] });
});

test('more calls than may wait for their answers are not sent', async () => {
  const { core, client } = await aFaultyCore({ kind: 'slow', delayMs: 50 }, 'TCP', {
    pendingLimit: 3,
    callTimeoutMs: 5_000,
  });
  const results = await Promise.all([1, 2, 3, 4].map((value) => setNamed(client, 'CafeGain', { value })));
  expect(results.map(({ kind }) => kind)).toEqual(['answered', 'answered', 'answered', 'notSent']);
  expect(results[3]).toMatchObject({ reason: 'BUSY' });
  expect(core.setsReceived).toBe(3);
});

test('frames are cut wherever the chunks fall, and one over the limit is an error however it comes', () => {
  const stream = Buffer.from('alpha\0\0βeta\0half');
  for (let cut = 0; cut <= stream.length; cut++) {
    const frames = new NulFrames(16);
    expect([...frames.push(stream.subarray(0, cut)), ...frames.push(stream.subarray(cut))].map(String)).toEqual([
      'alpha',
      '',
      'βeta',
    ]);
  }
  expect(new NulFrames(4).push(Buffer.from('four\0four\0'))).toHaveLength(2);
  expect(() => new NulFrames(4).push(Buffer.from('fives\0'))).toThrow(FrameTooLargeError);
  const slowly = new NulFrames(4);
  for (const letter of 'four') expect(slowly.push(Buffer.from(letter))).toEqual([]);
  expect(() => slowly.push(Buffer.from('s'))).toThrow(FrameTooLargeError);
});

test.each([
  [null],
  [''],
  ['{'],
  ['7'],
  ['null'],
  ['[]'],
  ['{}'],
  ['{"id":"1","result":true}'],
  ['{"id":null,"error":{"code":-32700,"message":"x"}}'],
  ['{"id":1,"error":"no"}'],
  ['{"method":7}'],
])('%j is garbage', (text) => {
  expect(readMessage(text)).toMatchObject({ kind: 'garbage' });
});

test.each([
  ['{"id":3,"result":true}', { kind: 'result', id: 3, result: true }],
  ['{"id":3,"result":null,"error":null}', { kind: 'result', id: 3, result: null }],
  ['{"id":3,"error":{"code":7}}', { kind: 'error', id: 3, error: { code: 7, message: '' } }],
  ['{"method":"ChangeGroup.Poll","params":[1]}', { kind: 'notification', method: 'ChangeGroup.Poll', params: [1] }],
  ['{"method":"ChangeGroup.Poll","result":[1]}', { kind: 'notification', method: 'ChangeGroup.Poll', params: [1] }],
])('%s is what a Core says', (text, message) => {
  expect(readMessage(text)).toEqual(message);
});
