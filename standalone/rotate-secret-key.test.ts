import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTargetReader } from '@wheelhouse/fida/target-reader.ts';
import { environment } from '@wheelhouse/kit/config.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { createSealer, type Sealer } from '@wheelhouse/kit/sealed.ts';
import {
  findSealedColumns,
  nameOf,
  readSealed,
  replaceSealed,
  type SealedColumn,
} from '@wheelhouse/kit/sealed-store.ts';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../tests/database.ts';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { estateSecrets } from './secrets.ts';

const PROGRAM = fileURLToPath(new URL('./rotate-secret-key.ts', import.meta.url));
const [before, after, foreign] = Array.from({ length: 3 }, () => randomBytes(32).toString('hex')) as [
  string,
  string,
  string,
];
/** More than two of its batches. */
const DEVICES = 1_100;
const ids = Array.from({ length: DEVICES }, (_, index) => `device-${String(index).padStart(4, '0')}`);
const secretOf = (id: string) => ({ community: `community of ${id}` });

/** Every text of the database that this sealer does not open. */
async function unreadable({ db }: DatabaseHandle, sealer: Sealer): Promise<string[]> {
  const unread: string[] = [];
  for (const column of await findSealedColumns(db)) {
    for (const { owner, sealed } of await readSealed(db, column, { after: null, limit: DEVICES + 1 })) {
      try {
        expect(sealer.open(sealed, owner)).toEqual(secretOf(owner));
      } catch {
        unread.push(`${nameOf(column)} ${owner}`);
      }
    }
  }
  return unread;
}

