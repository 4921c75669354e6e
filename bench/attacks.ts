// A client that does nothing wrong, while others attack the same router: its times beside its calm ones, and beside those while the same
// attackers attack another router on the same machine, which shows what they take of its cores themselves. Each is a caller of its own, by
// its address.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks/kinds.ts';
import type { Steady, SteadyReport } from './attacks/steady.ts';
import { startTarget } from './attacks/target.ts';
import { cpuMs, median } from './support/cpu.ts';
import { ask, startProgram } from './support/programs.ts';

const USAGE = `npm run bench -- attacks [--rounds R] [--seconds S] [--rate N] [--only NAME] [--set NAME=VALUE ...]
  R rounds (3): S calm seconds (4), then S seconds of each attack, on another router and on this one, while a client asks N times a second (100); --set gives the
  router a setting. Attacks: ${Object.keys(ATTACKS).join(', ')}`;

/** How much longer a request may take while others attack. */
const AIM = 2;
/** Until sockets are closed and garbage is collected that an attack leaves behind. */
const SETTLE_MS = 2_000;

type Measured = SteadyReport & { cpuPercent: number };

export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      rate: { type: 'string', default: '100' },
      only: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const [rounds, ms, perSecond] = [Number(values.rounds), Number(values.seconds) * 1_000, Number(values.rate)];
  const names = Object.keys(ATTACKS).filter((name) => values.only === undefined || values.only === name);
  if (!(rounds >= 1 && ms > 0 && perSecond > 0 && names.length > 0 && values.set.every((pair) => /^\w+=/.test(pair)))) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const settings = Object.fromEntries(
    values.set.map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]),
  );
  const target = await startTarget(settings);
  const other = await startTarget(settings);
  const steady = await startProgram(new URL('attacks/steady.ts', import.meta.url));
  const attacker = await startProgram(new URL('attacks/attacker.ts', import.meta.url));
  const measure = async (forMs: number): Promise<Measured> => {
    const [before, startedAtMs] = [cpuMs(target.pid), performance.now()];
    const report = await ask<SteadyReport>(steady, { url: target.url, perSecond, ms: forMs } satisfies Steady);
    return { ...report, cpuPercent: (100 * (cpuMs(target.pid) - before)) / (performance.now() - startedAtMs) };
  };
  try {
    // Plans are made, code is compiled.
    await measure(ms);
    const calm: Measured[] = [];
    const beside = new Map<string, Measured[]>(names.map((name) => [name, []]));
    const under = new Map<string, Measured[]>(names.map((name) => [name, []]));
    let sent = 0;
    for (let round = 0; round < rounds; round += 1) {
      // What the attacks before have left behind is cleared away first.
      await sleep(SETTLE_MS);
      await measure(ms);
      calm.push(await measure(ms));
      for (const name of names) {
        for (const [url, reports] of [
          [other.url, beside],
          [target.url, under],
        ] as const) {
          // It is under way when it says so, and goes on until it is told to stop.
          await ask(attacker, { url, name });
          reports.get(name)?.push(await measure(ms));
          sent += (await ask<{ sent: number }>(attacker, 'stop')).sent;
        }
      }
    }
    const middle = (reports: readonly Measured[], key: Exclude<keyof Measured, 'failed'>): number =>
      median(reports.map((report) => report[key]));
    const ratio = (reports: readonly Measured[], to: readonly Measured[]): number =>
      middle(reports, 'p99Ms') / middle(to, 'p99Ms');
    const line = (name: string, reports: readonly Measured[], elsewhere: readonly Measured[] = reports): void => {
      const times = ratio(reports, calm).toFixed(2).padStart(5);
      const elsewhereMs = middle(elsewhere, 'p99Ms').toFixed(1).padStart(7);
      const failed = reports.reduce((sum, report) => sum + report.failed, 0);
      process.stdout.write(
        `  ${name.padEnd(15)} p50 ${middle(reports, 'p50Ms').toFixed(1).padStart(6)} ms   p99 ${middle(reports, 'p99Ms').toFixed(1).padStart(7)} ms: ${times} times calm   under the same elsewhere ${elsewhereMs} ms   router ${middle(reports, 'cpuPercent').toFixed(0).padStart(3)} % of a core   ${failed} failed\n`,
      );
    };
    process.stdout.write(
      `one client asks ${perSecond} times a second for 20 devices of three services; medians of ${rounds} rounds of ${values.seconds} s each; the attackers sent ${sent} messages\n`,
    );
    line('calm', calm);
    for (const name of names) line(name, under.get(name) ?? [], beside.get(name));
    const failed = [...under.values(), calm].flat().reduce((sum, report) => sum + report.failed, 0);
    if (failed > 0) throw new Error(`${failed} requests of the client that did nothing wrong were not answered`);
    const missed = names.filter((name) => ratio(under.get(name) ?? [], calm) > AIM);
    process.stdout.write(
      missed.length === 0
        ? `\np99 stayed within ${AIM} times its calm value\n`
        : `\np99 went past ${AIM} times its calm value under: ${missed.join(', ')}\n`,
    );
  } finally {
    await attacker.stop();
    await steady.stop();
    await target.close();
    await other.close();
  }
}
