import type { CloudFault } from '@wheelhouse/simulators/appspace/faults.ts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lookOf } from './rules.ts';
import { ACCOUNT, aCloud, never, players } from './testing/cloud.ts';

const TOKEN = '/authorization/token';
const countOf = (requested: readonly string[], what: string): number =>
  requested.filter((request) => request.startsWith(what)).length;

describe('the players of an account', () => {
  it('are listed with their states and channels, by one request for up to a hundred', async () => {
    const { cloud, appspace, requested } = await aCloud({ players: players(230) });
    cloud.players[1]?.change({ state: 'COMMUNICATION_LOST' });
    cloud.players[2]?.change({ state: 'FAILED' });
    const listing = await appspace.listPlayers(never());
    expect([listing.players.size, listing.problem]).toEqual([230, null]);
    expect(listing.players.get('p0')).toMatchObject({
      ...{ name: 'Player 0', state: 'ONLINE', channelName: 'Welcome', playerVersion: '2.71.3', locationName: 'foyer' },
      lastContactAt: expect.any(Date),
    });
    expect(listing.players.get('p1')?.state).toBe('COMMUNICATION_LOST');
    expect(listing.players.get('p2')?.state).toBe('FAILED');
    expect(requested).toEqual([`${TOKEN} 200`, '/devices 200', '/devices 200', '/devices 200']);
  });

  it('whose statuses are not in the list are asked for by the fifty', async () => {
    const { cloud, appspace, requested } = await aCloud({ players: players(120) });
    const list = cloud.players.map((player) => player.toItem(new Map()));
    // Only the list lacks them: the statuses have their own request.
    cloud.setFault({ kind: 'missingFields' });
    const { players: found, problem } = await appspace.listPlayers(never());
    expect(problem).toBeNull();
    expect([...found.values()].filter(({ state }) => state === 'ONLINE')).toHaveLength(list.length);
    expect(countOf(requested, '/devices/devicestatuses')).toBe(3);
  });

  it('whose channels have no names get them from the directory, which is read once', async () => {
    const { cloud, appspace, requested } = await aCloud();
    for (const player of cloud.players) player.change({ without: ['channelName'] });
    for (let count = 0; count < 2; count++) {
      const listing = await appspace.listPlayers(never());
      expect(listing.players.get('p0')).toMatchObject({ channelName: 'Welcome' });
    }
    expect(countOf(requested, '/channeldirectory')).toBe(1);
  });

  it.each(['totalCount', 'size', 'neither'] as const)(
    'are all found where their count is told as %s',
    async (countedAs) => {
      const { appspace } = await aCloud({ players: players(130), countedAs, mostItems: 50 });
      const { players: found, problem } = await appspace.listPlayers(never());
      expect([found.size, problem]).toEqual([130, null]);
    },
  );

  it('share one access token, until shortly before it expires', async () => {
    let nowMs = Date.now();
    const { appspace, requested } = await aCloud({ client: { now: () => nowMs }, tokenSeconds: 3_600 });
    await appspace.listPlayers(never());
    nowMs += 3_539_000;
    await appspace.listPlayers(never());
    expect(countOf(requested, TOKEN)).toBe(1);
    nowMs += 2_000;
    await appspace.listPlayers(never());
    expect(countOf(requested, TOKEN)).toBe(2);
  });
});

