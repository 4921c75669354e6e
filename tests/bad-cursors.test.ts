import { pruneStatusLog } from '@wheelhouse/devices/retention.ts';
import { statusChanges } from '@wheelhouse/devices/tables.ts';
import { encodeCursor, type LogHead } from '@wheelhouse/kit/cursor-log.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { appendToLog, readLogHead } from '@wheelhouse/kit/log-table.ts';
import { connectClient, type Event } from '@wheelhouse/router/testing/client.ts';
import { openEventStream } from '@wheelhouse/router/testing/event-stream.ts';
import { INIT, message, openRawWebSocket } from '@wheelhouse/router/testing/raw-websocket.ts';
import { until } from '@wheelhouse/router/testing/router.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const now = new Date('2026-11-25T08:00:00Z');
const daysAgo = (days: number): Date => new Date(now.getTime() - days * 86_400_000);
const QUERY = 'subscription ($after: String) { deviceStatusChanged(after: $after) { cursor to reason } }';

let wheelhouse: Wheelhouse;
let database: DatabaseHandle;
let deviceId: string;

beforeAll(async () => {
  wheelhouse = await startWheelhouse();
  database = openDatabase(wheelhouse.databaseUrl, { maxConnections: 2 });
  const added = await wheelhouse.query(
    `mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } } }`,
    {
      input: {
        name: 'x',
        system: 'FIDA',
        site: 'museum',
        snmp: { host: '127.0.0.1', port: 9, version: 'V2C', community: 'public' },
      },
    },
  );
  deviceId = added.data.addDevice.device.id;
  // A log of which the first 8 of 10 rows are no longer there.
  await append(8, daysAgo(10));
  await append(2, daysAgo(5));
  expect(await pruneStatusLog(database.db, now, { days: 7 })).toBe(8);
});
afterAll(async () => {
  await database.close();
  await wheelhouse.close();
});

const append = (count: number, at: Date, reason: string | null = null): Promise<void> =>
  database.db.transaction((tx) =>
    appendToLog(
      tx,
      statusChanges,
      Array.from({ length: count }, () => ({
        device_id: deviceId,
        at,
        from: 'ONLINE',
        to: 'OFFLINE',
        reason,
        blind: false,
      })),
    ),
  );
const head = () => readLogHead(database.db, statusChanges);
/** Waits until the router counts so many subscriptions. */
const open = (count: number) =>
  eventually(`${count} open subscriptions`, async () => {
    const text = await (await fetch(new URL('/metrics', wheelhouse.url))).text();
    return text.split('\n').includes(`router_subscriptions_open ${count}`);
  });

type Variables = { after?: string };
type Outcome = { events: Event[]; end: unknown };
/** One subscription over each door. `outcome` resolves with all that came when it has ended; `taken` with the first events. */
type Door = (
  query: string,
  variables: Variables,
) => Promise<{
  ended: () => Promise<Outcome>;
  take: (count: number) => Promise<Event[]>;
  leave: () => void;
}>;

const doors: Record<string, Door> = {
  websocket: async (query, variables) => {
    const client = connectClient(wheelhouse.url);
    onTestFinished(() => client.close());
    const { events, ended, take, stop } = client.start(query, variables);
    const whole = async () => {
      const end = await until('the end', ended);
      return { events, end: end === 'complete' ? end : end.error };
    };
    return { ended: whole, take, leave: stop };
  },
  'server-sent events': async (query, variables) => {
    const stream = await openEventStream(wheelhouse.url, { operation: { query, variables } });
    onTestFinished(stream.leave);
    const whole = async () => {
      expect(await until('the end', stream.end)).toBe('complete');
      const last = stream.events.at(-1);
      return { events: stream.events.slice(0, -1), end: last?.errors };
    };
    return { ended: whole, take: stream.take, leave: stream.leave };
  },
};
const cursorsOf = (events: Event[]): unknown[] =>
  events.map(({ data }) => (data as { deviceStatusChanged: { cursor: string } }).deviceStatusChanged.cursor);

afterEach(() => open(0));

type Case = [what: string, cursor: (log: LogHead) => string, code: string, says: RegExp];
const BAD: Case[] = [
  ['from the future', ({ epoch, position }) => encodeCursor(epoch, position + 1), 'CURSOR_INVALID', /future/],
  ['far in the future', ({ epoch }) => encodeCursor(epoch, 999_999_999_999_999), 'CURSOR_INVALID', /future/],
  ['of another log', ({ position }) => encodeCursor('0badc0de', position), 'CURSOR_INVALID', /another log/],
  ['of another log from its begin', () => encodeCursor('0badc0de', 0), 'CURSOR_INVALID', /another log/],
  ['that is none', () => 'rubbish', 'CURSOR_INVALID', /not a cursor/],
  ['that is empty', () => '', 'CURSOR_INVALID', /not a cursor/],
  ['of 100,000 characters', () => 'x'.repeat(100_000), 'CURSOR_INVALID', /not a cursor/],
  ['before the begin', ({ epoch }) => encodeCursor(epoch, -1), 'CURSOR_INVALID', /not a cursor/],
  [
    'that has expired',
    ({ epoch, floor }) => encodeCursor(epoch, floor - 1),
    'CURSOR_EXPIRED',
    /read the present state/,
  ],
  ['from the begin of a log that was pruned', ({ epoch }) => encodeCursor(epoch, 0), 'CURSOR_EXPIRED', /older than/],
];

