import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { NulFrames } from './tcp.ts';
import { aCore } from './testing/a-core.ts';

const MEBIBYTE = 1_048_576;

/** A client over the websocket that knows no more of QRC than JSON. */
async function aWebSocket(url: string) {
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  const messages: { data: string; isBinary: boolean }[] = [];
  socket.on('message', (data: Buffer, isBinary) => messages.push({ data: data.toString(), isBinary }));
  socket.on('error', () => undefined);
  await once(socket, 'open');
  const bodies = () => messages.map(({ data }) => JSON.parse(data));
  return { socket, messages, bodies };
}

const request = (id: number, method: string, params: unknown = {}): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\0`;

test('several requests in one chunk are answered in their order', async () => {
  const { write, messages } = await (await aCore()).client();
  write(request(1, 'Control.Set', { Name: 'CafeGain', Value: -1 }) + request(2, 'NoOp') + request(3, 'StatusGet'));
  await expect.poll(() => messages.length).toBe(4);
  expect(messages.map(({ id }) => id)).toEqual([undefined, 1, 2, 3]);
});

test('a request may come byte by byte, its characters cut in two', async () => {
  const { write, answerTo, socket } = await (await aCore()).client();
  for (const octet of Buffer.from(request(1, 'Component.Get', { Name: 'Café Gain', Controls: [{ Name: 'label' }] }))) {
    write(Buffer.from([octet]));
    await new Promise((resolve) => socket.write('', resolve));
  }
  expect((await answerTo(1)).result).toMatchObject({ Controls: [{ String: 'naïve 🎻 نص' }] });
});

test('empty messages and line ends between messages are passed over', async () => {
  const { write, answerTo, messages } = await (await aCore()).client();
  write(`\0\0\r\n\0\n${request(1, 'NoOp')}`);
  expect((await answerTo(1)).result).toBe(true);
  expect(messages).toHaveLength(2);
});

test.each([
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x00])],
  ['a message over the limit', Buffer.alloc(MEBIBYTE + 2, 'x')],
])('after %s the connection is closed', async (_what, octets) => {
  const { client } = await aCore();
  const { write, closed } = await client();
  write(octets);
  await closed();
  expect((await (await client()).ask('NoOp')).result).toBe(true);
});

test('frames are cut at their NULs, however the chunks fall, and none is kept past the limit', () => {
  const stream = Buffer.from('alpha\0\0βeta\0half');
  for (let cut = 0; cut <= stream.length; cut++) {
    const frames = new NulFrames();
    const found = [...frames.push(stream.subarray(0, cut)), ...frames.push(stream.subarray(cut))];
    expect(found.map(String)).toEqual(['alpha', '', 'βeta']);
  }
  const frames = new NulFrames();
  expect(frames.push(Buffer.alloc(MEBIBYTE, 'x'))).toEqual([]);
  expect(frames.push(Buffer.from('x'))).toEqual([null]);
  expect(frames.push(Buffer.alloc(MEBIBYTE, 'x'))).toEqual([]);
  expect(frames.push(Buffer.from('\0next\0')).map((frame) => frame && String(frame))).toEqual([null, 'next']);
});

test('over a websocket each message is a text message of its own, without a NUL', async () => {
  const { core } = await aCore();
  const { socket, messages, bodies } = await aWebSocket(core.webSocketUrl);
  expect(new URL(core.webSocketUrl).pathname).toBe('/qrc-public-api/v0');
  socket.send('{"jsonrpc":"2.0","method":"Control.Get","params":["CafeGain"],"id":"a"}');
  await expect.poll(() => messages.length).toBe(2);
  expect(messages.some(({ data, isBinary }) => isBinary || data.includes('\0'))).toBe(false);
  expect(bodies()).toMatchObject([{ method: 'EngineStatus' }, { id: 'a', result: [{ Value: -6 }] }]);
});

test('over a websocket, too, a client that says nothing is dropped', async () => {
  const { core } = await aCore({ silenceMs: 100 });
  const { socket } = await aWebSocket(core.webSocketUrl);
  await once(socket, 'close');
  await expect.poll(() => core.connections).toBe(0);
});

test.each([
  ['binary', Buffer.from('{"jsonrpc":"2.0","method":"NoOp","id":1}')],
  ['too long', 'x'.repeat(MEBIBYTE + 1)],
])('a websocket message that is %s ends the connection', async (_what, message) => {
  const { core } = await aCore();
  const { socket } = await aWebSocket(core.webSocketUrl);
  socket.send(message);
  await once(socket, 'close');
  await expect.poll(() => core.connections).toBe(0);
});

test('no websocket is served elsewhere, and no page', async () => {
  const { core } = await aCore();
  const elsewhere = new WebSocket(`ws://127.0.0.1:${core.webSocketPort}/`);
  onTestFinished(() => elsewhere.terminate());
  const [err] = await once(elsewhere, 'error');
  expect(String(err)).toContain('400');
  expect((await fetch(`http://127.0.0.1:${core.webSocketPort}/qrc-public-api/v0`)).status).toBe(404);
});

test('change groups end with their connection', async () => {
  const { core, client } = await aCore();
  const { ask, socket } = await client();
  await ask('ChangeGroup.AddControl', { Id: 'g', Controls: ['CafeGain'] });
  expect([core.connections, core.changeGroups]).toEqual([1, 1]);
  socket.destroy();
  await expect.poll(() => [core.connections, core.changeGroups]).toEqual([0, 0]);
});
