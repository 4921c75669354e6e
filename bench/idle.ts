import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { median } from './support/cpu.ts';
import { type Cpu, startWheelhouse } from './support/wheelhouse.ts';

const USAGE = `npm run bench -- idle [--seconds S] [--rounds R] [--statements] [--profile FOLDER]
  a Wheelhouse without a device, over R (3) times S seconds (60); --statements tells what was sent to the database, by its text, which costs
  PostgreSQL some of its time; --profile writes the worker's CPU profile`;
/** Code is compiled, what a start does is over, and each schedule has ticked. */
const SETTLE_MS = 30_000;
const MOST_TEXTS = 40;
const MOST_CHARACTERS = 110;
const STATISTICS = ['shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.track=top'];

const line = (text: string): void => void process.stdout.write(`${text}\n`);

function readSetup(args: string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { seconds: text, rounds: text, statements: { type: 'boolean' }, profile: text },
  });
  const number = (name: 'seconds' | 'rounds', fallback: number, least: number, most: number): number => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} must be a whole number from ${least} to ${most}\n${USAGE}`);
  };
  return {
    // A whole minute has each tick as often as any other, save those of the hour.
    seconds: number('seconds', 60, 1, 3_600),
    rounds: number('rounds', 3, 1, 100),
    hasStatements: values.statements ?? false,
    profileFolder: values.profile ?? null,
  };
}

/** What a Wheelhouse costs while nothing happens. docs/benchmarks.md says what came of it. */
export async function bench(args: string[]): Promise<void> {
  const { seconds, rounds, hasStatements, profileFolder } = readSetup(args);
  const wheelhouse = await startWheelhouse({
    ...{ devices: [], looksTable: 'entertainment.pinged', sweepSeconds: 60, usesRedis: false, profileFolder },
    databaseSettings: hasStatements ? STATISTICS : [],
  });
  const sql = postgres(wheelhouse.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    if (hasStatements) await sql`create extension pg_stat_statements`;
    await sleep(SETTLE_MS);
    const spent: Cpu[] = [];
    let minutes = 0;
    if (hasStatements) await sql`select pg_stat_statements_reset()`;
    for (let round = 0; round < rounds; round += 1) {
      const [before, from] = [wheelhouse.cpu(), performance.now()];
      await sleep(seconds * 1_000);
      const [after, took] = [wheelhouse.cpu(), (performance.now() - from) / 60_000];
      const aMinute = (of: keyof Cpu): number => (after[of] - before[of]) / took;
      spent.push({ ...after, server: aMinute('server'), worker: aMinute('worker'), postgres: aMinute('postgres') });
      minutes += took;
    }
    line(`\n${rounds} times ${seconds} s without a device: CPU milliseconds a minute, median (least to most)`);
    const show = (name: string, of: (one: Cpu) => number): void => {
      const values = spent.map(of);
      const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(Math.round);
      line(`  ${name.padEnd(42)} ${middle} (${least} to ${most})`);
    };
    show('the process with the router and all servers', ({ server }) => server);
    show('the process with all workers', ({ worker }) => worker);
    show("PostgreSQL's processes", ({ postgres: database }) => database);
    show('all', ({ server, worker, postgres: database }) => server + worker + database);
    const [open] = await sql`
      select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    line(`${open?.count} connections are open`);
    if (!hasStatements) return;
    const rows = await sql`
      select calls::int, regexp_replace(query, '\\s+', ' ', 'g') as text from pg_stat_statements order by calls desc`;
    const total = rows.reduce((sum, { calls }) => sum + calls, 0);
    line(`${Math.round(total / minutes)} statements a minute:`);
    for (const { calls, text } of rows.slice(0, MOST_TEXTS))
      line(`${(calls / minutes).toFixed(1).padStart(7)}  ${text.slice(0, MOST_CHARACTERS)}`);
  } finally {
    await sql.end({ timeout: 5 });
    await wheelhouse.close();
  }
}
