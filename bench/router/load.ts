// The load: a closed loop of so many connections, each of which asks again as soon as it is answered, every time as another
// caller by its header, and each connection from another address. Told over IPC {url, question, connections, ms, tokens}: with access tokens, each
// connection has some of its own and takes them in turn. Says how many answers came and how long they took.
import { Client } from 'undici';
import type { Question } from './estate.ts';

export type Load = {
  url: string;
  question: Question;
  connections: number;
  ms: number;
  tokens: readonly string[] | null;
};
export type LoadReport = { answers: number; ms: number; p50Ms: number; p99Ms: number; text: string };

let callers = 0;

async function run({ url, question: { query, variables }, connections, ms, tokens }: Load): Promise<LoadReport> {
  const { origin, pathname } = new URL(url);
  const body = JSON.stringify({ query, variables });
  const times: number[] = [];
  let expected: string | null = null;
  const startedAt = performance.now();
  const endsAt = startedAt + ms;
  const ask = async (connection: number): Promise<void> => {
    // The router counts what each address asks for.
    const localAddress = `127.0.0.${2 + (connection % 250)}`;
    const client = new Client(origin, { pipelining: 1, localAddress });
    const own = tokens?.filter((_token, index) => index % connections === connection) ?? [];
    let turn = 0;
    for (let at = performance.now(); at < endsAt; ) {
      callers += 1;
      turn += 1;
      const response = await client.request({
        method: 'POST',
        path: pathname,
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json;q=0.9',
          authorization: `Bearer ${own[turn % own.length] ?? `caller-${callers}`}`,
        },
        body,
      });
      const text = await response.body.text();
      expected ??= text;
      if (response.statusCode !== 200 || text !== expected)
        throw new Error(`an answer differs from the first: ${text}`);
      const answeredAt = performance.now();
      times.push(answeredAt - at);
      at = answeredAt;
    }
    await client.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => ask(connection)));
  const tookMs = performance.now() - startedAt;
  times.sort((one, other) => one - other);
  const quantile = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return { answers: times.length, ms: tookMs, p50Ms: quantile(0.5), p99Ms: quantile(0.99), text: expected ?? '' };
}

process.on('message', async (load: Load) => process.send?.(await run(load)));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
