import { type IncomingMessage, request } from 'node:http';
import type { Event } from './client.ts';
import { until } from './router.ts';

export type EventStream = {
  status: number;
  headers: IncomingMessage['headers'];
  /** What came as `next`. */
  events: Event[];
  /** Lines that clients pass over. */
  comments: () => number;
  /** `complete` is the event of that name; `ended` is the end of the answer; `cut` is a connection that broke. */
  end: () => 'complete' | 'ended' | 'cut' | null;
  /** The next events up to `count` of them. */
  take: (count: number) => Promise<Event[]>;
  /** The whole answer, as far as it has come. */
  text: () => string;
  response: IncomingMessage;
  leave: () => void;
};

export type EventStreamRequest = {
  method?: string;
  headers?: Record<string, string>;
  /** As the search of the address where the method is GET, else as JSON. */
  operation?: { query: string; variables?: unknown; operationName?: string };
  /** In place of the operation. */
  body?: string | Buffer;
};

const searchOf = ({ query, variables, operationName }: NonNullable<EventStreamRequest['operation']>): string => {
  const search = new URLSearchParams({ query });
  if (variables !== undefined) search.set('variables', JSON.stringify(variables));
  if (operationName !== undefined) search.set('operationName', operationName);
  return `?${search}`;
};

/** Asks for server-sent events over bare HTTP. Resolves when the head of the answer is there. */
export async function openEventStream(
  url: string,
  { method = 'POST', headers = {}, operation, body }: EventStreamRequest,
): Promise<EventStream> {
  const isGet = method === 'GET';
  const address = new URL(isGet && operation !== undefined ? searchOf(operation) : '', url);
  const answered = Promise.withResolvers<IncomingMessage>();
  const asking = request(address, {
    method,
    agent: false,
    headers: { accept: 'text/event-stream', ...(!isGet && { 'content-type': 'application/json' }), ...headers },
  });
  asking.on('response', answered.resolve);
  asking.on('error', answered.reject);
  asking.end(body ?? (isGet || operation === undefined ? undefined : JSON.stringify(operation)));
  const response = await answered.promise;
  const events: Event[] = [];
  let text = '';
  let rest = '';
  let comments = 0;
  let taken = 0;
  let end: ReturnType<EventStream['end']> = null;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1;
      else if (block.startsWith('event: next\ndata: ')) events.push(JSON.parse(block.slice(18)));
      else if (block === 'event: complete\ndata:') end = 'complete';
      else throw new Error(`this is no server-sent event: ${block}`);
    }
  });
  response.on('end', () => {
    end ??= 'ended';
  });
  response.on('error', () => {
    end ??= 'cut';
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    comments: () => comments,
    end: () => end,
    take: async (count) => {
      await until(`${count} events`, () => events.length >= taken + count);
      taken += count;
      return events.slice(taken - count, taken);
    },
    text: () => text,
    response,
    leave: () => response.destroy(),
  };
}
