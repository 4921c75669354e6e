// The benchmark itself, in a network of its own (bench/ping.ts makes it).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { paceOf } from '@wheelhouse/kit/sweep.ts';
import { everyNth } from '@wheelhouse/simulators/museum/museum.ts';
import { endedCpuMs, median } from '../support/cpu.ts';
import { startWheelhouse } from '../support/wheelhouse.ts';
import { ANSWERING, type PingSetup, SILENT } from './peers.ts';

/** Sweeps before the first that counts: the hosts are learnt, code compiled, and the dead have become OFFLINE. */
const WARM_UP_SWEEPS = 3;
/** As Wheelhouse is set by default. */
const TIMEOUT_MS = 1_000;

const setup: PingSetup = JSON.parse(process.argv[2] ?? '');
const line = (text: string): void => void process.stdout.write(`${text}\n`);

/** One fping run over all hosts, a second try for those without an answer. @returns its CPU milliseconds and how many were alive */
async function runBare(hosts: readonly string[], paceMs: number): Promise<{ cpuMs: number; alive: number }> {
  const before = endedCpuMs(process.pid);
  const args = ['-r', '1', '-B', '1', '-t', `${TIMEOUT_MS}`, '-i', `${Math.floor(paceMs)}`, '-a', '-e', ...hosts];
  const child = spawn('fping', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    said += text;
  });
  await once(child, 'close');
  return { cpuMs: endedCpuMs(process.pid) - before, alive: said.trim().split('\n').length };
}

async function run({ hosts: count, deadPercent, seconds, rounds, profileFolder }: PingSetup): Promise<void> {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const dead = new Set(everyNth(numbers, deadPercent));
  const hosts = numbers.map((i) => `${dead.has(i) ? SILENT : ANSWERING}${1 + Math.floor(i / 250)}.${1 + (i % 250)}`);
  const devices = hosts.map((host, i) => ({
    ...{ externalId: `host-${i}`, name: `Host ${i}`, system: 'ENTERTAINMENT', site: 'bench' },
    ping: { host, method: 'ICMP' },
  }));
  // All looks have begun by then, and the last ones' second tries have ended.
  const sweptMs = count * paceOf(count, seconds * 1_000) + 4 * TIMEOUT_MS;
  if (2 * sweptMs > seconds * 1_000)
    throw new Error(
      `a sweep and a bare run of ${count} hosts take ${Math.ceil((2 * sweptMs) / 1_000)} s: --seconds must be more`,
    );
  const wheelhouse = await startWheelhouse({
    ...{ devices, looksTable: 'entertainment.pinged', sweepSeconds: seconds, usesRedis: false, profileFolder },
  });
  try {
    const slotLengthMs = seconds * 1_000;
    const paceMs = paceOf(count, slotLengthMs);
    const results: { worker: number; programs: number; postgres: number; idle: number; bare: number }[] = [];
    let slotMs = (Math.floor(Date.now() / slotLengthMs) + 1) * slotLengthMs;
    for (let sweep = 0; results.length < rounds; sweep += 1, slotMs += slotLengthMs) {
      await sleep(slotMs - Date.now());
      const before = wheelhouse.cpu();
      await sleep(slotMs + sweptMs - Date.now());
      const after = wheelhouse.cpu();
      const { answered, latestMs } = await wheelhouse.looksOf(slotMs, paceMs);
      line(
        `sweep ${sweep + 1}: ${answered} of ${count} answered, the latest look ${Math.round(latestMs)} ms after its place`,
      );
      if (sweep < WARM_UP_SWEEPS) continue;
      if (answered !== count - dead.size) throw new Error(`${count - dead.size} hosts should have answered`);
      const idleBefore = wheelhouse.cpu();
      const idleFrom = Date.now();
      const bare = await runBare(hosts, paceMs);
      if (bare.alive !== count - dead.size) throw new Error(`the bare fping found ${bare.alive} alive`);
      const idleAfter = wheelhouse.cpu();
      const idleShare = sweptMs / (Date.now() - idleFrom);
      const spent = (one: keyof typeof after): number => after[one] - before[one];
      const idle = (idleAfter.worker - idleBefore.worker + idleAfter.postgres - idleBefore.postgres) * idleShare;
      results.push({
        worker: spent('worker'),
        programs: spent('programs'),
        postgres: spent('postgres'),
        idle,
        bare: bare.cpuMs,
      });
    }
    const statuses = await wheelhouse.statuses();
    line(
      `\n${count} hosts every ${seconds} s, ${dead.size} of them silent; ${rounds} sweeps. Statuses: ${JSON.stringify(statuses)}`,
    );
    line('CPU milliseconds of a sweep: median (least to most)');
    const show = (name: string, of: (result: (typeof results)[number]) => number): number => {
      const values = results.map(of);
      line(
        `  ${name.padEnd(52)} ${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`,
      );
      return median(values);
    };
    show('the fping processes of the worker', ({ programs }) => programs);
    show('the worker process', ({ worker }) => worker);
    show("PostgreSQL's processes", ({ postgres }) => postgres);
    const pinging = show('the worker and its fping processes', ({ worker, programs }) => worker + programs);
    const all = show('all in, PostgreSQL too', ({ worker, programs, postgres }) => worker + programs + postgres);
    const idle = show('of it, what worker and PostgreSQL take without a sweep', (result) => result.idle);
    const bare = show('bare: one fping run over the same hosts', (result) => result.bare);
    line(
      `\nall in ${(all / bare).toFixed(1)} times one bare fping run, ${((all - idle) / bare).toFixed(1)} times without what is spent anyway; the worker and its fping processes ${(pinging / bare).toFixed(1)} times`,
    );
  } finally {
    await wheelhouse.close();
  }
}

await run(setup);
