import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from './cursor-log.ts';
import { type HttpDoor, openHttpDoor, sendJson } from './http.ts';
import { forServices, serveFeedPage } from './service-doors.ts';

const TOKEN = 'a token of all services';
const EPOCH = 'ab12cd34';
/** Every third row of the log is of another feed. */
const log: { position: number }[] = [];
let held: (() => void) | null = null;
const append = (count: number): void => {
  for (let added = 0; added < count; added += 1) log.push({ position: log.length + 1 });
  held?.();
};
const feed = {
  head: async () => ({ epoch: EPOCH, position: log.length, floor: 2 }),
  waitBeyond: () =>
    new Promise<void>((resolve) => {
      held = resolve;
    }),
  read: async (after: number, limit: number) =>
    log.filter(({ position }) => position > after && position % 3 !== 0).slice(0, limit),
  items: (rows: { position: number }[]) => rows.map(({ position }) => position),
  limit: 4,
};

let door: HttpDoor;
beforeAll(async () => {
  append(9);
  door = await openHttpDoor({
    ...{ host: '127.0.0.1', port: 0, unready: () => null, metrics: new Registry() },
    routes: {
      '/feed': forServices(TOKEN, 'GET', (request, response) => serveFeedPage(feed, request, response)),
      '/post': forServices(TOKEN, 'POST', (_request, response) => sendJson(response, 200, {})),
    },
    onError: (err) => {
      throw err;
    },
  });
});
afterAll(() => door.close());

const ask = async (path: string, authorization = `Bearer ${TOKEN}`) => {
  const response = await fetch(new URL(path, door.url), { headers: { authorization } });
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
};

describe('a door for services', () => {
  it.each(['', TOKEN, 'Bearer', `Bearer ${TOKEN} `.slice(0, -2), `Bearer ${TOKEN}x`, `bearer ${TOKEN}`])(
    'is shut to %j',
    async (authorization) => {
      for (const path of ['/feed', '/post']) expect((await ask(path, authorization)).status).toBe(401);
    },
  );

  it('tells who has the token which method it takes', async () => {
    expect(await ask('/post')).toEqual({ status: 405, error: 'this door takes POST' });
  });
});

describe('a page of a feed', () => {
  it('goes on behind its last row while there are more, and then from the end of the log', async () => {
    const first: Record<string, unknown> = await ask('/feed');
    expect(first).toEqual({ status: 200, cursor: encodeCursor(EPOCH, 5), more: true, items: [1, 2, 4, 5] });
    expect(await ask(`/feed?after=${first.cursor}`)).toEqual({
      ...{ status: 200, cursor: encodeCursor(EPOCH, 9), more: false, items: [7, 8] },
    });
  });

  it('is held until there is something to say', async () => {
    const waiting = ask(`/feed?after=${encodeCursor(EPOCH, 9)}&wait=20`);
    await expect.poll(() => held).not.toBeNull();
    append(1);
    expect(await waiting).toMatchObject({ items: [10], cursor: encodeCursor(EPOCH, 10) });
  });

  it.each([encodeCursor('00000000', 3), encodeCursor(EPOCH, 1), encodeCursor(EPOCH, 99), 'x'])(
    'behind %s is none: the reader starts over',
    async (after) => {
      expect((await ask(`/feed?after=${after}`)).status).toBe(410);
    },
  );
});
