// Our router beside Apollo's gateway class in Apollo Server: the same supergraph, subgraphs and questions, every request by another
// caller, so that neither can share anything between requests. The two take turns within one run.
import { deepStrictEqual } from 'node:assert';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { QUESTIONS, type Question } from './router/estate.ts';
import type { Load, LoadReport } from './router/load.ts';
import { type Peer, type Peers, startPeers } from './router/peers.ts';
import { cpuMs, median } from './support/cpu.ts';
import { ask, type Program } from './support/programs.ts';

const USAGE = `npm run bench -- router [--rounds R] [--seconds S] [--connections C] [--only one|twenty|many]
    [--tracing] [--identity] [--set NAME=VALUE ...] [--profile FOLDER]
  R rounds (5) of S seconds (4) for each router and question, over C connections (32); --tracing lets our router trace
  every request; --identity has it find out who each of a thousand people is and what they may ask for; --set gives it a setting; --profile writes its CPU profile to FOLDER`;

/** Before the first round that counts: plans are made, connections opened, code compiled. */
const WARM_UP_MS = 4_000;

type Round = { perSecond: number; p50Ms: number; p99Ms: number; cpuMsPerRequest: number };
type Options = { rounds: number; ms: number; connections: number; tokens: Peers['tokens'] };
/** As many people ask, each over one connection, and come with a new access token in each round. */
const PEOPLE = 1_024;

const rssMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

async function measure(peer: Peer, load: Program, question: Question, options: Options): Promise<Round> {
  const tokens = await options.tokens(PEOPLE);
  const before = cpuMs(peer.pid);
  const asked: Load = { url: peer.url, question, connections: options.connections, ms: options.ms, tokens };
  const { answers, ms, p50Ms, p99Ms } = await ask<LoadReport>(load, asked);
  const cpuMsPerRequest = (cpuMs(peer.pid) - before) / answers;
  return { perSecond: (answers * 1_000) / ms, p50Ms, p99Ms, cpuMsPerRequest };
}

const middle = (rounds: readonly Round[], key: keyof Round): number => median(rounds.map((round) => round[key]));

/** @throws Error when the two answer differently */
async function compare(
  peers: readonly Peer[],
  load: Program,
  question: Question,
  options: Options,
): Promise<Round[][]> {
  const answers: unknown[] = [];
  for (const { url } of peers) {
    const { connections } = options;
    const asked: Load = { url, question, connections, ms: WARM_UP_MS, tokens: await options.tokens(PEOPLE) };
    answers.push(JSON.parse((await ask<LoadReport>(load, asked)).text));
  }
  deepStrictEqual(answers[0], answers[1], 'the two routers answer differently');
  const rounds: Round[][] = peers.map(() => []);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [index, peer] of peers.entries()) rounds[index]?.push(await measure(peer, load, question, options));
  }
  process.stdout.write(`\n${question.name}\n`);
  for (const [index, { name, pid }] of peers.entries()) {
    const own = rounds[index] ?? [];
    process.stdout.write(
      `  ${name.padEnd(14)} ${middle(own, 'perSecond').toFixed(0).padStart(6)} requests/s   p50 ${middle(own, 'p50Ms').toFixed(1).padStart(6)} ms   p99 ${middle(own, 'p99Ms').toFixed(1).padStart(6)} ms   ${middle(own, 'cpuMsPerRequest').toFixed(3)} ms CPU per request   ${rssMiB(pid).toFixed(0)} MiB resident\n`,
    );
  }
  return rounds;
}

export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '32' },
      tracing: { type: 'boolean', default: false },
      identity: { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
      only: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const ms = Number(values.seconds) * 1_000;
  const connections = Number(values.connections);
  const questions = QUESTIONS.filter(({ key }) => values.only === undefined || values.only === key);
  const isUsable =
    questions.length > 0 &&
    Number.isInteger(rounds) &&
    rounds > 0 &&
    ms > 0 &&
    Number.isInteger(connections) &&
    connections > 0;
  if (values.help || !isUsable || values.set.some((pair) => !/^\w+=/.test(pair))) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const settings = Object.fromEntries(
    values.set.map((pair) => [pair.split('=')[0], pair.slice(pair.indexOf('=') + 1)]),
  );
  const { tracing, identity, profile: profileFolder = null } = values;
  const { peers, load, tokens, tracedBytes, close } = await startPeers({ settings, tracing, identity, profileFolder });
  try {
    process.stdout.write(
      `${rounds} rounds of ${values.seconds} s each in turn, ${connections} connections, every request another caller; medians\n`,
    );
    const atStart = peers.map(({ name, pid }) => `${name} ${rssMiB(pid).toFixed(0)} MiB`);
    process.stdout.write(`resident before the first request: ${atStart.join(', ')}\n`);
    const ratios: string[] = [];
    for (const question of questions) {
      const [ours = [], stock = []] = await compare(peers, load, question, { rounds, ms, connections, tokens });
      const bySpeed = middle(ours, 'perSecond') / middle(stock, 'perSecond');
      const byCpu = middle(stock, 'cpuMsPerRequest') / middle(ours, 'cpuMsPerRequest');
      ratios.push(`${question.name}: ${bySpeed.toFixed(2)} (by CPU per request ${byCpu.toFixed(2)})`);
    }
    const traced = await tracedBytes();
    if (traced === 0) throw new Error('tracing was on, and no trace came');
    if (traced !== null) process.stdout.write(`\n${(traced / 1e6).toFixed(0)} MB of traces were taken in\n`);
    process.stdout.write(`\ntimes as many requests per second as the stock gateway: ${ratios.join('; ')}\n`);
  } finally {
    await close();
  }
}
