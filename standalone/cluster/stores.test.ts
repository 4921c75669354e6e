import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { has } from '../../tests/programs.ts';
import { startRedis as startTestRedis } from '../../tests/redis.ts';
import { temporaryFolder } from '../../tests/temporary-postgres.ts';
import type { ServiceDefinition } from '../compose/definitions.ts';
import { readStandaloneConfig } from '../config.ts';
import { findFreePort } from '../free-port.ts';
import { holdsWithin, isRunning } from '../processes.ts';
import { openWorkspace } from '../workspace.ts';
import { type QueuesChoice, type Store, startStore } from './stores.ts';

const HOST = '127.0.0.1';
const APPEND_ONLY = ['--appendonly', 'yes', '--save', ''];

/** What a Redis answers to one command. */
async function tell(port: number, command: string): Promise<string> {
  const socket = connect({ host: HOST, port });
  socket.write(`${command}\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).trim();
}

describe('in place of an image of the compose file', () => {
  let folder: string;
  let said: string[];
  const parts: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    folder = await temporaryFolder();
    said = [];
  });
  afterEach(async () => {
    for (const stop of parts.splice(0).reverse()) await stop();
    await rm(folder, { recursive: true, force: true });
  });
  async function start(
    image: string,
    command: string[],
    queues: QueuesChoice = 'auto',
    settings: Record<string, string> = {},
  ): Promise<Store> {
    const run = {
      config: { ...readStandaloneConfig(settings), dataFolder: folder },
      terminal: { say: (text: string) => void said.push(text), step: <T>(_: string, work: () => Promise<T>) => work() },
      signal: new AbortController().signal,
      own: (_: string, stop: () => Promise<unknown>) => void parts.push(stop),
      onLost: (reason: string) => void said.push(reason),
    };
    const workspace = await openWorkspace(run);
    const definition: ServiceDefinition = {
      name: 'queues',
      image,
      isOurs: false,
      command,
      environment: {},
      replicas: 1,
      isKeptRunning: true,
      dependsOn: [],
      healthCheck: null,
      ports: [],
    };
    return startStore(definition, { ...run, workspace, queues });
  }

  it('there is PostgreSQL or Redis, and for any other image a clear refusal', async () => {
    await expect(start('example.org/own/mosquitto:2', [])).rejects.toThrow(
      'services.queues.image: plain processes have nothing in place of example.org/own/mosquitto:2, only of postgres and redis',
    );
  });

  it('there is no Redis where the machine has none, and it says where the queues are instead', async () => {
    expect(await start('redis:8', ['no-such-redis-server'])).toMatchObject({ url: '', pid: undefined });
    expect(said.join('\n')).toContain('This machine has no no-such-redis-server: the queues are in PostgreSQL.');
  });

  it('there is no start where Redis was asked for and the machine has none', async () => {
    await expect(start('redis:8', ['no-such-redis-server'], 'redis')).rejects.toThrow(
      /has no no-such-redis-server: install/,
    );
  });

  it('there is no Redis where PostgreSQL was asked for', async () => {
    expect((await start('redis:8', ['redis-server'], 'postgres')).url).toBe('');
    expect(said).toEqual([]);
  });

  it.skipIf(!has('redis-server'))('the Redis of the settings is used where they name one', async () => {
    const own = await startTestRedis();
    parts.push(own.close);
    const given = await start('redis:8', ['no-such-redis-server'], 'auto', { REDIS_URL: own.url });
    expect(given).toEqual({ name: 'queues', url: own.url, pid: undefined });
  });

  it.skipIf(!has('redis-server'))(
    'a Redis is started with the command of the file, and is back when it is killed',
    async () => {
      const redis = await start('registry.example:5000/redis:8', ['redis-server', ...APPEND_ONLY], 'redis');
      const port = Number(new URL(redis.url).port);
      expect(await tell(port, 'CONFIG GET appendonly')).toMatch(/yes$/);
      expect(await tell(port, 'SET a b')).toBe('+OK');
      const { pid = 0 } = redis;
      process.kill(pid, 'SIGKILL');
      expect(await holdsWithin(15_000, () => said.includes('Running again: queues.'))).toBe(true);
      expect(redis.pid).not.toBe(pid);
      expect(await tell(port, 'GET a')).toMatch(/b$/);
    },
  );

  it.skipIf(!has('redis-server'))(
    'a Redis that a killed start left running is stopped first, and what it holds is kept',
    async () => {
      const place = join(folder, 'redis');
      const left = await findFreePort(HOST);
      await mkdir(place);
      await writeFile(join(place, 'port'), `${left}\n`);
      const where = ['--port', String(left), '--bind', HOST, '--dir', place, '--pidfile', join(place, 'redis.pid')];
      const orphan = spawn('redis-server', [...APPEND_ONLY, ...where], { stdio: 'ignore' });
      expect(await holdsWithin(10_000, async () => (await tell(left, 'SET a b').catch(() => '')) === '+OK')).toBe(true);
      const redis = await start('redis:8', ['redis-server', ...APPEND_ONLY], 'redis');
      expect(await isRunning(orphan.pid ?? 0)).toBe(false);
      expect(said.join('\n')).toContain(`an earlier start left running (process ${orphan.pid})`);
      expect(await tell(Number(new URL(redis.url).port), 'GET a')).toMatch(/b$/);
    },
  );
});
