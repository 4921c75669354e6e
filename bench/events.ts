// Events per second that one router process hands to a subscriber, plain and with one entity fetch, beside the same subscriber
// at the subgraph itself. Rates are raised until the last event comes late.

import { type Estate, startEstate } from './stream/processes.ts';
import { PLAIN, WITH_ENTITY } from './stream/sdl.ts';
import { cpuMs } from './support/cpu.ts';
import { ask, type Program, startProgram } from './support/programs.ts';

const SECONDS = 4;
/** The last event may be this late for a rate to count as held. */
const LAG_LIMIT_MS = 500;
const RATES = [1_000, 2_500, 5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000];

type Report = { count: number; lagMs: number; isOrdered: boolean; failure: string | null };
type Held = { rate: number; lagMs: number; microsecondsPerEvent: number };

const wsOf = (url: string): string => url.replace('http', 'ws');

/** The highest rate that a subscriber at `url` follows, and what it costs `server` there. */
async function highestRate(
  estate: Estate,
  url: string,
  query: string,
  server: Program,
  from: number,
): Promise<Held | null> {
  let held: Held | null = null;
  for (const rate of RATES.filter((candidate) => candidate >= from)) {
    const client = await startProgram(new URL('stream/counting-client.ts', import.meta.url), [wsOf(url), query]);
    const before = cpuMs(server.pid);
    const appended = ask(estate.log, { rate, seconds: SECONDS });
    const { lagMs, isOrdered, failure } = await ask<Report>(client, { expect: rate * SECONDS });
    await appended;
    const microsecondsPerEvent = ((cpuMs(server.pid) - before) * 1_000) / (rate * SECONDS);
    await client.stop();
    if (!isOrdered) throw new Error(`events were lost or out of order at ${rate} a second`);
    if (failure !== null || lagMs > LAG_LIMIT_MS) break;
    held = { rate, lagMs, microsecondsPerEvent };
  }
  return held;
}

export async function bench(): Promise<void> {
  const estate = await startEstate();
  try {
    const router = await estate.startRouter();
    const cases = [
      { name: 'subgraph alone, plain', url: estate.log.said.url, query: PLAIN, server: estate.log as Program },
      { name: 'router, plain', url: router.url, query: PLAIN, server: router as Program },
      { name: 'router, with one entity fetch', url: router.url, query: WITH_ENTITY, server: router as Program },
    ];
    process.stdout.write(
      'events a second that one subscriber follows, each step held for 4 s with the last event at most 500 ms late\n',
    );
    const rates: number[] = [];
    for (const { name, url, query, server } of cases) {
      const held = await highestRate(estate, url, query, server, RATES[0] ?? 1);
      rates.push(held?.rate ?? 0);
      process.stdout.write(
        held === null
          ? `${name}: not even ${RATES[0]}\n`
          : `${name}: ${held.rate} events/s, last one ${held.lagMs} ms late, ${held.microsecondsPerEvent.toFixed(1)} us CPU of the server per event\n`,
      );
    }
    const [alone = 1, plain = 0, entity = 0] = rates;
    process.stdout.write(
      `router to subgraph: plain ${(plain / alone).toFixed(2)}, with one entity fetch ${(entity / alone).toFixed(2)}\n`,
    );
  } finally {
    await estate.close();
  }
}
