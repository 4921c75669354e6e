import { setTimeout as sleep } from 'node:timers/promises';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { compose, until } from '@wheelhouse/router/testing/router.ts';
import { type SubgraphSource, startSubgraph } from '@wheelhouse/router/testing/subgraph.ts';
import { afterEach, expect, it } from 'vitest';
import { range, useFixture, watch } from './testing/fixture.ts';
import { type Entry, Log } from './testing/log.ts';

const fixture = useFixture();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The log in one subgraph; another adds a field to what its entries are about. */
function sourcesOf(log: Log): SubgraphSource[] {
  const changes: SubgraphSource = {
    name: 'changes',
    typeDefs: `
      type Thing @key(fields: "id") { id: ID! }
      type Change { cursor: ID!  value: Int!  thing: Thing! }
      type Query { logCursor: String }
      type Subscription { changed(after: String): Change! }
    `,
    resolvers: {
      Query: { logCursor: () => log.head },
      Subscription: {
        changed: {
          subscribe: (_source: unknown, { after }: { after?: string }) => log.subscribe(after ?? null),
          resolve: (entry: Entry) => ({ ...entry, thing: { id: entry.value } }),
        },
      },
    },
  };
  const names: SubgraphSource = {
    name: 'names',
    typeDefs: 'type Thing @key(fields: "id") { id: ID!  name: String }  type Query { things: Int }',
    resolvers: { Thing: { name: ({ id }: { id: string }) => `thing ${id}` } },
  };
  return [changes, names];
}

async function startRestartableRouter(sources: readonly SubgraphSource[]) {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const urls: Record<string, string> = {};
  for (const source of sources) {
    const subgraph = await startSubgraph(source);
    closers.push(subgraph.close);
    urls[source.name] = subgraph.url;
  }
  const supergraphSdl = compose(sources, (name) => urls[name] ?? '');
  let stops = new StopList(logger);
  const { url } = await startRouter({ supergraphSdl, host: '127.0.0.1', port: 0, logger, stops });
  closers.push(() => stops.stop());
  const stop = () => stops.stop();
  const startAgain = async (): Promise<void> => {
    stops = new StopList(logger);
    await startRouter({ supergraphSdl, host: '127.0.0.1', port: Number(new URL(url).port), logger, stops });
  };
  return { url, stop, startAgain };
}

const QUERY = 'subscription ($after: String) { changed(after: $after) { cursor value thing { name } } }';

it('a client of the router has every change once and in order while the router is restarted', async () => {
  const log = new Log();
  const router = await startRestartableRouter(sourcesOf(log));
  const client = fixture.client({ url: router.url });
  const names: unknown[] = [];
  const { stream, states } = watch(client, {
    query: QUERY,
    startCursor: async () => (await client.query<{ logCursor: string }>('{ logCursor }')).data.logCursor,
  });
  await until('a subscriber', () => log.listeners === 1);
  const writer = (async () => {
    for (let written = 0; written < 120; written += 1) {
      log.append(1);
      if (written === 30 || written === 80) await router.stop();
      if (written === 50 || written === 100) await router.startAgain();
      await sleep(2);
    }
  })();
  const values: number[] = [];
  for await (const { data, errors } of stream) {
    expect(errors).toEqual([]);
    const { value, thing } = data.changed as { value: number; thing?: { name: string } };
    values.push(value);
    names.push(thing?.name);
    if (value === 120) break;
  }
  await writer;
  expect(values).toEqual(range(1, 120));
  expect(names).toEqual(values.map((value) => `thing ${value}`));
  expect(log.asked.length).toBeGreaterThan(1);
  expect(states.filter(({ phase }) => phase === 'reconnecting').length).toBeGreaterThan(0);
  await until('the upstream to be free', () => log.listeners === 0);
});

it('what the router refuses ends the stream with its code', async () => {
  const log = new Log();
  const router = await startRestartableRouter(sourcesOf(log));
  const client = fixture.client({ url: router.url });
  const { stream } = watch(client, { query: 'subscription { changed { cursor nothing } }' });
  await expect(stream.next()).rejects.toMatchObject({ name: 'RefusedError', code: 'GRAPHQL_VALIDATION_FAILED' });
  const lost = watch(client, { after: 'b-1' });
  await expect(lost.stream.next()).rejects.toMatchObject({
    name: 'CursorLostError',
    code: 'CURSOR_INVALID',
    cursor: 'b-1',
  });
});

it('a stream in which a service fails is resumed', async () => {
  const log = new Log();
  const [changes, names] = sourcesOf(log);
  if (changes === undefined || names === undefined) throw new Error('two subgraphs are meant');
  const router = await startRestartableRouter([changes, names]);
  const { take, stream } = watch(fixture.client({ url: router.url }), { after: 'a-0' });
  log.append(1);
  expect(await take(1)).toEqual([1]);
  log.end(new Error('the service fails'));
  log.append(1);
  expect(await take(1)).toEqual([2]);
  expect(stream.cursor).toBe('a-2');
});