describe('a token', () => {
  it.each([0, 1, 2])(
    'that is taken back after %i pages of a sweep is replaced, and nothing is missing',
    async (afterPages) => {
      const { cloud, appspace, requested } = await aCloud({ players: players(250) });
      await appspace.listPlayers(never());
      cloud.setFault({ kind: 'revoked', afterPages, times: 1 });
      const { players: found, problem } = await appspace.listPlayers(never());
      expect([found.size, problem]).toEqual([250, null]);
      expect(countOf(requested, '/devices 401')).toBe(1);
      expect(countOf(requested, TOKEN)).toBe(2);
    },
  );

  it('that is taken back again and again is not asked for for ever', async () => {
    const { cloud, appspace, requested } = await aCloud({ players: players(250) });
    cloud.setFault({ kind: 'revoked', afterPages: 1, times: 1_000 });
    const { players: found, problem } = await appspace.listPlayers(never());
    expect(problem).toBe('Appspace refuses the access token that it just gave (status 401)');
    expect(found.size).toBe(100);
    expect(countOf(requested, TOKEN)).toBe(2);
  });

  it('that dies in the middle of a sweep of many pages is renewed', async () => {
    const { appspace, cloud, requested } = await aCloud({ players: players(200), mostItems: 10, tokenSeconds: 1 });
    cloud.setFault({ kind: 'slow', delayMs: 80 });
    const { players: found, problem } = await appspace.listPlayers(never());
    expect([found.size, problem]).toEqual([200, null]);
    expect(countOf(requested, TOKEN)).toBeGreaterThan(1);
  });

  it('is not given for a wrong refresh token, and that is said without quoting it', async () => {
    const { cloud, appspace, requested } = await aCloud();
    cloud.setFault({ kind: 'refused' });
    const { players: found, problem } = await appspace.listPlayers(never());
    expect([found.size, problem]).toEqual([0, 'Appspace refuses the subject id or the refresh token (status 401)']);
    expect(requested).toEqual([`${TOKEN} 401`]);
  });
});

/** What each fault of the cloud comes to: what is said, and of how many players it is still told. */
const FAULTS: readonly [what: string, fault: CloudFault, problem: RegExp | null, told: number][] = [
  ['HTML in place of JSON', { kind: 'html' }, /^Appspace answered HTML in place of JSON$/, 0],
  ['JSON that ends in the middle', { kind: 'truncated' }, /not JSON, or not all of it$/, 0],
  ['a body of 100 MB', { kind: 'huge', megabytes: 100 }, /larger than 10 MB$/, 0],
  ['a connection that breaks', { kind: 'dropped' }, /^Appspace can not be reached \(\w+\)$/, 0],
  ['the status 500', { kind: 'status', status: 500 }, /^Appspace answered with status 500$/, 0],
  ['the status 403', { kind: 'status', status: 403 }, /status 403$/, 0],
  ['a redirect to elsewhere', { kind: 'status', status: 307 }, /status 307$/, 0],
  ['a page that repeats for ever', { kind: 'repeatingPage' }, /repeats itself after 100 items$/, 100],
  [
    'an empty page though there are more',
    { kind: 'emptyPage', fromPage: 1 },
    /ends at 100, and is said to have more$/,
    100,
  ],
  [
    'no page at all though there are players',
    { kind: 'emptyPage', fromPage: 0 },
    /ends at 0, and is said to have more$/,
    0,
  ],
  ['items without fields', { kind: 'missingFields' }, null, 250],
  ['fields that are null', { kind: 'nullFields' }, null, 250],
  ['fields that nobody knows', { kind: 'extraFields' }, null, 250],
  ['fields of other kinds', { kind: 'wrongKinds' }, null, 250],
  ['"too many" for an hour', { kind: 'tooMany', retryAfter: 3_600 }, /Appspace asks to wait for 900 s$/, 0],
];

describe('a cloud that answers', () => {
  it.each(FAULTS)('%s crashes nothing, and what it comes to is said', async (_what, fault, problem, told) => {
    const { cloud, appspace } = await aCloud({ players: players(250) });
    cloud.setFault(fault);
    const listing = await appspace.listPlayers(never());
    if (problem === null) expect(listing.problem).toBeNull();
    else expect(listing.problem).toMatch(problem);
    expect([...listing.players.values()].filter(({ state }) => state !== null)).toHaveLength(told);
    expect(lookOf(listing, 'not there').kind).toBe('couldNotLook');
    cloud.setFault(null);
    if (fault.kind !== 'tooMany')
      expect(await appspace.listPlayers(never())).toMatchObject({ problem: null, players: { size: 250 } });
  });

  it('100 MB is not taken into memory', async () => {
    const { cloud, appspace } = await aCloud();
    cloud.setFault({ kind: 'huge', megabytes: 100 });
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 5);
    for (let count = 0; count < 5; count++) await appspace.listPlayers(never());
    clearInterval(watch);
    // The simulated cloud is in the same process: both sides' buffers are in it.
    expect((most - before) / 1024 / 1024).toBeLessThan(150);
  });

  it('slowly is left at the deadline of a request', async () => {
    const { cloud, appspace } = await aCloud({ client: { timeoutMs: 200 } });
    await appspace.listPlayers(never());
    cloud.setFault({ kind: 'slow', delayMs: 60_000 });
    expect((await appspace.listPlayers(never())).problem).toBe('Appspace did not answer within 200 ms');
  });

  it('page by page too slowly is left at the deadline of the sweep, with what it told', async () => {
    const { cloud, appspace } = await aCloud({
      ...{ players: players(250), mostItems: 10, client: { listingMs: 600, timeoutMs: 400 } },
    });
    cloud.setFault({ kind: 'slow', delayMs: 60 });
    const { players: found, problem } = await appspace.listPlayers(never());
    expect(problem).toMatch(/^Appspace (took too long for one sweep|did not answer within \d+ ms)$/);
    expect(found.size).toBeGreaterThan(0);
    expect(found.size).toBeLessThan(250);
  });

  it('nothing, since it is not there, can not be reached', async () => {
    const { cloud, appspace } = await aCloud();
    await cloud.close();
    cloud.close = () => Promise.resolve();
    expect((await appspace.listPlayers(never())).problem).toBe('Appspace can not be reached (ECONNREFUSED)');
  });

  it('when we stop is not waited for', async () => {
    const { cloud, appspace } = await aCloud();
    cloud.setFault({ kind: 'slow', delayMs: 60_000 });
    const aborter = new AbortController();
    const listing = appspace.listPlayers(aborter.signal);
    aborter.abort(new Error('the worker is stopping'));
    await expect(listing).rejects.toThrow('the worker is stopping');
  });
});

