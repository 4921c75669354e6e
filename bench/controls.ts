import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { sampleSources, sampleTables } from '@wheelhouse/qsys/samples.ts';
import { CONTROLS, clockMs, GAIN, type Receipt, ROUND_MS, STEPS, stepOf } from './controls/design.ts';
import { ask, type Program, startProgram } from './support/programs.ts';
import { type RunningWheelhouse, startWheelhouse } from './support/wheelhouse.ts';

const USAGE = `npm run bench -- controls [--seconds S] [--restarts R]
  ${CONTROLS} controls of a simulated Core change ten times a second for S seconds (20); then the Core is restarted R times (5)`;
const AIM_MS = 300;
const RETURN_AIM_MS = 2_000;
/** So long that who comes back has become patient. */
const AWAY_MS = 3_000;
const SET = `mutation ($input: SetAudioControlsInput!) {
  setAudioControls(input: $input) { settingsChange { state } userErrors { field message } }
}`;

const line = (text: string): void => void process.stdout.write(`${text}\n`);
const program = (name: string, args: string[] = []) =>
  startProgram<{ port: number }>(new URL(`controls/${name}.ts`, import.meta.url), args);

function readOptions(args: string[]): { seconds: number; restarts: number } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { seconds: text, restarts: text } });
  const number = (name: keyof typeof values, fallback: number, least: number, most: number): number => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} must be a whole number from ${least} to ${most}\n${USAGE}`);
  };
  return { seconds: number('seconds', 20, 1, 600), restarts: number('restarts', 5, 0, 100) };
}

async function query(url: string, text: string, variables: unknown = {}) {
  const response = await fetch(url, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ query: text, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function coreId(url: string): Promise<string> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { devices } = await query(url, '{ devices { nodes { id ... on AudioCore { componentsReadAt } } } }');
    const [core] = devices.nodes;
    if (core?.componentsReadAt) return core.id;
    await sleep(100);
  }
  throw new Error('the components of the Core were not read');
}

/**
 * How long each change took to be known, in milliseconds: one that was overtaken by the next is known with that one.
 *
 * @throws Error when the last one never came
 */
function delays(who: string, receipts: readonly Receipt[], times: readonly number[]): number[] {
  const rounds = times.length / STEPS;
  const known = new Array<number>(CONTROLS).fill(0);
  const found: number[] = [];
  for (const [index, value, atMs] of receipts) {
    for (let round = (known[index] ?? 0) + 1; round <= value; round += 1)
      found.push(atMs - (times[(round - 1) * STEPS + stepOf(index)] ?? Number.NaN));
    known[index] = Math.max(known[index] ?? 0, value);
  }
  const late = known.filter((value) => value !== rounds).length;
  if (late > 0) throw new Error(`${who}: the last value of ${late} controls never came`);
  return found.sort((one, other) => one - other);
}

const part = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const shown = (ms: number): string => `${Math.round(ms)} ms`.padStart(9);
const row = (name: string, sorted: readonly number[]): void =>
  line(`${name.padEnd(44)}${[0.5, 0.95, 0.99, 1].map((share) => shown(part(sorted, share))).join('')}`);

type Meanwhile = { setMs: number[]; states: string[]; sampleMs: number; samples: number | null };

/** What else is asked of Wheelhouse while the controls change. */
async function meanwhile(wheelhouse: RunningWheelhouse, id: string, untilMs: number): Promise<Meanwhile> {
  const found: Meanwhile = { setMs: [], states: [], sampleMs: 0, samples: null };
  const { db, close } = openDatabase(wheelhouse.databaseUrl, { maxConnections: 1 });
  const hourMs = 3_600_000;
  const startedMs = clockMs();
  // What the sampler does on the hour (kit/sampler.ts), as for the next one.
  const hour = new Date((Math.floor(Date.now() / hourMs) + 1) * hourMs);
  found.samples = await takeSamples(db, sampleTables, sampleSources, { hour, now: hour });
  found.sampleMs = clockMs() - startedMs;
  await close();
  for (let value = -10; clockMs() < untilMs; value = value === -10 ? -20 : -10) {
    const beganMs = clockMs();
    const input = { id, controls: [{ ...GAIN, value }], waitMs: 8_000 };
    const { setAudioControls } = await query(wheelhouse.url, SET, { input });
    found.setMs.push(clockMs() - beganMs);
    found.states.push(setAudioControls.settingsChange?.state ?? JSON.stringify(setAudioControls.userErrors));
    await sleep(Math.max(0, 1_000 - (clockMs() - beganMs)));
  }
  return found;
}

async function untilStored(wheelhouse: RunningWheelhouse, value: number): Promise<number> {
  const { sql, close } = openDatabase(wheelhouse.databaseUrl, { maxConnections: 1 });
  try {
    for (let tries = 0; tries < 3_000; tries += 1) {
      const [found] = await sql<{ count: number }[]>`
        select count(*)::int as count from qsys.controls where name like 'level.%' and value = ${value}`;
      if (found?.count === CONTROLS) return clockMs();
      await sleep(10);
    }
    throw new Error(`the last values were not stored within 30 s`);
  } finally {
    await close();
  }
}

async function untilTold(subscriber: Program): Promise<number> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    const { allZeroAtMs } = await ask<{ allZeroAtMs: number | null }>(subscriber, { zero: true });
    if (allZeroAtMs !== null) return allZeroAtMs;
    await sleep(10);
  }
  throw new Error('the subscriber was not told within 30 s what the Core said after its restart');
}

async function measureRestarts(wheelhouse: RunningWheelhouse, core: Program, subscriber: Program, restarts: number) {
  const found = { told: [] as number[], stored: [] as number[] };
  for (let restart = 0; restart < restarts; restart += 1) {
    await ask(core, { rounds: 10 });
    await untilStored(wheelhouse, 10);
    const { backAtMs } = await ask<{ backAtMs: number }>(core, { awayMs: AWAY_MS });
    found.stored.push((await untilStored(wheelhouse, 0)) - backAtMs);
    const allZeroAtMs = await untilTold(subscriber);
    found.told.push(allZeroAtMs - backAtMs);
  }
  const sorted = (list: number[]): number[] => list.toSorted((one, other) => one - other);
  return { told: sorted(found.told), stored: sorted(found.stored) };
}

/** How soon a change at a Core is known to a subscriber at the router, beside a bare client of the same Core. docs/benchmarks.md says how. */
export async function bench(args: string[]): Promise<void> {
  const { seconds, restarts } = readOptions(args);
  const core = await program('core');
  const programs: Program[] = [core];
  const qrc = { host: '127.0.0.1', port: core.said.port };
  const wheelhouse = await startWheelhouse({
    devices: [{ externalId: 'core', name: 'Core', system: 'QSYS', site: 'bench', qrc }],
    ...{ looksTable: 'qsys.cores', sweepSeconds: 60, usesRedis: false, profileFolder: null },
  });
  try {
    const id = await coreId(wheelhouse.url);
    const subscriber = await program('subscriber', [wheelhouse.url, id]);
    const bare = await program('bare', [`${core.said.port}`]);
    programs.push(subscriber, bare);
    // Code is compiled, and all have begun.
    await ask(core, { rounds: 30 });
    await sleep(1_000);
    for (const one of [subscriber, bare]) await ask(one, { report: true });
    const rounds = (seconds * 1_000) / ROUND_MS;
    const before = wheelhouse.cpu();
    const [{ times }, other] = await Promise.all([
      ask<{ times: number[] }>(core, { rounds }),
      meanwhile(wheelhouse, id, clockMs() + seconds * 1_000 - 2_000),
    ]);
    const after = wheelhouse.cpu();
    const storedMs = (await untilStored(wheelhouse, rounds)) - (times.at(-1) ?? Number.NaN);
    await sleep(1_000);
    const [told, toldBare] = await Promise.all(
      [subscriber, bare].map((one) => ask<{ receipts: Receipt[] }>(one, { report: true })),
    );
    const ofSubscriber = delays('subscriber', told?.receipts ?? [], times);
    const ofBare = delays('bare client', toldBare?.receipts ?? [], times);
    line(
      `\n${CONTROLS} controls changed ${1_000 / ROUND_MS} times a second for ${seconds} s; until a change is known:\n`,
    );
    line(`${''.padEnd(44)}${['p50', 'p95', 'p99', 'last'].map((name) => name.padStart(9)).join('')}`);
    row('to a subscriber of the router', ofSubscriber);
    row('to a bare QRC client of the same Core', ofBare);
    line(
      `values told: ${told?.receipts.length} and ${toldBare?.receipts.length} of ${CONTROLS * rounds} changes; the last ones were stored after ${Math.round(storedMs)} ms`,
    );
    const cpu = (name: 'server' | 'worker' | 'postgres') =>
      `${name} ${((after[name] - before[name]) / (seconds * 10)).toFixed(0)} %`;
    line(`CPU of a core: ${cpu('server')}, ${cpu('worker')}, ${cpu('postgres')}`);
    const applied = other.states.filter((state) => state === 'APPLIED').length;
    line(
      `settings meanwhile: ${applied} of ${other.states.length} APPLIED, p95 ${Math.round(
        part(
          other.setMs.toSorted((a, b) => a - b),
          0.95,
        ),
      )} ms; a sample of the Core: ${other.samples} in ${Math.round(other.sampleMs)} ms`,
    );
    if (applied < other.states.length) throw new Error(`settings ended otherwise: ${other.states.join(', ')}`);
    await bare.stop();
    const returned = await measureRestarts(wheelhouse, core, subscriber, restarts);
    if (restarts > 0) {
      line(`\nafter each of ${restarts} restarts all ${CONTROLS} values were right:\n`);
      row('to the subscriber', returned.told);
      row('in the database', returned.stored);
    }
    const p95 = part(ofSubscriber, 0.95);
    const worst = Math.max(part(returned.told, 1), part(returned.stored, 1));
    line(
      `\np95 ${Math.round(p95)} ms, aim ${AIM_MS}: ${p95 <= AIM_MS ? 'met' : 'MISSED'}; ${(p95 / part(ofBare, 0.95)).toFixed(2)} times the bare client's` +
        (restarts > 0
          ? `; right ${Math.round(worst)} ms after a return at most, aim ${RETURN_AIM_MS}: ${worst <= RETURN_AIM_MS ? 'met' : 'MISSED'}`
          : ''),
    );
  } finally {
    for (const one of programs.reverse()) await one.stop();
    await wheelhouse.close();
  }
}
