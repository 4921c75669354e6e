// One subscriber that counts what it gets. Arguments: the websocket's address and the subscription. Told {expect: n}, it says
// when it has that many: how long the last one took to come, and whether they came once each and in order.
import { WebSocket } from 'ws';

const [url = '', query = '', after] = process.argv.slice(2);
const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
let count = 0;
let expected = Number.POSITIVE_INFINITY;
let last = '';
let lastPosition = -1;
let isOrdered = true;
let failure: string | null = null;

const positionOf = (text: string): number => {
  const cursor = /"cursor":"([^"]+)"/.exec(text)?.[1] ?? '';
  return Number(Buffer.from(cursor, 'base64url').toString().split(':')[1]);
};
const report = (): void => {
  const at = Number(/"at":"(\d+)"/.exec(last)?.[1]);
  process.send?.({ count, lagMs: Date.now() - at, isOrdered, failure });
  expected = Number.POSITIVE_INFINITY;
  count = 0;
};
socket.on('open', () => socket.send('{"type":"connection_init"}'));
socket.on('message', (data) => {
  const text = String(data);
  if (text.startsWith('{"type":"connection_ack"')) {
    const payload = { query, variables: { after: after ?? null } };
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
    setTimeout(() => process.send?.({ ready: true }), 300);
  } else if (text.startsWith('{"type":"ping"')) {
    socket.send('{"type":"pong"}');
  } else if (text.includes('"type":"next"')) {
    last = text;
    count += 1;
    const position = positionOf(text);
    if (lastPosition !== -1 && position !== lastPosition + 1) isOrdered = false;
    lastPosition = position;
    if (count >= expected) report();
  } else {
    failure = text;
    report();
  }
});
socket.on('close', () => {
  failure ??= 'closed';
  if (expected !== Number.POSITIVE_INFINITY) report();
});
process.on('message', ({ expect }: { expect: number }) => {
  expected = expect;
  if (count >= expected || failure !== null) report();
});
process.on('disconnect', () => process.exit(0));