describe('too many requests', () => {
  it.each([1, new Date(Date.now() - 60_000).toUTCString()])(
    'with Retry-After %j are waited out within the sweep',
    async (retryAfter) => {
      const { cloud, appspace, requested } = await aCloud();
      cloud.setFault({ kind: 'tooMany', retryAfter, times: 1 });
      const startedAt = performance.now();
      expect(await appspace.listPlayers(never())).toMatchObject({ problem: null, players: { size: 3 } });
      expect(performance.now() - startedAt).toBeGreaterThan(950);
      expect(requested).toEqual([`${TOKEN} 200`, '/devices 429', '/devices 200']);
    },
  );

  it('said with a 503 and a Retry-After are waited out as well, and without one it is a failure', async () => {
    const { cloud, appspace, requested } = await aCloud();
    cloud.setFault({ kind: 'tooMany', status: 503, retryAfter: 1, times: 1 });
    expect(await appspace.listPlayers(never())).toMatchObject({ problem: null, players: { size: 3 } });
    expect(countOf(requested, '/devices 503')).toBe(1);
    cloud.setFault({ kind: 'tooMany', status: 503, retryAfter: null });
    expect(await appspace.listPlayers(never())).toMatchObject({ problem: 'Appspace answered with status 503' });
  });

  it('with more time than the sweep has end it, and nothing is asked until then', async () => {
    let nowMs = Date.now();
    const { cloud, appspace, requested } = await aCloud({ client: { now: () => nowMs } });
    cloud.setFault({ kind: 'tooMany', retryAfter: 60, times: 1 });
    const problem = 'too many requests: Appspace asks to wait for 60 s';
    expect(await appspace.listPlayers(never())).toMatchObject({ problem });
    nowMs += 50_000;
    expect(await appspace.listPlayers(never())).toMatchObject({ problem });
    expect(countOf(requested, '/devices')).toBe(1);
    nowMs += 11_000;
    expect(await appspace.listPlayers(never())).toMatchObject({ problem: null, players: { size: 3 } });
  });
});

describe('secrets', () => {
  afterEach(() => vi.restoreAllMocks());

  it('go to the account only, and are in no problem, whatever it answers', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    for (const [, fault] of [...FAULTS, ['', { kind: 'refused' } as CloudFault] as const]) {
      const { cloud, appspace } = await aCloud({ players: players(1), client: { timeoutMs: 1_000, listingMs: 1_000 } });
      cloud.setFault(fault);
      const { problem } = await appspace.listPlayers(never());
      expect(JSON.stringify(problem)).not.toContain(ACCOUNT.refreshToken);
    }
    expect(fetched.mock.calls.filter(([url]) => !String(url).startsWith('http://127.0.0.1:'))).toEqual([]);
    expect(fetched.mock.calls.filter(([url]) => /secret|Bearer|token=/.test(String(url)))).toEqual([]);
  });
});
