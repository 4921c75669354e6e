// graphql-ws over ws with nothing around it: what any server of websockets in Node pays. Told anything, it sends one event to all.
import { buildSchema, type ExecutionResult } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Query { cursor: String } type Subscription { changed(after: String): Change }
  type Change { cursor: String! at: String! to: String! device: Device } type Device { id: ID! name: String! }`);
const waiting = new Set<(result: IteratorResult<ExecutionResult>) => void>();
let position = 0;

const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/graphql', perMessageDeflate: false });
useServer(
  {
    schema,
    subscribe: () => {
      const events: AsyncIterableIterator<ExecutionResult> = {
        next: () => new Promise((resolve) => waiting.add(resolve)),
        return: () => Promise.resolve({ done: true, value: undefined }),
        throw: (err) => Promise.reject(err),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
      return events as AsyncGenerator<ExecutionResult>;
    },
  },
  wss,
);
wss.on('listening', () => {
  const { port } = wss.address() as { port: number };
  process.send?.({ url: `http://127.0.0.1:${port}/graphql` });
});
process.on('message', () => {
  position += 1;
  const cursor = Buffer.from(`be9c4000:${position}`).toString('base64url');
  const device = { id: 'd1', name: 'Display d1' };
  const value = { data: { changed: { cursor, at: `${Date.now()}`, to: 'OFFLINE', device } } };
  const woken = [...waiting];
  waiting.clear();
  for (const resolve of woken) resolve({ done: false, value });
  process.send?.({ appended: position });
});
process.on('disconnect', () => process.exit(0));
