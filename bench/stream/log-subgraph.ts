// A subgraph with a log in memory, served by the kit as any other: what the benchmarks of streams subscribe to. Told over IPC
// what to append: {append: n} at once, or {rate, seconds} in portions every five milliseconds. Argument: how many bytes the name of
// each event's device has besides.
import { decodeCursor, encodeCursor } from '@wheelhouse/kit/cursor-log.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { openLiveLog } from '@wheelhouse/kit/live-log.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { LogStream } from '@wheelhouse/kit/resumable.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { Registry } from 'prom-client';
import { anybody } from './identity.ts';
import { logSdl } from './sdl.ts';

const EPOCH = 'be9c4000';
const PORTION_MS = 5;
const padding = 'x'.repeat(Number(process.argv[2] ?? 0));
const logger = createLogger({ name: 'bench', level: 'error' });
const rows: { position: number; atMs: number }[] = [];
let hint = (): void => {};

const log = await openLiveLog<{ position: number; atMs: number }>({
  name: 'bench',
  watch: (watched) => {
    hint = watched.hint;
    return { close: () => Promise.resolve() };
  },
  read: (position, limit) => Promise.resolve(rows.slice(position, position + limit)),
  head: () => Promise.resolve({ position: 0, floor: 0 }),
  logger,
});

const append = (count: number): void => {
  const atMs = Date.now();
  for (let added = 0; added < count; added += 1) rows.push({ position: rows.length + 1, atMs });
  hint();
};

const { url } = await startSubgraphServer({
  sdl: logSdl,
  resolvers: {
    Query: { cursor: () => encodeCursor(EPOCH, rows.length) },
    Device: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `Display ${id}` }) },
    Subscription: {
      changed: {
        subscribe: (_parent: unknown, { after }: { after?: string | null }) => {
          const head = { epoch: EPOCH, position: rows.length, floor: 0 };
          return new LogStream({
            batches: log.follow(after ? decodeCursor(after, head) : head.position),
            cursorOf: (position) => encodeCursor(EPOCH, position),
            matches: () => true,
            eventOf: ({ position, atMs }, cursor) => {
              const id = `d${position % 1_000}`;
              return {
                changed: { cursor, at: `${atMs}`, to: 'OFFLINE', device: { id, name: `Display ${id}${padding}` } },
              };
            },
          });
        },
      },
    },
  },
  contextOf: (identity) => ({ identity }),
  identityReader: anybody,
  host: '127.0.0.1',
  port: 0,
  unready: () => Promise.resolve(null),
  metrics: new Registry(),
  logger,
  stops: new StopList(logger),
});

process.on('message', async (message: { append?: number; rate?: number; seconds?: number }) => {
  const { append: count, rate, seconds = 0 } = message;
  if (count !== undefined) append(count);
  if (rate === undefined) {
    process.send?.({ appended: rows.length });
    return;
  }
  const startedAt = performance.now();
  const total = rate * seconds;
  let done = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    append(due - done);
    done = due;
    if (done < total) return;
    clearInterval(timer);
    process.send?.({ appended: rows.length });
  }, PORTION_MS);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url });
