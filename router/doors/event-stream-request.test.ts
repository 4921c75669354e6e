import { connect } from 'node:net';
import { openHttpDoor } from '@wheelhouse/kit/http.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openEventStream } from '../testing/event-stream.ts';
import { type LiveRouter, startLiveRouter } from '../testing/live.ts';
import { until } from '../testing/router.ts';
import { openEventStreamDoor } from './event-stream.ts';
import { isEventStreamRequest } from './event-stream-request.ts';

const MIB = 1024 * 1024;
const ECHO = { query: '{ echo }' };

let live: LiveRouter;
beforeAll(async () => {
  live = await startLiveRouter();
});
afterAll(() => live.router.close());

const ask = async (asked: Parameters<typeof openEventStream>[1]) => {
  const stream = await openEventStream(live.router.url, asked);
  await until('the end', stream.end);
  return stream;
};

describe('who is answered with server-sent events', () => {
  it.each<[accept: string | undefined, is: boolean]>([
    ['text/event-stream', true],
    ['Text/Event-Stream; charset=utf-8', true],
    ['text/event-stream, multipart/mixed', true],
    ['text/event-stream, */*', true],
    ['*/*, text/event-stream', true],
    ['text/event-stream, application/json', true],
    // As urql has it with each query.
    ['application/graphql-response+json, application/json, text/event-stream, multipart/mixed', false],
    ['application/json;q=0.9, text/event-stream', true],
    ['text/event-stream;q=0.8, application/json', false],
    ['text/event-stream; q=0', false],
    ['application/json', false],
    ['*/*', false],
    ['text/*', false],
    ['text/event-stream-of-mine', false],
    ['', false],
    [undefined, false],
  ])('Accept: %s gives %s', (accept, is) => {
    expect(isEventStreamRequest({ headers: accept === undefined ? {} : { accept } })).toBe(is);
  });

  it('a browser that opens the address is shown the page', async () => {
    const response = await fetch(live.router.url, { headers: { accept: 'text/html, text/event-stream' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    await response.body?.cancel();
  });
});

describe('a request for server-sent events is refused', () => {
  it.each<[what: string, status: number, says: RegExp, asked: Parameters<typeof openEventStream>[1]]>([
    ['as PUT', 405, /GET and POST/, { method: 'PUT', operation: ECHO }],
    ['as DELETE', 405, /GET and POST/, { method: 'DELETE' }],
    ['as a form', 415, /content-type/, { operation: ECHO, headers: { 'content-type': 'text/plain' } }],
    [
      'as JSON in name only',
      415,
      /content-type/,
      { operation: ECHO, headers: { 'content-type': 'application/jsonx' } },
    ],
    ['without a body', 400, /not valid JSON/, {}],
    ['with half of its JSON', 400, /not valid JSON/, { body: '{"query":' }],
    ['with bytes of no meaning', 400, /not valid JSON/, { body: Buffer.from([0, 255, 254]) }],
    ['with text', 400, /must be an object/, { body: '"{ echo }"' }],
    ['with null', 400, /must be an object/, { body: 'null' }],
    ['with a list', 400, /must be an object/, { body: JSON.stringify([ECHO, ECHO]) }],
    ['without a query', 400, /query must be text/, { body: '{}' }],
    ['with a query that is no text', 400, /query must be text/, { body: '{"query":7}' }],
    [
      'with variables that are a list',
      400,
      /variables must be an object/,
      { body: '{"query":"{ echo }","variables":[1]}' },
    ],
    [
      'with a name that is no text',
      400,
      /operationName must be text/,
      { body: '{"query":"{ echo }","operationName":7}' },
    ],
    ['by GET without a query', 400, /query must be text/, { method: 'GET' }],
    [
      'with a body of more than 4 MiB',
      413,
      /4194304 bytes/,
      { operation: { query: `{ echo } #${'x'.repeat(4 * MIB)}` } },
    ],
    ['under another name', 403, /this machine/, { operation: ECHO, headers: { host: 'evil.example' } }],
    ['by a page of another host', 403, /this machine/, { operation: ECHO, headers: { origin: 'http://evil.example' } }],
    ['by a page of no origin', 403, /this machine/, { method: 'GET', operation: ECHO, headers: { origin: 'null' } }],
  ])('%s with %i', async (_what, status, says, asked) => {
    const answer = await ask(asked);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json; charset=utf-8']);
    expect(answer.text()).toMatch(says);
    expect(answer.headers.allow).toBe(status === 405 ? 'GET, POST' : undefined);
  });

  it('by GET with variables that are not JSON with 400', async () => {
    const response = await fetch(`${live.router.url}?query={echo}&variables={`, {
      headers: { accept: 'text/event-stream' },
    });
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('variables is not valid JSON'),
    ]);
  });
});

it.each(['application/json', 'Application/JSON; charset=utf-8', 'application/graphql+json'])(
  'takes a body of type %s',
  async (type) => {
    const { events } = await ask({ operation: ECHO, headers: { 'content-type': type } });
    expect(events).toEqual([{ data: { echo: 'silence' } }]);
  },
);

it('serves pages of this machine', async () => {
  const { events } = await ask({ operation: ECHO, headers: { origin: 'http://localhost:3000' } });
  expect(events).toHaveLength(1);
});

it('a client that leaves before it has asked is no fault of the router', async () => {
  const faults: unknown[] = [];
  let requests = 0;
  const { handle } = openEventStreamDoor(
    {
      admit: () => {
        throw new Error('nothing was asked');
      },
      perform: () => Promise.reject(new Error('nothing was asked')),
    },
    () => null,
    1_000,
  );
  const door = await openHttpDoor({
    host: '127.0.0.1',
    port: 0,
    routes: {
      '/': async (request, response) => {
        await handle({ headers: {}, asserted: null, caller: null, countedAs: 'caller' }, request, response);
        requests += 1;
      },
    },
    unready: () => null,
    metrics: new Registry(),
    onError: (err) => {
      faults.push(err);
    },
  });
  onTestFinished(() => door.close());
  const { hostname, port } = new URL(door.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST / HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query":`,
  );
  const began = new Promise((resolve) => door.server.once('request', resolve));
  await began;
  socket.destroy();
  await until('the end of the request', () => requests === 1 || faults.length > 0);
  expect(faults).toEqual([]);
});
