import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { ERROR } from './errors.ts';
import { type Fault, faultSchema, garbageFor, unevenPieces } from './faults.ts';
import { aCore } from './testing/a-core.ts';

const label = { Name: 'Café Gain', Controls: [{ Name: 'label' }] };

async function aFaultyCore(fault: Fault) {
  const { core, client } = await aCore();
  const one = await client();
  await one.ask('NoOp');
  core.setFault(fault);
  const number = (name = 'CafeGain') => core.design.named(name).state.number;
  const set = (value: number) => one.ask('Control.Set', { Name: 'CafeGain', Value: value });
  return { core, client: one, connect: client, set, number };
}

test('a silent Core takes connections and requests, and says nothing, until it is mended', async () => {
  const { core, client, connect, number } = await aFaultyCore({ kind: 'silent' });
  client.send({ jsonrpc: '2.0', method: 'Control.Set', id: 2, params: { Name: 'CafeGain', Value: -20 } });
  const late = await connect();
  await expect.poll(() => number()).toBe(-20);
  expect([client.messages.length, late.messages.length]).toEqual([2, 0]);
  core.setFault(null);
  expect((await client.ask('NoOp', {}, 3)).result).toBe(true);
  expect(client.messages.map(({ id }) => id)).toEqual([undefined, 1, 3]);
});

test('a slow Core says everything late, and in order', async () => {
  const { client } = await aFaultyCore({ kind: 'slow', delayMs: 150 });
  const startedAt = performance.now();
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 2 });
  expect((await client.ask('StatusGet', {}, 3)).result).toMatchObject({ State: 'Active' });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(145);
  expect(client.messages.map(({ id }) => id)).toEqual([undefined, 1, 2, 3]);
});

test.each(['randomBytes', 'notJson', 'truncated', 'wrongShape', 'unknownId', undefined] as const)(
  'a Core that sends garbage (%s) sends no answer, and greets soundly',
  async (style) => {
    const { core, client, connect } = await aFaultyCore({ kind: 'garbage', style });
    const { bytes } = client.state;
    for (let id = 10; id < 20; id++) client.send({ jsonrpc: '2.0', method: 'StatusGet', id });
    await expect.poll(() => client.state.bytes).toBeGreaterThan(bytes);
    const late = await connect();
    await expect.poll(() => late.pushed('EngineStatus').length).toBe(1);
    core.setFault(null);
    expect((await client.ask('NoOp', {}, 'sound')).result).toBe(true);
    expect(client.messages.filter(({ id, result }) => Number(id) >= 10 && result !== undefined)).toEqual([]);
  },
);

test('garbage that is drawn repeats with its seed', () => {
  const numbers = [0.3, 0.5, 0.7, 0.1];
  const draw = () => {
    const left = [...numbers, ...Array<number>(2_000).fill(0.5)];
    return garbageFor('{"jsonrpc":"2.0"}', undefined, () => left.shift() ?? 0);
  };
  expect(draw()).toEqual(draw());
});

test.each([true, false])(
  'a Core drops the connection in the middle of a message, and the next one, too',
  async (isMended) => {
    const { core, client, connect } = await aFaultyCore({ kind: 'dropsMidFrame' });
    client.send({ jsonrpc: '2.0', method: 'StatusGet', id: 5 });
    await client.closed();
    const sent = Buffer.concat(client.chunks).toString();
    // Half of an answer, without its end.
    expect(sent.slice(sent.lastIndexOf('\0') + 1)).toMatch(/^\{"jsonrpc":"2.0","id":5,"result":\{"Platform".*[^}]$/);
    if (isMended) core.setFault(null);
    const next = await connect();
    if (isMended) expect((await next.ask('NoOp')).result).toBe(true);
    else next.send({ jsonrpc: '2.0', method: 'NoOp', id: 1 });
    if (!isMended) await next.closed();
  },
);

test('a Core stalls in the middle of a message, and says nothing more on that connection', async () => {
  const { core, client, connect } = await aFaultyCore({ kind: 'stallsMidFrame' });
  const { bytes } = client.state;
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 5 });
  await expect.poll(() => client.state.bytes).toBe(bytes + 19);
  core.setFault(null);
  expect((await (await connect()).ask('NoOp')).result).toBe(true);
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 6 });
  expect((await (await connect()).ask('NoOp')).result).toBe(true);
  expect([client.state.bytes, client.state.isClosed]).toEqual([bytes + 19, false]);
});

