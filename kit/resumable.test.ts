import { asc, gt } from 'drizzle-orm';
import { pgSchema, text } from 'drizzle-orm/pg-core';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../tests/database.ts';
import { openStream, type Payload, type Stream } from '../tests/stream.ts';
import { encodeCursor, type LogHead, readCursor } from './cursor-log.ts';
import { type DatabaseHandle, openDatabase } from './database.ts';
import { IDENTITY_HEADER } from './identity.ts';
import { StopList } from './lifecycle.ts';
import { type LiveLog, openLiveLog } from './live-log.ts';
import { appendToLog, logPosition, readLogHead } from './log-table.ts';
import { openLogWatch } from './log-watch.ts';
import { createLogger } from './logger.ts';
import { LogStream } from './resumable.ts';
import { startSubgraphServer } from './subgraph-server.ts';
import { somebody } from './testing/identity.ts';

const schema = pgSchema('testing');
const log = schema.table('log', { position: logPosition(), kind: text().notNull() });
type Row = typeof log.$inferSelect;

const SDL = `
  type Query { fine: String }
  type Subscription { added(kind: String, after: Int): Added, plain: Added, failing: Added }
  type Added { kind: String, slowly: String, mistaken: String }
`;
const ADDED = 'subscription ($kind: String, $after: Int) { added(kind: $kind, after: $after) { kind } }';

const SOON = { timeout: 40_000 };

