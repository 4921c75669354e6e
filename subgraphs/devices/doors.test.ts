import { REGISTRY_PATH } from '@wheelhouse/contracts/registry.ts';
import { type HttpDoor, openHttpDoor } from '@wheelhouse/kit/http.ts';
import { type LiveLog, openLiveLog } from '@wheelhouse/kit/live-log.ts';
import { readLogHead } from '@wheelhouse/kit/log-table.ts';
import { openLogWatch } from '@wheelhouse/kit/log-watch.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { serviceDoors } from './doors.ts';
import { removeDevice, updateDevice } from './registry.ts';
import { readRegistryPositions } from './store/registry.ts';
import { setTimeZones } from './store/sites.ts';
import { registryLog } from './tables.ts';
import { aDevice, at, by, COMMUNITY, openTestRegistry, sealer, type TestRegistry } from './testing/registry.ts';

const TOKEN = 'a-service-token-for-tests';
const pageShape = z.object({
  cursor: z.string(),
  more: z.boolean(),
  items: z.array(z.looseObject({ id: z.string(), version: z.number() })),
});

type Served = {
  registry: TestRegistry;
  log: LiveLog<{ position: number }>;
  door: HttpDoor;
  close: () => Promise<void>;
};

async function serve(errors: unknown[]): Promise<Served> {
  const registry = await openTestRegistry();
  const { db } = registry;
  const log = await openLiveLog({
    name: 'test',
    watch: openLogWatch(registry).of(registryLog),
    read: (position, limit) => readRegistryPositions(db, position, limit),
    head: () => readLogHead(db, registryLog),
    logger: createLogger({ name: 'test', level: 'silent' }),
  });
  const routes = serviceDoors({ db, registry: log, sealer, serviceToken: TOKEN, timeZone: 'UTC', now: () => at });
  const onError = (err: unknown): void => void errors.push(err);
  const door = await openHttpDoor({
    host: '127.0.0.1',
    port: 0,
    routes,
    unready: () => null,
    metrics: new Registry(),
    onError,
  });
  const close = async (): Promise<void> => {
    await log.close();
    await door.close();
    await registry.close();
  };
  return { registry, log, door, close };
}