describe('npm run rotate-secret-key', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  const running: ChildProcess[] = [];

  const start = (settings: Record<string, string>, args: string[] = []) => {
    const env = { ...environment, DATABASE_URL: database.url, ...settings };
    const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const ended = once(child, 'close').then(([exitCode]) => ({ exitCode: Number(exitCode), output }));
    return { child, ended };
  };
  const both = { WHEELHOUSE_SECRET_KEY: after, WHEELHOUSE_SECRET_KEY_PREVIOUS: before };
  const column = async (name: string): Promise<SealedColumn> => {
    const found = (await findSealedColumns(handle.db)).find((one) => nameOf(one) === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };

  beforeEach(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url, { maxConnections: 3 });
    const sealer = createSealer(before);
    const rows = JSON.stringify(ids.map((id) => ({ id, sealed: sealer.seal(secretOf(id), id) })));
    const given = sql`json_to_recordset(${rows}::json) as given(id text, sealed text)`;
    await handle.db.execute(sql`
      insert into devices.devices (id, name, system, site, tags, connection, sealed, version, created_at)
      select id, id, 'FIDA', 'museum', '{}', '{}', sealed, 1, now() from ${given}`);
    for (const system of ['fida', 'qsys']) {
      await handle.db.execute(sql`
        insert into ${sql.identifier(system)}.targets (device_id, version, removed, site, time_zone, connection, sealed)
        select id, 1, false, 'museum', 'UTC', '{"host":"10.0.0.1","port":161,"version":"V2C"}', sealed from ${given}`);
    }
    // What has no secrets is left alone.
    await handle.db.execute(sql`update qsys.targets set sealed = null where device_id = ${ids[0]}`);
  });
  afterEach(async () => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    await handle.close();
    await database.drop();
  });

  it('knows every column of the database that holds what is sealed', async () => {
    const names = (await findSealedColumns(handle.db)).map(nameOf);
    expect(names).toEqual(
      expect.arrayContaining(['devices', 'fida', 'qsys'].map((schema) => expect.stringMatching(`^${schema}\\.`))),
    );
    const [held] = await handle.db.execute<{ count: number }>(sql`
      select count(*)::int as count from information_schema.columns
      where column_name like '%sealed' and data_type <> 'timestamp with time zone'`);
    expect(names).toHaveLength(held?.count ?? 0);
  });

  it('killed in the middle leaves what services with both keys read, and is ended by the next run', async () => {
    let letGo = (): void => {};
    let isHeld = (): void => {};
    const held = new Promise<void>((resolve) => (isHeld = resolve));
    // The second batch of the second table waits for this row.
    const holder = handle.db.transaction(async (tx) => {
      await tx.execute(sql`select from fida.targets where device_id = ${ids[700]} for update`);
      isHeld();
      await new Promise<void>((resolve) => (letGo = resolve));
    });
    await held;
    const { child, ended } = start(both);
    const itsSession = sql`pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    const waiting = sql`select from ${itsSession}`;
    await expect.poll(async () => (await handle.db.execute(waiting)).length, { timeout: 30_000 }).toBe(1);
    child.kill('SIGKILL');
    await ended;
    // PostgreSQL would carry out what it was sent last, and only then see that nobody waits for it.
    await handle.db.execute(sql`select pg_terminate_backend(pid) from ${itsSession}`);
    letGo();
    await holder;

    const done =
      DEVICES - (await unreadable(handle, createSealer(after))).filter((name) => name.startsWith('fida.')).length;
    expect(done).toBe(500);
    expect(await unreadable(handle, createSealer(after, before))).toEqual([]);
    // A service that was not started anew yet, and was given the new key beside its own before.
    expect(await unreadable(handle, createSealer(before, after))).toEqual([]);

    const second = await start(both).ended;
    expect(second.output).toMatch(/devices\.devices\.sealed +0 sealed anew, of 1100/);
    expect(second.output).toMatch(/fida\.targets\.sealed +600 sealed anew, of 1100/);
    expect(second.output).toMatch(/qsys\.targets\.sealed +1099 sealed anew, of 1099/);
    expect(second.exitCode).toBe(0);
    expect(await unreadable(handle, createSealer(after))).toEqual([]);
    const [row] = await handle.db.execute<{ sealed: string }>(
      sql`select sealed from fida.targets where device_id = ${ids[1]}`,
    );
    const target = {
      deviceId: ids[1] ?? '',
      version: 1,
      removed: false,
      site: 'museum',
      timeZone: 'UTC',
      connection: { host: '10.0.0.1', port: 161, version: 'V2C' },
    };
    expect(createTargetReader(createSealer(after))({ ...target, sealed: row?.sealed ?? '' })).toMatchObject(
      secretOf(ids[1] ?? ''),
    );

    const third = await start(both).ended;
    expect(third).toMatchObject({ exitCode: 0, output: expect.not.stringMatching(/[1-9]\d* sealed anew/) });
  }, 90_000);

  it('names what opens with neither key, and changes nothing', async () => {
    const targets = await column('qsys.targets.sealed');
    const [text] = await readSealed(handle.db, targets, { after: ids[41] ?? '', limit: 1 });
    const becomes = createSealer(foreign).seal(secretOf(ids[42] ?? ''), ids[42] ?? '');
    expect(await replaceSealed(handle.db, targets, [{ owner: ids[42] ?? '', was: text?.sealed ?? '', becomes }])).toBe(
      1,
    );
    const { exitCode, output } = await start(both).ended;
    expect(exitCode).toBe(1);
    expect(output).toContain(
      '1 of 3299 sealed secrets open with neither key, and nothing was changed:\n  qsys.targets.sealed device-0042\n',
    );
    for (const secret of [before, after, 'community of']) expect(output).not.toContain(secret);
    expect(await unreadable(handle, createSealer(before))).toEqual(['qsys.targets.sealed device-0042']);
  });

  it('refuses to run beside another one', async () => {
    await handle.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_lock(${0x7365616c})`);
      const { exitCode, output } = await start(both).ended;
      expect({ exitCode, output }).toMatchObject({
        exitCode: 1,
        output: expect.stringContaining('by another process'),
      });
      await tx.execute(sql`select pg_advisory_unlock(${0x7365616c})`);
    });
  });

  it('changes the key of a data folder, which is made where none is wanted', async () => {
    const data = await temporaryFolder();
    const nothing = { secretKey: undefined, previousSecretKey: undefined };
    await estateSecrets(data, { ...nothing, secretKey: before });
    const { exitCode, output } = await start({}, ['--data', data]).ended;
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('The new key is in') });
    const { secretKey, ...rest } = await estateSecrets(data, nothing);
    expect(secretKey).not.toBe(before);
    expect(rest).toEqual({ serviceToken: expect.any(String) });
    expect(await unreadable(handle, createSealer(secretKey))).toEqual([]);
    expect(output + (await readFile(join(data, 'logs', 'supervisor.log'), 'utf8'))).not.toMatch(
      new RegExp(`${secretKey}|${before}`),
    );
    await rm(data, { recursive: true });

    const empty = await temporaryFolder();
    const refused = await start({}, ['--data', empty]).ended;
    expect(refused).toMatchObject({ exitCode: 1, output: expect.stringContaining('was never started there') });
    await rm(empty, { recursive: true });
  });
});
