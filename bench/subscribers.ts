// One status change to 10,000 subscribers of one router process, one websocket each: time until the last one has it, memory for
// each idle one, a storm in which all come back with cursors of their own, and 1,000 identities. Beside it: graphql-ws alone.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Estate, startEstate } from './stream/processes.ts';
import { PLAIN } from './stream/sdl.ts';
import { ask, type Program, startProgram } from './support/programs.ts';

const SUBSCRIBERS = 10_000;
const PROCESSES = 2;
const EVENTS = 5;
/** Cursors of the storm lie among this many of the last events. */
const SPREAD = 400;

/** The memory of a process when its garbage has been collected. */
async function residentKb(pid: number): Promise<number> {
  for (let round = 0; round < 2; round += 1) {
    process.kill(pid, 'SIGUSR2');
    await sleep(1_000);
  }
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
const portOf = (url: string): number => Number(new URL(url).port);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

type Reached = { atMs: number; missed: number };

async function openClients(port: number, count: number, identities = 0): Promise<Program[]> {
  const each = count / PROCESSES;
  return Promise.all(
    Array.from({ length: PROCESSES }, (_, index) =>
      startProgram(new URL('stream/many-clients.ts', import.meta.url), [
        JSON.stringify({ port, query: PLAIN, first: index * each, count: each, identities }),
      ]),
    ),
  );
}

/** Time from an event until the last subscriber has it, in milliseconds: the median of several. */
async function timeToLast(clients: Program[], publish: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let event = 0; event < EVENTS; event += 1) {
    const startedAt = Date.now();
    const position = await publish();
    const reached = await Promise.all(clients.map((client) => ask<Reached>(client, { until: position })));
    if (reached.some(({ missed }) => missed > 0)) throw new Error('events were missed');
    times.push(Math.max(...reached.map(({ atMs }) => atMs)) - startedAt);
  }
  return times.toSorted((one, other) => one - other)[Math.floor(EVENTS / 2)] ?? 0;
}

const stopAll = (programs: Program[]) => Promise.all(programs.map(({ stop }) => stop()));
const appendTo =
  ({ log }: Estate) =>
  async (count = 1): Promise<number> =>
    (await ask<{ appended: number }>(log, { append: count })).appended;

/** Memory for each subscriber, the time to open them all, and the time until the last one has an event. */
async function measure(server: Program, url: string, publish: () => Promise<number>, identities = 0) {
  // What a first subscriber needs, such as the plan, is no part of what each one needs.
  await stopAll(await openClients(portOf(url), PROCESSES, identities));
  const before = await residentKb(server.pid);
  const startedAt = Date.now();
  const clients = await openClients(portOf(url), SUBSCRIBERS, identities);
  const openMs = Date.now() - startedAt;
  const kbEach = ((await residentKb(server.pid)) - before) / SUBSCRIBERS;
  const lastMs = await timeToLast(clients, publish);
  return { clients, kbEach, lastMs, openMs };
}

const told = ({ kbEach, lastMs, openMs }: Awaited<ReturnType<typeof measure>>): string =>
  `${kbEach.toFixed(1)} KB each, opened in ${openMs} ms, an event reaches the last in ${lastMs} ms`;

export async function bench(): Promise<void> {
  const bare = await startProgram<{ url: string }>(new URL('stream/bare-server.ts', import.meta.url));
  const floor = await measure(bare, bare.said.url, async () => (await ask<{ appended: number }>(bare, {})).appended);
  await stopAll([...floor.clients, bare]);
  say(`graphql-ws alone, ${SUBSCRIBERS} subscribers: ${told(floor)}`);

  const estate = await startEstate();
  const append = appendTo(estate);
  try {
    let router = await estate.startRouter();
    const shared = await measure(router, router.url, () => append());
    const { clients } = shared;
    say(`router, ${SUBSCRIBERS} subscribers: ${told(shared)}`);
    const ratio = (of: 'kbEach' | 'openMs' | 'lastMs'): string => (shared[of] / floor[of]).toFixed(2);
    say(`router to graphql-ws alone: memory ${ratio('kbEach')}, opening ${ratio('openMs')}, event ${ratio('lastMs')}`);

    const storm = async (what: string, restart: boolean): Promise<void> => {
      const head = await append(SPREAD);
      await Promise.all(clients.map((client) => ask(client, { until: head })));
      await Promise.all(clients.map((client) => ask(client, { drop: true })));
      if (restart) {
        await router.stop();
        router = await estate.startRouter(portOf(router.url));
      } else {
        await sleep(1_000);
      }
      const startedAt = Date.now();
      const end = await append();
      const reached = await Promise.all(
        clients.map((client) => ask<Reached>(client, { until: end, reconnectFrom: end - 1, spread: SPREAD })),
      );
      if (reached.some(({ missed }) => missed > 0)) throw new Error('events were missed');
      const stormMs = Math.max(...reached.map(({ atMs }) => atMs)) - startedAt;
      const toOpening = (stormMs / floor.openMs).toFixed(2);
      say(
        `${what}: all back with cursors over the last ${SPREAD} events and caught up in ${stormMs} ms, ${toOpening} of opening at graphql-ws alone`,
      );
    };
    await storm('all connections dropped', false);
    await storm('router killed and started again', true);
    await stopAll(clients);
    await router.stop();

    router = await estate.startRouter();
    const many = await measure(router, router.url, () => append(), 1_000);
    say(`router, ${SUBSCRIBERS} subscribers of 1000 identities: ${told(many)}`);
    await stopAll(many.clients);
  } finally {
    await estate.close();
  }
}