test('messages in pieces that end inside of characters are whole when they are put together', async () => {
  const { client } = await aFaultyCore({ kind: 'splitsFrames', gapMs: 1 });
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 5 });
  expect((await client.ask('Component.Get', label)).result).toMatchObject({
    Name: 'Café Gain',
    Controls: [{ String: 'naïve 🎻 نص' }],
  });
  expect(client.messages.map(({ id }) => id)).toEqual([undefined, 1, 5, 2]);
  // The second chunk begins inside of a character.
  expect(client.chunks.some((chunk) => ((chunk[0] ?? 0) & 0xc0) === 0x80)).toBe(true);
});

test('pieces cut every character of more than one byte', () => {
  const text = `"é🎻ن"${'x'.repeat(200)}`;
  const pieces = unevenPieces(text);
  expect(Buffer.concat(pieces).toString()).toBe(text);
  expect(pieces.map((piece) => piece.length)).toEqual([2, 2, 1, 1, 2, 64, 64, 64, 10]);
});

test('a message without an end comes and comes, and ends when the fault is taken away', async () => {
  const { core, client } = await aFaultyCore({ kind: 'endlessFrame' });
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 5 });
  await expect.poll(() => client.state.bytes, { interval: 1 }).toBeGreaterThan(2_000_000);
  expect(client.messages).toHaveLength(2);
  core.setFault(null);
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 6 });
  expect((await client.answerTo(6)).result).toBe(true);
  expect(client.messages[2]).toMatchObject({ method: 'EngineStatus' });
});

test('a message of many bytes has just as many, and what follows it is sound', async () => {
  const { core, client } = await aFaultyCore({ kind: 'endlessFrame', bytes: 3_000_000 });
  const { bytes } = client.state;
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 5 });
  await expect.poll(() => client.state.bytes, { interval: 1 }).toBeGreaterThanOrEqual(bytes + 3_000_001);
  expect(client.state.bytes).toBe(bytes + 3_000_001);
  core.setFault(null);
  expect((await client.ask('NoOp', {}, 6)).result).toBe(true);
});

test('a client that goes away in the middle of an endless message ends it', async () => {
  const { core, client, connect } = await aFaultyCore({ kind: 'endlessFrame' });
  client.send({ jsonrpc: '2.0', method: 'NoOp', id: 5 });
  await expect.poll(() => client.state.bytes, { interval: 1 }).toBeGreaterThan(500_000);
  client.socket.destroy();
  await expect.poll(() => core.connections).toBe(0);
  core.setFault(null);
  expect((await (await connect()).ask('NoOp')).result).toBe(true);
});

test.each(Object.entries(ERROR) as [keyof typeof ERROR, number][])('refuses sets with %s', async (error, code) => {
  const { core, set, client, number } = await aFaultyCore({ kind: 'refusesSets', error });
  expect((await set(-20)).error).toMatchObject({ code });
  expect((await client.ask('Mixer.SetInputGain', { Name: 'Mixer', Inputs: '1', Value: 0 })).error).toMatchObject({
    code,
  });
  expect((await client.ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -6 }]);
  expect([number(), core.setsReceived]).toEqual([-6, 2]);
});

test('ignores sets, and answers as ever', async () => {
  const { core, set } = await aFaultyCore({ kind: 'ignoresSets' });
  expect((await set(-20)).result).toMatchObject({ Name: 'CafeGain', Value: -6 });
  expect(core.setsReceived).toBe(1);
});

test('takes numbers only so far', async () => {
  const { set, client } = await aFaultyCore({ kind: 'clampsSets', minPosition: 0.25, maxPosition: 0.5 });
  expect((await set(0)).result).toMatchObject({ Value: -40 });
  expect((await set(-100)).result).toMatchObject({ Value: -70 });
  expect((await set(-60)).result).toMatchObject({ Value: -60 });
  expect((await client.ask('Control.Set', { Name: 'CafeMute', Value: true })).result).toMatchObject({ Value: 1 });
});

