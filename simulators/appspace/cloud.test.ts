import { expect, onTestFinished, test } from 'vitest';
import { MUSEUM_ACCOUNT } from './account.ts';
import { type CloudOptions, startCloud } from './cloud.ts';

const TOKEN_REQUEST = { subjectType: 'Application', grantType: 'refreshToken', ...MUSEUM_ACCOUNT };
const players = Array.from({ length: 45 }, (_, i) => ({
  ...{ id: `p${i}`, name: `Player ${i}`, locationName: i < 10 ? 'foyer' : 'hall', channelId: 'c1' },
}));

/** A cloud, and what a client of no library at all does with it. */
async function aCloud(options: Partial<CloudOptions> = {}) {
  const channels = new Map([['c1', 'Welcome']]);
  const cloud = await startCloud({ account: MUSEUM_ACCOUNT, players, channels, ...options });
  onTestFinished(() => cloud.close());
  const askToken = (body: unknown) =>
    fetch(`${cloud.url}/api/v3/authorization/token`, { method: 'POST', body: JSON.stringify(body) });
  const { accessToken } = await (await askToken(TOKEN_REQUEST)).json();
  const get = async (path: string, token: string = accessToken) => {
    const response = await fetch(`${cloud.url}/api/v3${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  return { cloud, askToken, get };
}

test.each([
  [{ refreshToken: 'wrong' }, 401],
  [{ subjectId: 'wrong' }, 401],
  [{ grantType: 'password' }, 400],
  [{ subjectType: 'User' }, 400],
  [{ refreshToken: null }, 400],
  [{}, 200],
])('a token that is asked for with %j is answered with %i', async (change, status) => {
  const { askToken } = await aCloud();
  const response = await askToken({ ...TOKEN_REQUEST, ...change });
  expect(response.status).toBe(status);
  if (status === 200)
    expect(await response.json()).toMatchObject({ accessToken: expect.any(String), expiresIn: 3_600 });
});

test('an access token expires, and one that was never given is refused', async () => {
  const { get } = await aCloud({ tokenSeconds: 1 });
  expect((await get('/devices')).status).toBe(200);
  expect((await get('/devices', 'made-up')).status).toBe(401);
  await expect.poll(async () => (await get('/devices')).status, { timeout: 40_000 }).toBe(401);
});

test('devices are paged by start and limit, and filtered', async () => {
  const { get, cloud } = await aCloud();
  cloud.players[3]?.change({ state: 'COMMUNICATION_LOST' });
  const page = (await get('/devices?start=40&limit=10')).body;
  expect([page.totalCount, page.items.map(({ id }: { id: string }) => id)]).toEqual([
    45,
    ['p40', 'p41', 'p42', 'p43', 'p44'],
  ]);
  expect((await get('/devices')).body.items).toHaveLength(20);
  expect((await get('/devices?start=45')).body).toEqual({ items: [], totalCount: 45 });
  expect((await get('/devices?locationId=loc-foyer&limit=100')).body.totalCount).toBe(10);
  expect((await get('/devices?status=Communication_Lost')).body).toMatchObject({
    items: [{ id: 'p3' }],
    totalCount: 1,
  });
});

test('one device, statuses of some, channels, and who asks have paths of their own', async () => {
  const { get, cloud } = await aCloud();
  cloud.players[1]?.change({ state: 'FAILED' });
  expect((await get('/devices/p1')).body).toMatchObject({ id: 'p1', status: 'Failed', channelName: 'Welcome' });
  expect((await get('/devices/devicestatuses?deviceIds=p0,p1,nobody')).body.items).toEqual([
    { deviceId: 'p0', status: 'Online' },
    { deviceId: 'p1', status: 'Failed' },
  ]);
  expect((await get('/channeldirectory')).body.items).toEqual([{ id: 'c1', name: 'Welcome', type: 1 }]);
  expect((await get('/channeldirectory/c1')).body).toMatchObject({ name: 'Welcome' });
  expect((await get('/users/me')).body).toMatchObject({ id: MUSEUM_ACCOUNT.subjectId });
  for (const path of ['/devices/nobody', '/channeldirectory/none', '/nothing'])
    expect((await get(path)).status).toBe(404);
});

test('too many requests are refused with the header that was ordered, and as often', async () => {
  const { get, cloud } = await aCloud();
  cloud.setFault({ kind: 'tooMany', retryAfter: 7, times: 2 });
  const refused = [await get('/devices'), await get('/devices')];
  expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
    [429, '7'],
    [429, '7'],
  ]);
  expect((await get('/devices')).status).toBe(200);
  expect(cloud.fault).toBeNull();
});

test('a player goes on having been in contact when it was, once it is not any more', async () => {
  const { get, cloud } = await aCloud();
  cloud.players[0]?.change({ state: 'FAILED' });
  const [first, second] = [await get('/devices/p0'), await get('/devices/p0')];
  expect(first.body.lastOnlineAt).toBe(second.body.lastOnlineAt);
  cloud.players[0]?.change({ fields: { status: null, lastOnlineAt: 7 }, without: ['name'] });
  const { body } = await get('/devices/p0');
  expect(body).toMatchObject({ status: null, lastOnlineAt: 7 });
  expect(body).not.toHaveProperty('name');
});
