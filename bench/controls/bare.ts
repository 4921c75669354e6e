// A bare QRC client: a socket, NULs and JSON, and the same change group, with nothing around it. Argument: the Core's port.
import { connect } from 'node:net';
import { components, places } from './design.ts';
import { receipts } from './receipts.ts';

const [port = ''] = process.argv.slice(2);
const { take } = receipts();
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
const decoder = new TextDecoder();
let rest = '';
let lastId = 0;
let isReady = false;
const send = (method: string, params: unknown): void => {
  lastId += 1;
  socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })}\0`);
};
const names = (component: string) =>
  places.filter((place) => place.component === component).map(({ name }) => ({ Name: name }));
for (const component of components)
  send('ChangeGroup.AddComponentControl', { Id: 'bare', Component: { Name: component, Controls: names(component) } });
send('ChangeGroup.AutoPoll', { Id: 'bare', Rate: 0.1 });
setInterval(() => send('NoOp', {}), 20_000);

type Change = { Component: string; Name: string; Value: number };
socket.on('data', (chunk: Buffer) => {
  const frames = (rest + decoder.decode(chunk, { stream: true })).split('\0');
  rest = frames.pop() ?? '';
  for (const frame of frames) {
    const { method, params }: { method?: string; params?: { Changes: Change[] } } = JSON.parse(frame);
    if (method !== 'ChangeGroup.Poll' || !params) continue;
    take(params.Changes.map(({ Component, Name, Value }) => ({ component: Component, name: Name, value: Value })));
    if (!isReady) process.send?.({ ready: true });
    isReady = true;
  }
});
// It has one life: the benchmark restarts the Core when it is done with this.
socket.on('error', () => {});
