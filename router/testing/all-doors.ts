import { connectClient, type Event } from './client.ts';
import { openEventStream } from './event-stream.ts';
import { type TestRouter, until } from './router.ts';

export type DoorAnswers = Record<'http' | 'sse' | 'websocket', Event>;

/** What an operation is answered with first, at each door. */
export async function askAllDoors(
  router: TestRouter,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<DoorAnswers> {
  const { data, errors } = await router.query(query, { variables });
  const stream = await openEventStream(router.url, { operation: { query, variables } });
  const [sse = {}] = await stream.take(1);
  stream.leave();
  const client = connectClient(router.url);
  const operation = client.start(query, variables);
  const end = await until('the answer', () => operation.events[0] ?? operation.ended());
  await client.close();
  const websocket =
    typeof end === 'object' && 'error' in end ? { errors: end.error as NonNullable<Event['errors']> } : end;
  return {
    http: { data, ...(errors && { errors }) },
    sse,
    websocket: websocket === 'complete' ? {} : websocket,
  };
}

/** The codes of the first error at each door; undefined where there is none. */
export const codesOf = ({ http, sse, websocket }: DoorAnswers): unknown[] =>
  [http, sse, websocket].map(({ errors }) => errors?.[0]?.extensions?.code);
