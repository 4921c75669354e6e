import { encodeCursor, type LogHead } from '@wheelhouse/kit/cursor-log.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { appendToLog, pruneLog, readLogHead } from '@wheelhouse/kit/log-table.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { identityHeaders } from '@wheelhouse/kit/testing/identity.ts';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../tests/identities.ts';
import { openStream, type Payload, type Stream } from '../../../tests/stream.ts';
import { service } from '../main.ts';
import { statusChanges } from '../tables.ts';
import { at, openTestRegistry, type TestRegistry } from '../testing/registry.ts';

const CHANGED = `subscription ($after: String, $filter: DeviceFilter) {
  deviceStatusChanged(after: $after, filter: $filter) { to device { name } }
}`;

const SOON = { timeout: 40_000 };

const SERVICE_TOKEN = 'a-service-token-for-tests';

describe('the subscription to status changes', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const stops = new StopList(logger);
  const metrics = new Registry();
  let registry: TestRegistry;
  let url: string;
  let head: LogHead;
  let hall: string;
  let depot: string;
  let streams: Stream[] = [];

  beforeAll(async () => {
    registry = await openTestRegistry();
    hall = await registry.add({ name: 'in the hall', site: 'hall' });
    depot = await registry.add({ name: 'in the depot', site: 'depot' });
    // Before the server starts: what is further back than it remembers comes from the table.
    await change(Array.from({ length: 700 }, () => hall));
    head = await readLogHead(registry.db, statusChanges);
    const env = {
      DATABASE_URL: registry.url,
      WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN,
      WHEELHOUSE_SECRET_KEY: '5a'.repeat(32),
      PORT: '0',
    };
    url = (await service.startServer({ logger, stops, env, metrics })).url;
  });
  afterEach(async () => {
    await Promise.all(streams.map((stream) => stream.close()));
    streams = [];
  });
  afterAll(async () => {
    await stops.stop();
    await registry.close();
  });

  /** One change of each device, in one transaction. */
  const change = (deviceIds: readonly string[], to = 'ONLINE'): Promise<void> =>
    registry.db.transaction((tx) =>
      appendToLog(
        tx,
        statusChanges,
        deviceIds.map((id) => ({ device_id: id, at, from: 'UNKNOWN', to, reason: null, blind: false })),
      ),
    );
  const asAdmin = () => identityHeaders({ serviceToken: SERVICE_TOKEN, service: 'devices' }, admin);
  const positionNow = async (): Promise<number> => (await readLogHead(registry.db, statusChanges)).position;
  const cursor = (position: number): string => encodeCursor(head.epoch, position);
  const mark = (position: number): Payload => ({ extensions: { cursor: cursor(position), caughtUp: true } });
  const event = (position: number, name: string): Payload => ({
    data: { deviceStatusChanged: { to: 'ONLINE', device: { name } } },
    extensions: { cursor: cursor(position) },
  });
  const statements = async (): Promise<number> =>
    Number(/wheelhouse_sql_statements_total\{service="devices"\} (\d+)/.exec(await metrics.metrics())?.[1] ?? 0);
  const open = (variables: Record<string, unknown>, extensions: Record<string, unknown>): Payload[] => {
    const stream = openStream(url, { query: CHANGED, variables, extensions }, asAdmin);
    streams.push(stream);
    return stream.payloads;
  };
  const openResumable = (variables: Record<string, unknown> = {}) => open(variables, { resumable: true });

  it('tells a resumable subscriber where it starts, and the cursor of each change', async () => {
    const start = await positionNow();
    const payloads = openResumable();
    await expect.poll(() => payloads, SOON).toEqual([mark(start)]);
    await change([hall, depot]);
    await expect
      .poll(() => payloads.slice(1))
      .toEqual([event(start + 1, 'in the hall'), event(start + 2, 'in the depot')]);
  });

  it('tells a resumable subscriber when it has caught up from far behind', async () => {
    const end = await positionNow();
    const before = await statements();
    const payloads = openResumable({ after: cursor(0) });
    await expect.poll(() => payloads.length, SOON).toBe(end + 1);
    expect(payloads.at(-1)).toEqual(mark(end));
    expect(payloads.slice(0, -1).map(({ extensions }) => extensions)).toEqual(
      Array.from({ length: end }, (_, index) => ({ cursor: cursor(index + 1) })),
    );
    // Devices are fetched for many events at once.
    expect((await statements()) - before).toBeLessThan(end / 4);
  });

  it('tells a resumable subscriber with a filter how far it has come without a match', async () => {
    const start = await positionNow();
    const payloads = openResumable({ filter: { sites: ['depot'] }, after: cursor(start) });
    await expect.poll(() => payloads, SOON).toEqual([mark(start)]);
    await change([hall, hall]);
    await expect.poll(() => payloads.slice(1), SOON).toEqual([mark(start + 2)]);
    await change([hall, depot, hall]);
    await expect.poll(() => payloads.slice(2), SOON).toEqual([event(start + 4, 'in the depot'), mark(start + 5)]);
  });

  it('tells others the changes that they asked for and nothing else', async () => {
    const variables = { filter: { sites: ['depot'] }, after: cursor(await positionNow()) };
    const payloads = open(variables, {});
    await change([hall, depot, hall]);
    await change([hall]);
    await change([depot]);
    const { data } = event(0, 'in the depot');
    await expect.poll(() => payloads, SOON).toEqual([{ data }, { data }]);
  });

  it('is a list as well, from a time on, and newest first where that is asked for', async () => {
    const start = await positionNow();
    await change([hall, depot, hall]);
    const page = async (args: string): Promise<string[]> => {
      const body = JSON.stringify({ query: `{ statusChanges(${args}) { nodes { cursor } } }` });
      const headers = { 'content-type': 'application/json', ...(await asAdmin()) };
      const { data } = await (await fetch(url, { method: 'POST', headers, body })).json();
      return data.statusChanges.nodes.map((node: { cursor: string }) => node.cursor);
    };
    const behind = `after: "${cursor(start)}"`;
    const [first, second, third] = [1, 2, 3].map((step) => cursor(start + step));
    expect(await page(`${behind}, since: "${at.toISOString()}"`)).toEqual([first, second, third]);
    expect(await page(`${behind}, since: "${new Date(at.getTime() + 1).toISOString()}"`)).toEqual([]);
    expect(await page('newestFirst: true, first: 2')).toEqual([third, second]);
    expect(await page(`newestFirst: true, first: 1, after: "${second}"`)).toEqual([first]);
  });

  it('refuses a cursor of what is no longer in the log, and takes the first that is', async () => {
    const end = await positionNow();
    await change([hall]);
    const times = { time: statusChanges.at, before: new Date(at.getTime() + 1) };
    await pruneLog(registry.db, statusChanges, { ...times, limit: end });
    const expired = [{ extensions: { code: 'CURSOR_EXPIRED', field: 'after' } }];
    const page = async (args: string) => {
      const body = JSON.stringify({ query: `{ statusChanges${args} { nodes { cursor } } }` });
      const headers = { 'content-type': 'application/json', ...(await asAdmin()) };
      const response = await fetch(url, { method: 'POST', headers, body });
      return response.json();
    };
    const lastOne = { data: { statusChanges: { nodes: [{ cursor: cursor(end + 1) }] } } };
    expect(await page(`(after: "${cursor(end - 1)}")`)).toMatchObject({ errors: expired });
    expect(await page(`(after: "${cursor(end)}")`)).toEqual(lastOne);
    expect(await page('')).toEqual(lastOne);

    const refused = open({ after: cursor(end - 1) }, {});
    await expect.poll(() => refused, SOON).toMatchObject([{ errors: expired }]);
    const payloads = openResumable({ after: cursor(end) });
    await expect.poll(() => payloads.filter(({ data }) => data), SOON).toEqual([event(end + 1, 'in the hall')]);
  });
});
