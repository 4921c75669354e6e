import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openEstate, type TestEstate } from '@wheelhouse/history/testing/estate.ts';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { identityHeaders } from '@wheelhouse/kit/testing/identity.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWheelhouse } from './harness.ts';
import { admin } from './identities.ts';

const SERVICE_TOKEN = 'a-service-token-for-tests';

it('the history of a device comes as CSV from the address of the graph', async () => {
  const wheelhouse = await startWheelhouse();
  const snmp = { host: '127.0.0.1', port: 9, version: 'V2C', community: 'c' };
  await wheelhouse.importEstate({ devices: [{ name: 'Foyer', system: 'FIDA', site: 'museum/foyer', snmp }] });
  const { data } = await wheelhouse.query('{ devices { nodes { id } } }');
  const [{ id }] = data.devices.nodes;
  const handle = openDatabase(wheelhouse.databaseUrl);
  await handle.sql`insert into fida.samples values (1, ${id}, '2026-11-20T08:00:00Z', '2026-11-20T08:00:01Z', '{"x": 1.5}', '{}')`;
  const ask = (query: string) => fetch(new URL(`/export/history?${query}`, wheelhouse.url));
  const response = await ask('from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&site=museum');
  expect(await response.text()).toBe(
    `device_id,name,site,system,metric,unit,at,value\r\n${id},Foyer,museum/foyer,FIDA,x,,2026-11-20T08:00:00.000Z,1.5\r\n`,
  );
  const refused = await ask('from=2026-11-20T00:00:00Z');
  expect([refused.status, await refused.json()]).toMatchObject([400, { parameter: 'to' }]);
  await handle.close();
  await wheelhouse.close();
});

describe('a long export', () => {
  const DEVICES = 150;
  const METRICS = 5;
  const HOURS = 31 * 24;
  let estate: TestEstate;
  let child: ChildProcess;
  let url: URL;

  beforeAll(async () => {
    estate = await openEstate();
    const { sql } = estate;
    await estate.declare(
      'fida',
      Array.from({ length: METRICS }, (_, index) => `metric${index}`),
    );
    await sql`
      insert into devices.registry_log (position, device_id, version, at, name, system, site, removed, actor)
      select n, 'device-' || n, 1, '2026-10-01T00:00:00Z', repeat('a long name ', 12), 'FIDA', 'museum', false, 'test'
      from generate_series(1, ${DEVICES}::int) as n`;
    await sql`
      insert into fida.samples (position, subject, hour, sampled_at, metrics, attributes)
      select row_number() over (order by hour, n), 'device-' || n, hour, hour,
        (select jsonb_object_agg('metric' || m, n * 1.5 + m) from generate_series(0, ${METRICS - 1}::int) as m), '{}'
      from generate_series(1, ${DEVICES}::int) as n, generate_series(timestamptz '2026-10-01T00:00:00Z', '2026-10-31T23:00:00Z', '1 hour') as hour`;
    await sql`insert into fida.log_counters (log, epoch, position) values ('samples', 'abcdef01', ${DEVICES * HOURS})`;
    // The first half is archived, the second is not yet.
    await estate.gather(new Date('2026-10-16T12:00:00Z'));
    // It collects its garbage when told to: what is kept would be hidden by it.
    const collecting = fileURLToPath(new URL('../bench/support/collect-garbage.ts', import.meta.url));
    const program = fileURLToPath(import.meta.resolve('@wheelhouse/history/main.ts'));
    const args = ['--expose-gc', '--import', collecting, program];
    child = spawn(process.execPath, args, {
      env: {
        ...{ DATABASE_URL: estate.url, RUN: 'server', PORT: '0', LOG_LEVEL: 'info' },
        ...{ WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN, WHEELHOUSE_SECRET_KEY: '5a'.repeat(32) },
      },
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    if (child.stderr === null) throw new Error('the process has no output');
    for await (const line of createInterface({ input: child.stderr })) {
      const { msg, url: served }: { msg: string; url?: string } = JSON.parse(line);
      if (msg === 'serving' && served !== undefined) {
        url = new URL(served);
        break;
      }
    }
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    await estate.close();
  });

  const memoryBytes = async (): Promise<number> => {
    child.kill('SIGUSR2');
    // By the time it has answered once it has heard the signal.
    await (await fetch(new URL('/metrics', url))).text();
    const text = await (await fetch(new URL('/metrics', url))).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
  };
  /** Reads an export to its end; what the process took of the memory meanwhile at most. */
  async function read(query: string): Promise<{ bytes: number; lines: number; mostMemory: number }> {
    const response = await fetch(
      new URL(`/export/history?from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:00Z${query}`, url),
      { headers: await identityHeaders({ serviceToken: SERVICE_TOKEN, service: 'history' }, admin) },
    );
    const read = { bytes: 0, lines: 0, mostMemory: 0 };
    let looked = 0;
    for await (const chunk of response.body ?? []) {
      read.bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) read.lines += 1;
      if (read.bytes - looked < 20_000_000) continue;
      looked = read.bytes;
      read.mostMemory = Math.max(read.mostMemory, await memoryBytes());
    }
    return read;
  }

  it('of a month takes no more of the memory than a part of it, however slowly it is read', async () => {
    // A fifth of it takes what any export takes, garbage included. Kept whole, the rest would come to four fifths on top.
    const fifth = Array.from({ length: DEVICES / 5 }, (_, index) => `&device=device-${index + 1}`).join('');
    const before = Math.max((await read(fifth)).mostMemory, await memoryBytes());
    const { bytes, lines, mostMemory } = await read('');
    expect(lines).toBe(1 + DEVICES * HOURS * METRICS);
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(mostMemory - before).toBeLessThan(bytes / 2);
  });
});
