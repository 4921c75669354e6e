import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { oidsOf } from '@wheelhouse/fida/profiles/display-state.ts';
import { profiles } from '@wheelhouse/fida/profiles/registry.ts';
import { paceOf } from '@wheelhouse/kit/sweep.ts';
import { cpuMs, median } from './support/cpu.ts';
import { startWheelhouse } from './support/wheelhouse.ts';
import {
  ACCESS,
  type BareDone,
  type BareRound,
  type BareSetup,
  type DisplaysMessage,
  HOST,
  type Version,
} from './sweep/peers.ts';

const USAGE = `npm run bench -- sweep [--displays N] [--seconds S] [--rounds R] [--only v2c|redis|v3] [--alone] [--profile FOLDER]
  N displays (5000) are looked at every S seconds (15), over R measured sweeps (6); --alone leaves the bare GETs out, for rates at
  which one machine does not hold both; --profile writes the worker's CPU profile`;

/** Sweeps before the first that counts: the displays are learnt, connections opened, code compiled. */
const WARM_UP_SWEEPS = 3;
/** Where in the slot a measurement ends, so that counting the looks is not measured. The last look began at 0.8. */
const MEASURED_SHARE = 0.95;
const CORES = 2;

type Options = { displays: number; seconds: number; rounds: number; isAlone: boolean; profile: string | null };
/** `most`: no more displays than this. */
type Part = { title: string; version: Version; usesRedis: boolean; most: number };

const PARTS: Record<string, Part> = {
  v2c: { title: 'SNMPv2c, queues in PostgreSQL', version: 'V2C', usesRedis: false, most: 15_000 },
  redis: { title: 'SNMPv2c, queues in Redis', version: 'V2C', usesRedis: true, most: 15_000 },
  // net-snmp hashes a megabyte for each display's key at first: the bare GETs of more would not be warm in time.
  v3: { title: 'SNMPv3 authPriv (SHA-256, AES), queues in PostgreSQL', version: 'V3', usesRedis: false, most: 1_000 },
};

const show = (ms: number): string => ms.toFixed(3);
const line = (text: string): void => void process.stdout.write(`${text}\n`);

