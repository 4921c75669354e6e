// The client that does nothing wrong: so many requests a second, whether or not the ones before were answered. Told over IPC {url,
// perSecond, ms}, and what it asks and as whom where that is no question to the benchmark's estate; says how long its requests took, from the moment at which each was due.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { QUESTIONS } from '../router/estate.ts';

export type Steady = {
  url: string;
  perSecond: number;
  ms: number;
  asked?: { body: string; accessToken: string };
};
export type SteadyReport = { p50Ms: number; p99Ms: number; failed: number };

const question = QUESTIONS.find(({ key }) => key === 'twenty');
if (question === undefined) throw new Error('there is no such question');
const body = JSON.stringify({ query: question.query, variables: question.variables });
const agent = new Agent({ connections: 16, connect: { localAddress: '127.0.0.2' } });
let asked = 0;

async function run({ url, perSecond, ms, asked: given }: Steady): Promise<SteadyReport> {
  const { origin, pathname } = new URL(url);
  const times: number[] = [];
  let failed = 0;
  const askOnce = async (dueAtMs: number): Promise<void> => {
    asked += 1;
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${given?.accessToken ?? `caller-${asked}`}`,
    };
    try {
      const response = await agent.request({
        origin,
        path: pathname,
        method: 'POST',
        headers,
        body: given?.body ?? body,
      });
      const text = await response.body.text();
      if (response.statusCode !== 200 || text.includes('"errors"')) failed += 1;
    } catch {
      failed += 1;
    }
    times.push(performance.now() - dueAtMs);
  };
  const startedAtMs = performance.now();
  const all: Promise<void>[] = [];
  for (let index = 0; index < (ms * perSecond) / 1_000; index += 1) {
    const dueAtMs = startedAtMs + (index * 1_000) / perSecond;
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    all.push(askOnce(dueAtMs));
  }
  await Promise.all(all);
  times.sort((one, other) => one - other);
  const quantile = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), failed };
}

process.on('message', async (steady: Steady) => process.send?.(await run(steady)));
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
