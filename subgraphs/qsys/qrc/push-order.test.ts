import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { aClient } from '../testing/a-client.ts';

const WATCH = { id: 'live', rateSeconds: 0.02, named: ['CafeGain'], components: [] };
const STATUS = { State: 'Active', DesignName: 'Café', DesignCode: 'abc', IsRedundant: false, IsEmulator: false };
const poll = (value: number) => ({ Id: 'live', Changes: [{ Name: 'CafeGain', Value: value, String: `${value}` }] });

test('a push that comes in one piece with the first values is newer than those', async () => {
  const frame = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\0`;
  const core = createServer((socket) => {
    let rest = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      const frames = (rest + text).split('\0');
      rest = frames.pop() ?? '';
      for (const { id, method } of frames.map((one) => JSON.parse(one))) {
        if (method === 'StatusGet')
          socket.write(frame({ id, result: { ...STATUS, Status: { Code: 0, String: 'OK' } } }));
        else if (method === 'ChangeGroup.AutoPoll')
          socket.write(frame({ id, result: poll(-20) }) + frame({ method: 'ChangeGroup.Poll', params: poll(-77) }));
        else if (id !== undefined) socket.write(frame({ id, result: true }));
      }
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void core.close());
  await once(core, 'listening');
  const address = core.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { told } = aClient({ transport: 'TCP', host: '127.0.0.1', port }, { watches: [WATCH] });
  await expect.poll(() => told.changes.map(({ value }) => value)).toEqual([-20, -77]);
});