describe.each(Object.keys(doors))('over %s', (name) => {
  const subscribe: Door = (...args) => (doors[name] as Door)(...args);
  /** From the present on, by a cursor: without one it is not known which change is the first. */
  const listen = async () => {
    const { epoch, position } = await head();
    return subscribe(QUERY, { after: encodeCursor(epoch, position) });
  };
  const refuses = async (query: string, variables: Variables, code: string, says: RegExp) => {
    const { events, end } = await (await subscribe(query, variables)).ended();
    expect(events).toEqual([]);
    expect(end).toMatchObject([{ message: expect.stringMatching(says), extensions: { code } }]);
  };

  describe.each([
    ['nobody else listens', false],
    ['others listen to the same, and the router keeps what they were told', true],
  ])('while %s', (_what, isLive) => {
    it.each(BAD)('a cursor %s is refused, and the stream ends', async (_which, cursorIn, code, says) => {
      const live = isLive ? await listen() : null;
      if (live !== null) {
        await append(5, daysAgo(5));
        expect(await live.take(5)).toHaveLength(5);
      }
      const log = await head();
      const { epoch, position } = log;
      const cursor = cursorIn(log);
      await refuses(QUERY, { after: cursor }, code, says);
      // Written into the operation it goes another way through the router.
      await refuses(`subscription { deviceStatusChanged(after: "${cursor}") { cursor to } }`, {}, code, says);
      await append(1, daysAgo(5));
      if (live !== null) expect(cursorsOf(await live.take(1))).toEqual([encodeCursor(epoch, position + 1)]);
      live?.leave();
    });

    it('the last cursor that has not expired is served', async () => {
      const live = isLive ? await listen() : null;
      if (live !== null) {
        await append(5, daysAgo(5));
        await live.take(5);
      }
      const { epoch, position, floor } = await head();
      const late = await subscribe(QUERY, { after: encodeCursor(epoch, floor) });
      const expected = Array.from({ length: position - floor }, (_, index) => encodeCursor(epoch, floor + 1 + index));
      expect(cursorsOf(await late.take(position - floor))).toEqual(expected);
      late.leave();
      live?.leave();
    });
  });

  it('a cursor that the log has dropped is served all the same while the router keeps everything behind it', async () => {
    const live = await listen();
    await append(5, daysAgo(5));
    await live.take(5);
    const { epoch, position } = await head();
    await pruneStatusLog(database.db, now, { days: 1 });
    expect(await head()).toMatchObject({ position, floor: position });
    const late = await subscribe(QUERY, { after: encodeCursor(epoch, position - 3) });
    const last = [position - 2, position - 1, position];
    expect(cursorsOf(await late.take(3))).toEqual(last.map((each) => encodeCursor(epoch, each)));
    await refuses(QUERY, { after: encodeCursor(epoch, position - 6) }, 'CURSOR_EXPIRED', /older than/);
    late.leave();
    live.leave();
  });
});

describe('a subscriber that reads more slowly than the log is pruned', () => {
  /** More than what sockets hold without being read, so that the router stops reading the log. */
  const ROWS = 8_000;
  const LONG = 'x'.repeat(3_000);
  /** Appends them, and waits until the service has read them: to a log that it does not know of yet it would say "caught up". */
  const appendRows = async (): Promise<void> => {
    await append(ROWS, daysAgo(6), LONG);
    const { epoch, position } = await head();
    const after = encodeCursor(epoch, position - 1);
    const last = await openEventStream(wheelhouse.url, { operation: { query: QUERY, variables: { after } } });
    await last.take(1);
    last.leave();
    await open(0);
  };
  const expectGap = (cursors: unknown[], { epoch, position }: LogHead) => {
    // All that came is without a gap, and it is not all.
    expect(cursors).toEqual(cursors.map((_, index) => encodeCursor(epoch, position + 1 + index)));
    expect(cursors.length).toBeGreaterThan(0);
    expect(cursors.length).toBeLessThan(ROWS);
  };

  it('over server-sent events gets all up to where it is lost, and then CURSOR_EXPIRED', async () => {
    const start = await head();
    const after = encodeCursor(start.epoch, start.position);
    await appendRows();
    const stream = await openEventStream(wheelhouse.url, { operation: { query: QUERY, variables: { after } } });
    onTestFinished(stream.leave);
    await stream.take(1);
    stream.response.pause();
    await pruneStatusLog(database.db, now, { days: 1 });
    stream.response.resume();
    expect(await until('the end', stream.end)).toBe('complete');
    const last = stream.events.pop();
    expect(last).toMatchObject({ errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] });
    expectGap(cursorsOf(stream.events), start);
  });

  it('over a websocket gets all up to where it is lost, and then CURSOR_EXPIRED', async () => {
    const start = await head();
    const after = encodeCursor(start.epoch, start.position);
    await appendRows();
    const raw = await openRawWebSocket(wheelhouse.url);
    onTestFinished(() => void raw.socket.destroy());
    raw.socket.write(INIT);
    await until('connection_ack', () => raw.messages.length === 1);
    raw.socket.write(message({ id: '1', type: 'subscribe', payload: { query: QUERY, variables: { after } } }));
    await until('an event', () => raw.messages.length > 1);
    raw.socket.pause();
    await pruneStatusLog(database.db, now, { days: 1 });
    raw.socket.resume();
    const end = await until('the end', () => raw.messages.find(({ type }) => type === 'error') ?? null);
    expect(end.payload).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }]);
    expectGap(
      cursorsOf(raw.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload as Event)),
      start,
    );
  });
});
