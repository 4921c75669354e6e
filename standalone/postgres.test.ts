import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import postgres from 'postgres';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../tests/temporary-postgres.ts';
import { type EmbeddedPostgres, type PostgresOptions, startPostgres } from './postgres.ts';
import { holdsWithin, isRunning } from './processes.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const LAUNCHER = fileURLToPath(new URL('./testing/start-postgres.ts', import.meta.url));

describe('the launcher of PostgreSQL', () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function aFolder(): Promise<string> {
    const folder = await temporaryFolder();
    cleanups.push(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
    return join(folder, 'postgres');
  }
  async function start(dataFolder: string, options: Partial<PostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const server = await startPostgres({ dataFolder, logger, durable: false, ...options });
    cleanups.push(server.stop);
    return server;
  }
  async function ask<T>(server: { url: string }, query: string): Promise<T[]> {
    const sql = postgres(server.url, { max: 1, onnotice: () => {} });
    try {
      return await sql.unsafe<T[]>(query);
    } finally {
      await sql.end({ timeout: 5 });
    }
  }
  async function launch(dataFolder: string) {
    const child = spawn(process.execPath, [LAUNCHER, dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanups.push(async () => child.kill('SIGKILL'));
    const kill = async (): Promise<void> => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    };
    return { child, kill };
  }

  it('keeps the data from one start to the next', async () => {
    const folder = await aFolder();
    const first = await start(folder);
    expect(first.made).toBe(true);
    await ask(first, "create table kept as select 'a row' as what");
    await first.stop();
    const second = await start(folder);
    expect(second.made).toBe(false);
    expect(await ask(second, 'select what from kept')).toEqual([{ what: 'a row' }]);
  });

  it('sets what Wheelhouse counts on, and forces every commit to disk unless told otherwise', async () => {
    const server = await start(await aFolder(), { durable: true });
    const settings = [
      'server_encoding',
      'max_connections',
      'listen_addresses',
      'timezone',
      'fsync',
      'synchronous_commit',
    ];
    const rows = await ask<{ name: string; setting: string }>(
      server,
      `select lower(name) as name, setting from pg_settings where lower(name) in ('${settings.join("', '")}')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      server_encoding: 'UTF8',
      max_connections: '500',
      listen_addresses: '127.0.0.1',
      timezone: 'UTC',
      fsync: 'on',
      synchronous_commit: 'on',
    });
    expect(await ask(server, "select upper('é') as upper")).toEqual([{ upper: 'É' }]);
  });

  it('lets nobody in without the password, which only its owner can read', async () => {
    const folder = await aFolder();
    const server = await start(folder);
    const url = new URL(server.url);
    url.password = 'guess';
    await expect(ask({ url: url.href }, 'select 1')).rejects.toThrow(/password authentication failed/);
    expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600);
  });

  it('restarts at the same address, and after a kill with what was committed', async () => {
    const server = await start(await aFolder(), { durable: true });
    await ask(server, 'create table kept (id int)');
    const before = server.pid;
    process.kill(before, 'SIGKILL');
    expect(await holdsWithin(10_000, async () => !(await isRunning(before)))).toBe(true);
    await server.restart();
    expect(server.pid).not.toBe(before);
    expect(await ask(server, 'select count(*)::int as rows from kept')).toEqual([{ rows: 0 }]);
  });

  it('says when PostgreSQL ends by itself, and not when it was asked to', async () => {
    let ended = 0;
    const server = await start(await aFolder(), { onUnexpectedExit: () => (ended += 1) });
    process.kill(server.pid, 'SIGKILL');
    expect(await holdsWithin(10_000, () => ended === 1)).toBe(true);
    await server.restart();
    await server.stop();
    expect(ended).toBe(1);
  });

  it('stops the PostgreSQL that a killed start left running', async () => {
    const folder = await aFolder();
    const launcher = await launch(folder);
    const [said] = await once(launcher.child.stdout, 'data');
    const orphan: { url: string; pid: number } = JSON.parse(String(said));
    await ask(orphan, 'create table kept (id int)');
    await launcher.kill();
    expect(await isRunning(orphan.pid)).toBe(true);
    const server = await start(folder);
    expect(await isRunning(orphan.pid)).toBe(false);
    expect(await ask(server, 'select * from kept')).toEqual([]);
  });

  it('makes the database anew when the start that made it was killed halfway', async () => {
    const folder = await aFolder();
    const launcher = await launch(folder);
    const isHalfMade = async (): Promise<boolean> =>
      (await readdir(folder).catch(() => [])).some((entry) => entry.startsWith('cluster.new'));
    expect(await holdsWithin(10_000, isHalfMade)).toBe(true);
    await launcher.kill();
    const server = await start(folder);
    expect(server.made).toBe(true);
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await readdir(folder)).sort()).toEqual(['cluster', 'password', 'server.log']);
  });

  it('is not misled by a postmaster.pid whose number belongs to another program', async () => {
    const folder = await aFolder();
    const first = await start(folder);
    const pidFile = join(first.cluster, 'postmaster.pid');
    const written = await readFile(pidFile, 'utf8');
    await first.stop();
    await writeFile(pidFile, written.replace(/^\d+/, String(process.pid)));
    const second = await start(folder);
    expect(await ask(second, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await isRunning(process.pid)).toBe(true);
  });

  it('quotes PostgreSQL when it does not start', async () => {
    const folder = await aFolder();
    const first = await start(folder);
    await first.stop();
    await writeFile(join(first.cluster, 'postgresql.conf'), 'no_such_setting = 1\n');
    await expect(start(folder)).rejects.toThrow(/no_such_setting/);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'runs under root as another user, whose data lies where that user can go',
    async () => {
      const closed = await mkdtemp(join(tmpdir(), 'wheelhouse-closed-'));
      await chmod(closed, 0o700);
      cleanups.push(() => rm(closed, { recursive: true, force: true }));
      const folder = join(closed, 'postgres');
      const first = await start(folder);
      const home = dirname(first.cluster);
      cleanups.push(() => rm(home, { recursive: true, force: true }));
      expect(home.startsWith(closed)).toBe(false);
      expect((await stat(first.cluster)).uid).not.toBe(0);
      await ask(first, 'create table kept (id int)');
      await first.stop();
      const second = await start(folder);
      expect(second.cluster).toBe(first.cluster);
      expect(await ask(second, 'select * from kept')).toEqual([]);
    },
  );
});