describe('the doors for services', () => {
  const errors: unknown[] = [];
  let served: Served;

  beforeAll(async () => {
    served = await serve(errors);
  });
  afterAll(async () => {
    await served.close();
    expect(errors).toEqual([]);
  });

  const get = (query: Record<string, string>, token = TOKEN): Promise<Response> => {
    const url = new URL(REGISTRY_PATH, served.door.url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return fetch(url, { headers: { authorization: `Bearer ${token}` } });
  };
  const page = async (query: Record<string, string>) =>
    pageShape.parse(await (await get({ system: 'FIDA', ...query })).json());
  /** The cursor behind everything. */
  const end = async (): Promise<string> => {
    let reached = await page({});
    while (reached.more) reached = await page({ after: reached.cursor });
    return reached.cursor;
  };

  it.each([
    ['no token', undefined],
    ['another token', 'Bearer another-token'],
    ['the beginning of the token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['more than the token', `Bearer ${TOKEN}x`],
    ['the token without its scheme', TOKEN],
  ])('stay shut to %s', async (_name, authorization) => {
    for (const [path, method] of [
      [`${REGISTRY_PATH}?system=FIDA`, 'GET'],
      ['/service/estate', 'POST'],
    ] as const) {
      const response = await fetch(new URL(path, served.door.url), {
        method,
        headers: authorization ? { authorization } : {},
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ error: 'this door is for services only' });
    }
  });

  it('take the method that they are for', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const to = (path: string) => new URL(path, served.door.url);
    expect((await fetch(to(REGISTRY_PATH), { method: 'POST', headers })).status).toBe(405);
    expect((await fetch(to('/service/estate'), { headers })).status).toBe(405);
  });

  describe('to the registry', () => {
    it('give a device with its secrets sealed for it, and no other text of them', async () => {
      const id = await served.registry.add();
      const response = await get({ system: 'FIDA' });
      const text = await response.text();
      const item = pageShape.parse(JSON.parse(text)).items.find((candidate) => candidate.id === id);
      expect(item).toEqual({
        id,
        version: 1,
        removed: false,
        site: 'museum/hall-2',
        timeZone: 'UTC',
        connection: { host: '10.1.2.3', port: 161, version: 'V2C' },
        sealed: expect.stringMatching(/^v1\./),
      });
      expect(sealer.open(String(item?.sealed), id)).toEqual({ community: COMMUNITY });
      expect(text).not.toContain(COMMUNITY);
    });

    it('give changes and removals behind a cursor once, as the device is by now', async () => {
      const cursor = await end();
      const id = await served.registry.add();
      await updateDevice(served.registry.db, { id, name: 'changed' }, by, sealer);
      await removeDevice(served.registry.db, id, by);
      const { items } = await page({ after: cursor });
      expect(items.map(({ version, removed, sealed }) => [version, removed, sealed])).toEqual([[3, true, null]]);
    });

    it('give the time zone of the nearest site for which one is set', async () => {
      const cursor = await end();
      const { db } = served.registry;
      const depot = await served.registry.add({ site: 'egypt/depot' });
      const gate = await served.registry.add({ site: 'egypt/depot/gate' });
      const office = await served.registry.add({ site: 'office' });
      await db.transaction((tx) =>
        setTimeZones(
          tx,
          [
            { path: 'egypt', timeZone: 'Africa/Cairo' },
            { path: 'egypt/depot/gate', timeZone: 'Asia/Dubai' },
          ],
          'UTC',
        ),
      );
      const { items } = await page({ after: cursor });
      expect(items.map(({ id, site, timeZone }) => [id, site, timeZone])).toEqual([
        [depot, 'egypt/depot', 'Africa/Cairo'],
        [gate, 'egypt/depot/gate', 'Asia/Dubai'],
        [office, 'office', 'UTC'],
      ]);
    });

    it('give all of a long registry in pages, in order and without gaps', async () => {
      const estate = { devices: Array.from({ length: 1_100 }, (_, index) => aDevice({ name: `d${index}` })) };
      const cursor = await end();
      const response = await fetch(new URL('/service/estate', served.door.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(estate),
      });
      expect(await response.json()).toEqual({ added: 1_100, updated: 0, unchanged: 0 });
      const first = await page({ after: cursor });
      const second = await page({ after: first.cursor });
      const third = await page({ after: second.cursor });
      expect([first, second, third].map(({ items, more }) => [items.length, more])).toEqual([
        [500, true],
        [500, true],
        [100, false],
      ]);
      expect(new Set([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).size).toBe(1_100);
      expect(await page({ after: third.cursor })).toEqual({ cursor: third.cursor, more: false, items: [] });
    });

    it('wait when there is nothing, and wake at a change', async () => {
      const cursor = await end();
      let isHeld = true;
      const held = page({ after: cursor, wait: '20' }).finally(() => {
        isHeld = false;
      });
      expect((await page({ after: cursor, wait: '0.2' })).items).toEqual([]);
      expect(isHeld).toBe(true);
      const startedAt = performance.now();
      const id = await served.registry.add();
      expect((await held).items.map((item) => item.id)).toEqual([id]);
      // By the notification, not by the look once a second.
      expect(performance.now() - startedAt).toBeLessThan(900);
    });

    it.each(['', 'x', '-5', 'NaN'])('do not wait when told to for %j seconds', async (wait) => {
      const startedAt = performance.now();
      await page({ after: await end(), wait });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    });

    it.each(['', 'TELEX', 'fida', '__proto__', 'constructor'])('refuse the system %j', async (system) => {
      const response = await get({ system });
      expect([response.status, await response.json()]).toEqual([
        400,
        { error: 'system must name a system of devices' },
      ]);
    });

    it('answer 410 to cursors that are of another database, ahead, or none', async () => {
      const other = await serve(errors);
      await other.registry.add();
      const response = await fetch(new URL(`${REGISTRY_PATH}?system=FIDA`, other.door.url), {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const foreign = pageShape.parse(await response.json()).cursor;
      await other.close();
      const [epoch, position] = Buffer.from(await end(), 'base64url')
        .toString()
        .split(':');
      const ahead = Buffer.from(`${epoch}:${Number(position) + 1}`).toString('base64url');
      for (const after of [foreign, ahead, 'hello', ''])
        expect((await get({ system: 'FIDA', after })).status).toBe(410);
    });
  });

  describe('to the estate', () => {
    const post = async (body: string) => {
      const url = new URL('/service/estate', served.door.url);
      const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body });
      return { status: response.status, body: await response.json() };
    };

    it('answers 422 with every fault and its path', async () => {
      expect(await post(JSON.stringify({ devices: [aDevice({ name: '', site: '' })] }))).toEqual({
        status: 422,
        body: {
          faults: [
            { path: ['devices', 0, 'name'], code: 'INVALID', message: 'name must not be empty' },
            { path: ['devices', 0, 'site'], code: 'INVALID', message: expect.stringContaining('site must be a path') },
          ],
        },
      });
    });

    it.each(['', '{', 'devices: []'])('answers 400 to %j, which is not JSON', async (body) => {
      expect(await post(body)).toEqual({ status: 400, body: { error: 'the request body is not valid JSON' } });
    });
  });
});

describe('a registry whose database is away', () => {
  it('answers 503 without details, and troubles nobody', async () => {
    const errors: unknown[] = [];
    const { registry, log, door } = await serve(errors);
    await registry.sql.end();
    const response = await fetch(new URL(`${REGISTRY_PATH}?system=FIDA`, door.url), {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect([response.status, await response.json()]).toEqual([503, { error: 'the database is away' }]);
    expect(errors).toEqual([]);
    await log.close();
    await door.close();
    await registry.close();
  });
});
