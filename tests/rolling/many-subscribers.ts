// Many clients of the graph in one process, each with a connection of its own. Argument: {urls, count, after}. Says {live} when all
// are; told {until: position}, it says when each has had that one, with what is wrong: the log has no gaps, so that each must have
// had every position behind `after`, once and in order.
import { createWheelhouseClient } from '@wheelhouse/client/client.ts';
import { encodeCursor, readCursor } from '@wheelhouse/kit/cursor-log.ts';
import { WebSocket } from 'ws';

export type SubscribersOptions = {
  /** Half of the clients begin at the first, half at the last. */
  urls: string[];
  count: number;
  after: { epoch: string; position: number };
};
export type SubscribersReport = { received: number; reconnects: number; faults: string[] };

const LOOK_MS = 50;
const { urls, count, after }: SubscribersOptions = JSON.parse(process.argv[2] ?? '');
const clients = Array.from({ length: count }, () => ({ position: after.position, received: 0, phase: 'connecting' }));
const faults: string[] = [];
let reconnects = 0;

for (const [index, client] of clients.entries()) {
  const { follow } = createWheelhouseClient({
    urls: index % 2 === 0 ? urls : urls.toReversed(),
    webSocketImpl: WebSocket,
  });
  const stream = follow({
    query: 'subscription ($after: String) { deviceStatusChanged(after: $after) { cursor to } }',
    after: encodeCursor(after.epoch, after.position),
    onState: ({ phase }) => {
      if (phase === 'reconnecting' && client.phase === 'live') reconnects += 1;
      client.phase = phase;
    },
  });
  (async () => {
    for await (const { cursor } of stream) {
      const position = readCursor(cursor ?? '')?.position ?? -1;
      if (position !== client.position + 1) faults.push(`client ${index}: ${position} after ${client.position}`);
      client.position = position;
      client.received += 1;
    }
  })().catch((err: unknown) => faults.push(`client ${index}: ${err}`));
}

/** Says something as soon as `holds`. */
function sayWhen(holds: () => boolean, say: () => unknown): void {
  const timer = setInterval(() => {
    if (!holds()) return;
    clearInterval(timer);
    process.send?.(say() as object);
  }, LOOK_MS);
}
sayWhen(
  () => clients.every(({ phase }) => phase === 'live'),
  () => ({ live: count }),
);
process.on('message', ({ until }: { until: number }) => {
  sayWhen(
    () => faults.length > 0 || clients.every(({ position }) => position >= until),
    (): SubscribersReport => ({
      received: clients.reduce((sum, { received }) => sum + received, 0),
      reconnects,
      faults,
    }),
  );
});
process.on('disconnect', () => process.exit(0));
