import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type RedisServer = {
  url: string;
  readonly pid: number;
  /** Ends it without a chance to save anything; resolves when it is gone. */
  kill: () => Promise<void>;
  /** Stops it where it stands (SIGSTOP): connections stay open and nothing answers. */
  pause: () => void;
  resume: () => void;
  /** Starts it again on the same port, with what its append-only file holds or with nothing. */
  start: (options?: { empty: boolean }) => Promise<void>;
  close: () => Promise<void>;
};

async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** Resolves once it takes connections; false when it ended before. */
async function isUp(child: ChildProcess): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('Ready to accept connections')) resolve(true);
  });
  child.once('exit', () => resolve(false));
  child.once('error', () => resolve(false));
  return promise;
}

/** Debian's redis-server on a free port of 127.0.0.1, append-only, in a temporary folder. `url` is without the password. */
export async function startRedis({ password = '' }: { password?: string } = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-redis-'));
  const dataFolder = join(folder, 'appendonlydir');
  const startOn = async (port: number): Promise<ChildProcess | null> => {
    const settings = { port, bind: '127.0.0.1', dir: folder, appendonly: 'yes', save: '', requirepass: password };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    return (await isUp(started)) ? started : null;
  };
  let port = 0;
  let child: ChildProcess | null = null;
  for (let attempt = 1; child === null && attempt <= 5; attempt += 1) {
    port = await freeTcpPort();
    child = await startOn(port);
  }
  if (child === null) {
    await rm(folder, { recursive: true, force: true });
    throw new Error('redis-server did not start on any of five free ports');
  }
  const kill = async (): Promise<void> => {
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    child = null;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child?.pid ?? 0;
    },
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    start: async (options = { empty: false }) => {
      if (options.empty) await rm(dataFolder, { recursive: true, force: true });
      child = await startOn(port);
      if (child === null) throw new Error(`redis-server did not start again on port ${port}`);
    },
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
