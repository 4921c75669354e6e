// Two thousand people who have signed in, each with a subscription and queries now and then, at the router as shipped with identity and limits on:
// how long queries take, how late events come, what the processes hold, and what fails.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Clients, Mixed, Mixing, Opened } from './people/clients.ts';
import { startHouse } from './people/house.ts';
import { cpuMs, treeCpuMs } from './support/cpu.ts';
import { ask, startProgram } from './support/programs.ts';

const USAGE = `npm run bench -- signed-in [--users N] [--seconds S] [--every S] [--changes N]
  N users (2000), each with a websocket and a subscription, who ask one query each S seconds (10), for S seconds (20), while N statuses (2) change
  a second`;

const PROCESSES = 2;
/** Who signs in is not what is measured: a hash that costs next to nothing. `sign-ins` measures it as it is. */
const CHEAP = { memory: 64, passes: 1, parallelism: 1 };
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The memory of a process when its garbage has been collected. */
async function residentMiB(pid: number): Promise<number> {
  for (let round = 0; round < 2; round += 1) {
    process.kill(pid, 'SIGUSR2');
    await sleep(1_000);
  }
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

function told(times: number[]): string {
  times.sort((one, other) => one - other);
  const quantile = (share: number): string =>
    (times[Math.floor(share * (times.length - 1))] ?? Number.NaN).toFixed(1).padStart(6);
  return `p50 ${quantile(0.5)} ms   p99 ${quantile(0.99)} ms   last ${quantile(1)} ms   of ${times.length}`;
}

/** How often each happened. */
function tallied(failures: readonly string[]): string {
  const counts = Map.groupBy(failures, (what) => what.replace(/[0-9a-f-]{36}|\d+/g, '…'));
  return [...counts].map(([what, all]) => `${all.length} times ${what}`).join('; ') || 'nothing';
}

export async function bench(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { users: text, seconds: text, every: text, changes: text } });
  const [users, ms] = [Number(values.users ?? 2_000), Number(values.seconds ?? 20) * 1_000];
  const [everySeconds, changes] = [Number(values.every ?? 10), Number(values.changes ?? 2)];
  if (!(users >= PROCESSES && users <= 10_000 && ms > 0 && everySeconds > 0 && changes > 0)) throw new Error(USAGE);
  const house = await startHouse({ users, devices: 200, hashing: CHEAP });
  const clients: Awaited<ReturnType<typeof startProgram<Opened>>>[] = [];
  try {
    const { url, deviceIds, routerPid, serverPid } = house;
    const memory = async (): Promise<[number, number]> => [await residentMiB(routerPid), await residentMiB(serverPid)];
    const cpu = () => [cpuMs(routerPid), cpuMs(serverPid), treeCpuMs(house.postgresPid)] as const;
    const before = await memory();
    const each = Math.floor(users / PROCESSES);
    for (let index = 0; index < PROCESSES; index += 1) {
      const options: Clients = { url, first: index * each, count: each, deviceIds };
      clients.push(
        await startProgram<Opened>(new URL('people/clients.ts', import.meta.url), [JSON.stringify(options)]),
      );
    }
    const opened = clients.map(({ said }) => said);
    say(
      `${each * PROCESSES} users signed in within ${(opened.reduce((sum, one) => sum + one.signInsMs, 0) / 1_000).toFixed(1)} s and subscribed within ${(opened.reduce((sum, one) => sum + one.openMs, 0) / 1_000).toFixed(1)} s; failed meanwhile: ${tallied(opened.flatMap(({ failures }) => failures))}`,
    );
    const idle = await memory();
    const [cpuBefore, startedAtMs] = [cpu(), performance.now()];
    const mixing = Promise.all(clients.map((client) => ask<Mixed>(client, { ms, everySeconds } satisfies Mixing)));
    let isOver = false;
    void mixing.finally(() => {
      isOver = true;
    });
    for (let turn = 0; !isOver; turn += 1) {
      await house.change([deviceIds[turn % deviceIds.length] ?? '']);
      await sleep(1_000 / changes);
    }
    const mixed = await mixing;
    const tookMs = performance.now() - startedAtMs;
    const used = cpu().map((now, index) => (100 * (now - (cpuBefore[index] ?? 0))) / tookMs);
    const after = await memory();
    say(
      `load average ${loadavg()[0]?.toFixed(1)}; ${ms / 1_000} s, each user asks every ${everySeconds} s, ${changes} statuses change a second`,
    );
    say(`  queries   ${told(mixed.flatMap(({ queryMs }) => queryMs))}`);
    say(`  events    ${told(mixed.flatMap(({ lateMs }) => lateMs))}, from the change to the client`);
    for (const [index, name] of ['router', 'server'].entries())
      say(
        `  ${name.padEnd(9)} ${used[index]?.toFixed(0).padStart(3)} % of a core   ${before[index]?.toFixed(0)} MiB before, ${idle[index]?.toFixed(0)} with all subscribed, ${after[index]?.toFixed(0)} afterwards: ${((1_024 * ((idle[index] ?? 0) - (before[index] ?? 0))) / users).toFixed(0)} KiB a user`,
      );
    say(`  PostgreSQL${used[2]?.toFixed(0).padStart(4)} % of a core`);
    say(`  failed: ${tallied(mixed.flatMap(({ failures }) => failures))}`);
  } finally {
    for (const client of clients) await client.stop();
    await house.close();
  }
}