describe('a resumable stream', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const stops = new StopList(logger);
  let database: TestDatabase;
  let handle: DatabaseHandle;
  let head: LogHead;
  let url: string;
  let streams: Stream[] = [];
  /** Followers of the log that have not been let go of. */
  let following = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url);
    await handle.sql`create schema testing`;
    await handle.sql`create table testing.log_counters (log text primary key, epoch text not null, position bigint not null, floor bigint not null default 0)`;
    await handle.sql`create table testing.log (position bigint primary key, kind text not null)`;
    head = await readLogHead(handle.db, log);
    const live: LiveLog<Row> = await openLiveLog<Row>({
      name: 'test',
      watch: openLogWatch(handle).of(log),
      read: (position, limit) =>
        handle.db.select().from(log).where(gt(log.position, position)).orderBy(asc(log.position)).limit(limit),
      head: () => readLogHead(handle.db, log),
      logger,
    });
    const follow = (start: number) => {
      const batches = live.follow(start);
      following += 1;
      const end = () => {
        following -= 1;
        return Promise.resolve(batches.return?.() ?? { value: undefined, done: true as const });
      };
      return { ...batches, return: end };
    };
    const subscribe = async (_parent: unknown, { kind, after }: { kind?: string; after?: number }) =>
      new LogStream({
        batches: follow(after ?? (await readLogHead(handle.db, log)).position),
        cursorOf: (position) => encodeCursor(head.epoch, position),
        matches: (row: Row) => kind === undefined || kind === null || row.kind === kind,
        eventOf: (row) => ({ added: row }),
      });
    const failing = {
      next: () => Promise.reject(new Error('the password is hush')),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    async function* plain() {
      yield { plain: { kind: 'plain' } };
    }
    const server = await startSubgraphServer({
      sdl: SDL,
      resolvers: {
        Subscription: { added: { subscribe }, plain: { subscribe: plain }, failing: { subscribe: () => failing } },
        Added: {
          slowly: ({ kind }: Row) => new Promise((resolve) => setTimeout(resolve, 5, kind)),
          mistaken: () => Promise.reject(new Error('the password is hush')),
        },
      },
      contextOf: (identity) => ({ identity }),
      identityReader: async () => somebody('ann', []),
      host: '127.0.0.1',
      port: 0,
      unready: () => Promise.resolve(null),
      metrics: new Registry(),
      logger,
      stops,
    });
    url = server.url;
    stops.own('log', live, ({ close }) => close());
  });
  afterEach(async () => {
    await Promise.all(streams.map((stream) => stream.close()));
    streams = [];
  });
  afterAll(async () => {
    await stops.stop();
    await handle.close();
    await database.drop();
  });

  const append = (...kinds: string[]): Promise<void> =>
    handle.db.transaction((tx) =>
      appendToLog(
        tx,
        log,
        kinds.map((kind) => ({ kind })),
      ),
    );
  const positionNow = async (): Promise<number> => (await readLogHead(handle.db, log)).position;
  const open = (variables: Record<string, unknown>, extensions?: Record<string, unknown>, query = ADDED): Stream => {
    const payload = { query, variables, ...(extensions && { extensions }) };
    const stream = openStream(url, payload, async () => ({ [IDENTITY_HEADER]: 'of ann' }));
    streams.push(stream);
    return stream;
  };
  const openResumable = (variables: Record<string, unknown> = {}, query = ADDED): Stream =>
    open(variables, { resumable: true }, query);
  const at = (position: number): string => encodeCursor(head.epoch, position);
  const mark = (position: number): Payload => ({ extensions: { cursor: at(position), caughtUp: true } });
  const event = (position: number, kind: string): Payload => ({
    data: { added: { kind } },
    extensions: { cursor: at(position) },
  });

  it('says at once where it starts, and gives each event its cursor', async () => {
    const start = await positionNow();
    const { payloads } = openResumable();
    await expect.poll(() => payloads, SOON).toEqual([mark(start)]);
    await append('a', 'b');
    await expect.poll(() => payloads.slice(1), SOON).toEqual([event(start + 1, 'a'), event(start + 2, 'b')]);
  });

  it('says when it has caught up, and not before', async () => {
    const start = await positionNow();
    for (let index = 0; index < 12; index += 1) await append(...Array.from({ length: 100 }, () => 'old'));
    const first = openResumable({ after: start }).payloads;
    // A server that has not read all yet would say in between that it has caught up.
    await expect.poll(() => first.at(-1)?.extensions?.cursor, SOON).toBe(at(start + 1_200));
    const { payloads } = openResumable({ after: start });
    await expect.poll(() => payloads.length, SOON).toBe(1_201);
    expect(payloads.slice(0, -1)).toEqual(Array.from({ length: 1_200 }, (_, index) => event(start + 1 + index, 'old')));
    expect(payloads.at(-1)).toEqual(mark(start + 1_200));
  });

  it('says how far it has come when nothing matches, once per append, and not when the last row was an event', async () => {
    const start = await positionNow();
    const { payloads } = openResumable({ kind: 'wanted', after: start });
    await expect.poll(() => payloads, SOON).toEqual([mark(start)]);
    await append('other', 'other', 'other');
    await expect.poll(() => payloads.slice(1), SOON).toEqual([mark(start + 3)]);
    await append('other', 'wanted');
    await expect.poll(() => payloads.slice(2), SOON).toEqual([event(start + 5, 'wanted')]);
    await append('wanted', 'other');
    await expect.poll(() => payloads.slice(3), SOON).toEqual([event(start + 6, 'wanted'), mark(start + 7)]);
  });

  it('never sends a mark before an event that it covers, whatever is appended meanwhile', async () => {
    const start = await positionNow();
    const { payloads } = openResumable({ kind: 'wanted', after: start });
    const kinds = Array.from({ length: 400 }, (_, index) => (index % 7 < 3 ? 'wanted' : 'other'));
    for (let index = 0; index < kinds.length; index += 4) await append(...kinds.slice(index, index + 4));
    const end = start + kinds.length;
    const positions = () => payloads.map(({ extensions }) => readCursor(String(extensions?.cursor))?.position ?? 0);
    await expect.poll(() => positions().at(-1), SOON).toBe(end);
    // Strictly rising cursors: what came before a mark is at or below it, what comes after is above it.
    expect(positions()).toEqual([...new Set(positions())].sort((a, b) => a - b));
    const events = payloads.filter(({ data }) => data !== undefined).map(({ extensions }) => extensions?.cursor);
    expect(events).toEqual(kinds.flatMap((kind, index) => (kind === 'wanted' ? [at(start + 1 + index)] : [])));
  });

  it('sends one who did not ask for cursors events and nothing else', async () => {
    const start = await positionNow();
    const variables = { kind: 'wanted', after: start };
    const extensions = [undefined, {}, { resumable: false }, { resumable: 'true' }];
    const open4 = extensions.map((given) => open(variables, given));
    await append('other', 'wanted', 'other');
    await append('other');
    await append('wanted');
    for (const { payloads } of open4)
      await expect.poll(() => payloads, SOON).toEqual([1, 2].map(() => ({ data: { added: { kind: 'wanted' } } })));
  });

  it('keeps cursor and order where events take their time, and where a field fails', async () => {
    const start = await positionNow();
    const { payloads } = openResumable({ after: start }, ADDED.replace('{ kind }', '{ slowly mistaken }'));
    await append('a', 'b');
    await expect.poll(() => payloads.length, SOON).toBe(3);
    const failed = (position: number, kind: string) => ({
      ...event(position, kind),
      data: { added: { slowly: kind, mistaken: null } },
      errors: [expect.objectContaining({ message: 'Internal error' })],
    });
    expect(payloads.filter(({ data }) => data)).toEqual([failed(start + 1, 'a'), failed(start + 2, 'b')]);
  });

  it('lets go of the log when the subscriber leaves, with no further row', async () => {
    await expect.poll(() => following, SOON).toBe(0);
    const both = [openResumable(), open({}, {})];
    await expect.poll(() => following, SOON).toBe(2);
    await Promise.all(both.map((stream) => stream.close()));
    await expect.poll(() => following, SOON).toBe(0);
  });

  it('is no different where the field is no log', async () => {
    const { payloads, ended } = openResumable({}, 'subscription { plain { kind } }');
    expect(await ended).toBeNull();
    expect(payloads).toEqual([{ data: { plain: { kind: 'plain' } } }]);
  });

  it('ends with an error when its source fails, and hides what is wrong', async () => {
    const { payloads, ended } = openResumable({}, 'subscription { failing { kind } }');
    expect(await ended).toEqual([{ message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(payloads).toEqual([]);
  });
});