const child = (file: string, args: string[] = []) =>
  fork(fileURLToPath(new URL(`./sweep/${file}`, import.meta.url)), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

/** CPU milliseconds per display of one measured sweep, and of the bare GETs beside it; null where a round had none of the kind. */
type Round = {
  worker: number;
  postgres: number;
  redis: number;
  all: number;
  fresh: number | null;
  kept: number | null;
  burst: number | null;
  latestMs: number;
};

/** What a child says next. @throws Error when it ends instead */
async function messageOf<Message>(from: ChildProcess): Promise<Message> {
  const aborter = new AbortController();
  const { signal } = aborter;
  try {
    const [message] = await Promise.race([
      once(from, 'message', { signal }),
      once(from, 'exit', { signal }).then(() => Promise.reject(new Error('a program of the bench ended by itself'))),
    ]);
    return message;
  } finally {
    aborter.abort();
  }
}

async function startBare(setup: BareSetup) {
  const bare = child('bare.ts');
  bare.send(setup);
  await messageOf(bare);
  const pid = bare.pid ?? 0;
  /** CPU milliseconds per GET of one round; null when a display did not answer. */
  const run = async (round: BareRound): Promise<number | null> => {
    const before = cpuMs(pid);
    bare.send(round);
    const { answered, failed } = await messageOf<BareDone>(bare);
    return failed === 0 ? (cpuMs(pid) - before) / answered : null;
  };
  return { run, close: () => bare.disconnect() };
}

async function measure(part: Part, options: Options): Promise<Round[]> {
  const { seconds, rounds, profile: profileFolder } = options;
  const displays = Math.min(options.displays, part.most);
  const profile = profiles.get('wheelhouse-fida');
  if (profile === undefined) throw new Error('there is no profile wheelhouse-fida');
  const agents = child('displays.ts', [String(displays), part.version]);
  const { ports } = await messageOf<DisplaysMessage>(agents);
  const bare = options.isAlone ? null : await startBare({ version: part.version, ports, oids: oidsOf(profile) });
  const devices = ports.map((port, index) => ({
    externalId: `display-${index}`,
    name: `Display ${index}`,
    system: 'FIDA',
    site: 'bench',
    snmp: { ...ACCESS[part.version], host: HOST, port, profile: 'wheelhouse-fida' },
  }));
  const wheelhouse = await startWheelhouse({
    devices,
    looksTable: 'fida.displays',
    sweepSeconds: seconds,
    usesRedis: part.usesRedis,
    profileFolder,
  });
  try {
    const slotLengthMs = seconds * 1_000;
    const paceMs = paceOf(displays, slotLengthMs);
    let slotMs = (Math.floor(Date.now() / slotLengthMs) + 1) * slotLengthMs;
    const measured: Round[] = [];
    for (let sweep = 0; measured.length < rounds; sweep += 1, slotMs += slotLengthMs) {
      if (sweep === WARM_UP_SWEEPS + 2 * rounds)
        throw new Error(
          'in more than half of the sweeps a display was not answered in time: this machine has too much else to do',
        );
      // What was late may have run into the next slot: only whole ones are measured.
      while (slotMs < Date.now()) slotMs += slotLengthMs;
      await sleep(slotMs - Date.now());
      const before = wheelhouse.cpu();
      const kind = measured.length % 2 === 0 ? 'fresh' : 'kept';
      const paced = (await bare?.run({ kind, startMs: slotMs, paceMs })) ?? null;
      const burst = (await bare?.run({ kind: 'burst' })) ?? null;
      await sleep(Math.max(0, slotMs + slotLengthMs * MEASURED_SHARE - Date.now()));
      const after = wheelhouse.cpu();
      const { answered, latestMs } = await wheelhouse.looksOf(slotMs, paceMs);
      if (sweep < WARM_UP_SWEEPS) continue;
      if (answered !== displays || (bare !== null && (paced === null || burst === null))) {
        line(
          `a sweep is left out: the machine stood still, and ${answered} of ${displays} displays were answered in time, the latest begun ${Math.round(latestMs)} ms late`,
        );
        continue;
      }
      const perDisplay = (one: keyof typeof after): number => (after[one] - before[one]) / displays;
      const [worker, postgres, redis] = [perDisplay('worker'), perDisplay('postgres'), perDisplay('redis')];
      const other = { fresh: null, kept: null, [kind]: paced };
      measured.push({ worker, postgres, redis, all: worker + postgres + redis, ...other, burst, latestMs });
    }
    const { ONLINE = 0 } = await wheelhouse.statuses();
    if (ONLINE !== displays) throw new Error(`${ONLINE} of ${displays} displays are ONLINE`);
    return measured;
  } finally {
    await wheelhouse.close();
    bare?.close();
    agents.disconnect();
  }
}

function report(part: Part, options: Options, rounds: readonly Round[]): string {
  const { seconds } = options;
  const displays = Math.min(options.displays, part.most);
  const figure = (of: (round: Round) => number | null): number =>
    median(rounds.map(of).filter((value) => value !== null));
  const rows: [string, (round: Round) => number | null][] = [
    ['the worker process', ({ worker }) => worker],
    ["PostgreSQL's processes", ({ postgres }) => postgres],
    ...(part.usesRedis ? [['Redis', ({ redis }) => redis] as [string, (round: Round) => number]] : []),
    ['all in', ({ all }) => all],
    ['bare: a session for each GET, same places', ({ fresh }) => fresh],
    ['bare: a session kept per display, same places', ({ kept }) => kept],
    ['bare: a session for each GET, 50 at a time', ({ burst }) => burst],
  ];
  const perMinute = (displays * 60) / seconds;
  line(
    `\n${part.title}: ${displays} displays every ${seconds} s, which is ${perMinute} a minute; ${rounds.length} sweeps`,
  );
  line('CPU milliseconds per display: median (least to most)');
  for (const [name, of] of rows) {
    const values = rounds.map(of).filter((value) => value !== null);
    if (values.length === 0) continue;
    line(`  ${name.padEnd(48)} ${show(figure(of))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`);
  }
  const latest = Math.max(...rounds.map(({ latestMs }) => latestMs));
  line(`every display was looked at in every sweep, the latest ${Math.round(latest)} ms after its place`);
  const [all, worker] = [figure((round) => round.all), figure((round) => round.worker)];
  const held = (CORES * 60_000) / all;
  line(
    `at this cost ${CORES} cores hold ${Math.round(held)} displays a minute, and one worker process ${Math.round(60_000 / worker)}: reckoned, not run`,
  );
  if (options.isAlone)
    return `${part.title}: ${perMinute} displays a minute took ${((all * perMinute) / 60_000).toFixed(2)} of ${CORES} cores`;
  const [fresh, kept, burst] = (['fresh', 'kept', 'burst'] as const).map(
    (kind) => all / figure((round) => round[kind]),
  );
  return `${part.title}: ${fresh?.toFixed(2)} times a bare GET with a session for each, ${kept?.toFixed(2)} times one with sessions kept, ${burst?.toFixed(2)} times one in a burst`;
}

function readOptions(args: string[]): Options & { parts: Part[] } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { displays: text, seconds: text, rounds: text, only: text, alone: { type: 'boolean' }, profile: text },
  });
  const number = (name: 'displays' | 'seconds' | 'rounds', fallback: number, least: number, most: number): number => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} must be a whole number from ${least} to ${most}\n${USAGE}`);
  };
  const { only } = values;
  if (only !== undefined && PARTS[only] === undefined)
    throw new Error(`--only must be ${Object.keys(PARTS).join(', ')}\n${USAGE}`);
  const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
  if (!hasRedis) line('redis-server is not installed: that part is left out');
  return {
    displays: number('displays', 5_000, 1, 15_000),
    seconds: number('seconds', 15, 1, 600),
    rounds: number('rounds', 6, 2, 1_000),
    isAlone: values.alone ?? false,
    profile: values.profile ?? null,
    parts: Object.entries(PARTS).flatMap(([name, part]) =>
      (only ?? name) === name && (hasRedis || !part.usesRedis) ? [part] : [],
    ),
  };
}

/** What a swept display costs, all in, against bare net-snmp. docs/benchmarks.md says what is measured and how. */
export async function bench(args: string[]): Promise<void> {
  const { parts, ...options } = readOptions(args);
  const ratios: string[] = [];
  for (const part of parts) ratios.push(report(part, options, await measure(part, options)));
  line(`\n${ratios.join('\n')}`);
}
