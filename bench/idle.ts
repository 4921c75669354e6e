import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import postgres from 'postgres';
import { type Cpu, startWheelhouse } from './support/wheelhouse.ts';

const USAGE = `npm run bench -- idle [--seconds S] [--statements] [--profile FOLDER]`;
const line = (text: string): void => void process.stdout.write(`${text}\n`);

export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string' }, statements: { type: 'boolean' }, profile: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? 60);
  const wheelhouse = await startWheelhouse({
    devices: [], looksTable: 'entertainment.pinged', sweepSeconds: 60, usesRedis: false,
    profileFolder: values.profile ?? null,
    postgresSettings: values.statements ? ['shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.track=top'] : [],
  });
  const sql = postgres(wheelhouse.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    if (values.statements) await sql`create extension pg_stat_statements`;
    await sleep(30_000);
    for (let round = 0; round < 2; round += 1) {
      if (values.statements) await sql`select pg_stat_statements_reset()`;
      const tx0 = (await sql`select xact_commit, (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as conns from pg_stat_database where datname = current_database()`)[0];
      const before = wheelhouse.cpu();
      const from = performance.now();
      await sleep(seconds * 1000);
      const took = (performance.now() - from) / 60_000;
      const after = wheelhouse.cpu();
      const tx1 = (await sql`select xact_commit from pg_stat_database where datname = current_database()`)[0];
      const per = (one: keyof Cpu) => Math.round((after[one] - before[one]) / took);
      line(`a minute: server ${per('server')} worker ${per('worker')} postgres ${per('postgres')} ms; transactions ${Math.round((Number(tx1?.xact_commit) - Number(tx0?.xact_commit)) / took)}; connections ${tx0?.conns}`);
      if (values.statements) {
        const rows = await sql`select calls::int, total_exec_time::float8 as ms, regexp_replace(query, '\\s+', ' ', 'g') as query from pg_stat_statements order by calls desc limit 60`;
        const [sum] = await sql`select sum(calls)::int as calls, sum(total_exec_time)::float8 as ms from pg_stat_statements`;
        line(`statements a minute ${Math.round(sum?.calls / took)}, executing ${Math.round(sum?.ms / took)} ms`);
        if (round === 1) for (const row of rows) line(`${String(Math.round(row.calls / took)).padStart(6)} ${(row.ms / took).toFixed(1).padStart(8)} ms  ${row.query.slice(0, 150)}`);
      }
    }
  } finally {
    await sql.end();
    await wheelhouse.close();
  }
}