test('obeys late, though the fault was taken away', async () => {
  const { core, set, number } = await aFaultyCore({ kind: 'obeysLate', delayMs: 100 });
  const startedAt = performance.now();
  expect((await set(-20)).result).toMatchObject({ Value: -6 });
  core.setFault(null);
  await expect.poll(() => number(), { interval: 5, timeout: 40_000 }).toBe(-20);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(95);
});

test.each([true, false])('drops the connection at a set (obeys: %s), and answers what is no set', async (obeys) => {
  const { core, client, connect, number } = await aFaultyCore({ kind: 'dropsAtSet', obeys });
  expect((await client.ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -6 }]);
  client.send({ jsonrpc: '2.0', method: 'Control.Set', id: 'set', params: { Name: 'CafeGain', Value: -20 } });
  await client.closed();
  expect(client.messages.some(({ id }) => id === 'set')).toBe(false);
  expect([number(), core.setsReceived]).toEqual([obeys ? -20 : -6, 1]);
  expect((await (await connect()).ask('NoOp')).result).toBe(true);
});

test.each<Fault>([
  { kind: 'refusesSets', error: 'server' },
  { kind: 'ignoresSets' },
  { kind: 'obeysLate', delayMs: 1 },
  { kind: 'dropsAtSet', obeys: true },
])('a wrong set is refused as ever with %j, and not counted', async (fault) => {
  const { core, client } = await aFaultyCore(fault);
  expect((await client.ask('Control.Set', { Name: 'Nobody', Value: 1 })).error).toMatchObject({ code: 8 });
  expect(core.setsReceived).toBe(0);
});

test('connections can be dropped at once', async () => {
  const { core, client } = await aFaultyCore({ kind: 'silent' });
  core.dropConnections();
  await client.closed();
});

async function aFaultyWebSocket(fault: Fault) {
  const { core } = await aCore();
  const socket = new WebSocket(core.webSocketUrl);
  onTestFinished(() => socket.terminate());
  const messages: string[] = [];
  const errors: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  socket.on('error', (err) => errors.push(err.message));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'open');
  await expect.poll(() => messages.length).toBe(1);
  core.setFault(fault);
  socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'Component.Get', params: label, id: 1 }));
  return { messages, errors, closed };
}

test('over a websocket messages come in fragments that end inside of characters', async () => {
  const { messages, errors } = await aFaultyWebSocket({ kind: 'splitsFrames', gapMs: 0 });
  await expect.poll(() => messages.length).toBe(2);
  expect(JSON.parse(messages[1] ?? '')).toMatchObject({ result: { Controls: [{ String: 'naïve 🎻 نص' }] } });
  expect(errors).toEqual([]);
});

test.each<[Fault, RegExp | null]>([
  [{ kind: 'dropsMidFrame' }, null],
  // RFC 6455 8.1: a text message that is no UTF-8 ends the connection.
  [{ kind: 'garbage', style: 'randomBytes' }, /UTF-8/],
])('over a websocket %j ends the connection, and no message comes', async (fault, error) => {
  const { messages, errors, closed } = await aFaultyWebSocket(fault);
  await closed;
  expect(messages).toHaveLength(1);
  expect(errors).toEqual(error === null ? [] : [expect.stringMatching(error)]);
});

test.each([
  [{ kind: 'slow' }],
  [{ kind: 'slow', delayMs: 0 }],
  [{ kind: 'slow', delayMs: 5, loud: true }],
  [{ kind: 'garbage', style: 'nice' }],
  [{ kind: 'refusesSets', error: 'bored' }],
  [{ kind: 'clampsSets', minPosition: 0.6, maxPosition: 0.5 }],
  [{ kind: 'clampsSets', maxPosition: 1.1 }],
  [{ kind: 'dropsAtSet' }],
  [{ kind: 'endlessFrame', bytes: 0 }],
  [{ kind: 'bored' }],
])('%j is no fault', (fault) => {
  expect(faultSchema.safeParse(fault).success).toBe(false);
});
