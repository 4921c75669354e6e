import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type FeedOptions, followFeed } from './feed.ts';
import { createLogger } from './logger.ts';

type Item = { id: string };
type Answer = { status: number; body: unknown };

/** An owner that answers a request with the next of `answers`, and holds it while there is none. */
function startOwner() {
  const answers: Answer[] = [];
  const requests: { after: string | null; authorization: string | undefined }[] = [];
  const held: ServerResponse[] = [];
  const give = (): void => {
    while (held.length > 0 && answers.length > 0) {
      const { status, body } = answers.shift() ?? { status: 500, body: null };
      held.shift()?.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }
  };
  const server: Server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://owner');
    requests.push({ after: searchParams.get('after'), authorization: request.headers.authorization });
    held.push(response);
    give();
  });
  return {
    server,
    requests,
    answer: (...more: Answer[]) => {
      answers.push(...more);
      give();
    },
  };
}

const page = (cursor: string, ...ids: string[]): Answer => ({
  status: 200,
  body: { cursor, more: false, items: ids.map((id) => ({ id })) },
});

describe('a follower of a feed', () => {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ name: 'test', level: 'info', destination });
  let owner: ReturnType<typeof startOwner>;
  let aborter: AbortController;
  let cursor: string | null;
  let applied: { ids: string[]; from: string | null; to: string }[];
  let stopped: Promise<void>;

  function follow(options: Partial<FeedOptions<Item>> = {}): void {
    const address = owner.server.address();
    stopped = followFeed<Item>({
      url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/feed?kind=x`,
      token: 'the-service-token',
      item: z.object({ id: z.string() }),
      readCursor: () => Promise.resolve(cursor),
      apply: (items, { from, to }) => {
        applied.push({ ids: items.map(({ id }) => id), from, to });
        cursor = to;
        return Promise.resolve();
      },
      reset: () => {
        cursor = null;
        return Promise.resolve();
      },
      signal: aborter.signal,
      logger,
      ...options,
    });
  }

  beforeEach(async () => {
    owner = startOwner();
    await new Promise<void>((resolve) => owner.server.listen(0, '127.0.0.1', resolve));
    aborter = new AbortController();
    cursor = null;
    applied = [];
    lines.length = 0;
    stopped = Promise.resolve();
  });
  afterEach(async () => {
    aborter.abort();
    await stopped;
    owner.server.closeAllConnections();
    await new Promise((resolve) => owner.server.close(resolve));
  });

  it('reads from the start, then goes on behind each page', async () => {
    owner.answer(page('c1', 'a', 'b'), page('c2'), page('c3', 'c'));
    follow();
    await vi.waitFor(() => expect(owner.requests.length).toBe(4), 40_000);
    expect(applied).toEqual([
      { ids: ['a', 'b'], from: null, to: 'c1' },
      { ids: [], from: 'c1', to: 'c2' },
      { ids: ['c'], from: 'c2', to: 'c3' },
    ]);
    expect(owner.requests.map(({ after }) => after)).toEqual([null, 'c1', 'c2', 'c3']);
    expect(owner.requests[0]?.authorization).toBe('Bearer the-service-token');
  });

  it('starts over when the owner does not know its cursor', async () => {
    cursor = 'of-another-database';
    const refused: string[] = [];
    owner.answer({ status: 410, body: {} }, page('c1', 'a'));
    follow({
      reset: (unknown) => {
        refused.push(unknown);
        cursor = null;
        return Promise.resolve();
      },
    });
    await vi.waitFor(() => expect(applied).toEqual([{ ids: ['a'], from: null, to: 'c1' }]), 40_000);
    expect(refused).toEqual(['of-another-database']);
  });

  it.each([
    ['refuses even the start', { status: 410, body: {} }],
    ['sends no page', { status: 200, body: { hello: 'world' } }],
    ['sends an item of another shape', { status: 200, body: { cursor: 'bad', more: false, items: [{ id: 7 }] } }],
  ])('asks again after a second from where it stands when the owner %s', async (_name, answer) => {
    owner.answer(answer, page('c1', 'a'));
    const startedAt = performance.now();
    follow();
    await vi.waitFor(() => expect(applied).toEqual([{ ids: ['a'], from: null, to: 'c1' }]), 40_000);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(lines.map(({ msg }) => msg)).toEqual(['the feed can not be read, trying again', 'the feed is back']);
    expect(JSON.stringify(lines)).not.toContain('the-service-token');
  });

  it('says once that the feed can not be read, however long', async () => {
    const failure = { status: 500, body: {} };
    owner.answer(failure, failure, page('c1', 'a'));
    follow();
    await vi.waitFor(() => expect(applied).toHaveLength(1), 40_000);
    expect(lines.map(({ msg }) => msg)).toEqual(['the feed can not be read, trying again', 'the feed is back']);
  });

  it('waits for an owner that is not there yet', async () => {
    const address = owner.server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await new Promise((resolve) => owner.server.close(resolve));
    follow({ url: `http://127.0.0.1:${port}/feed` });
    await vi.waitFor(() => expect(lines).toHaveLength(1), 40_000);
    owner.answer(page('c1', 'a'));
    await new Promise<void>((resolve) => owner.server.listen(port, '127.0.0.1', resolve));
    await vi.waitFor(() => expect(applied).toHaveLength(1), 40_000);
  });

  it('stops at once when told to, also while the owner holds its request', async () => {
    follow();
    await vi.waitFor(() => expect(owner.requests).toHaveLength(1), 40_000);
    const startedAt = performance.now();
    aborter.abort();
    await stopped;
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(lines).toEqual([]);
  });
});
