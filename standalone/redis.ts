import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import type { Child } from './child.ts';
import { findFreePort } from './free-port.ts';
import { argumentsOf, holdsWithin, isRunning, signalProcess } from './processes.ts';
import type { Workspace } from './workspace.ts';

const HOST = '127.0.0.1';
/** Reading a large append-only file back takes a while. */
const START_LIMIT_MS = 60_000;
const PING_LIMIT_MS = 1_000;
const STOP_LIMIT_MS = 10_000;

/** Whether a Redis answers there that has read back what it had written; until then it answers LOADING. */
async function answersPing(port: number): Promise<boolean> {
  const socket = connect({ host: HOST, port });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.setTimeout(PING_LIMIT_MS, () => resolve(false));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  socket.once('data', (answer) => resolve(answer.toString().startsWith('+PONG')));
  socket.write('PING\r\n');
  const answered = await promise;
  socket.destroy();
  return answered;
}

async function readNumber(file: string): Promise<number> {
  return Number(await readFile(file, 'utf8').catch(() => ''));
}

/** Stops a Redis that a killed start left running on `folder`: two of them would write to one append-only file. */
async function stopOrphan(folder: string, say: (text: string) => void): Promise<void> {
  const pid = await readNumber(join(folder, 'redis.pid'));
  const port = await readNumber(join(folder, 'port'));
  if (!(pid > 0 && port > 0)) return;
  // It shows its address in place of its arguments, as in "redis-server 127.0.0.1:6379".
  const shown = (await argumentsOf(pid)).join(' ');
  if (!shown.includes('redis-server') || !shown.includes(String(port))) return;
  say(`  stopping a Redis that an earlier start left running (process ${pid})`);
  signalProcess(pid, 'SIGTERM');
  if (await holdsWithin(STOP_LIMIT_MS, async () => !(await isRunning(pid)))) return;
  throw new Error(`Redis (process ${pid}) does not stop; end it and start again`);
}

export type OwnRedis = { url: string; child: Child };

/**
 * Starts redis-server on the data folder, kept running on one port of loopback. Resolves when it answers.
 *
 * @param args its arguments, without those that say where it is
 */
export async function startRedis(options: {
  workspace: Workspace;
  /** What the child is called. */
  name: string;
  program: string;
  args: readonly string[];
  say: (text: string) => void;
  /** Takes charge of stopping it. */
  own: (name: string, stop: () => Promise<unknown>) => void;
}): Promise<OwnRedis> {
  const { workspace, name, program, say, own } = options;
  const folder = join(workspace.folder, 'redis');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await stopOrphan(folder, say);
  const port = await findFreePort(HOST);
  await writeFile(join(folder, 'port'), `${port}\n`);
  const place = { bind: HOST, port: String(port), dir: folder, pidfile: join(folder, 'redis.pid'), daemonize: 'no' };
  const child = workspace.supervise({
    name,
    program,
    args: [...options.args, ...Object.entries(place).flatMap(([setting, value]) => [`--${setting}`, value])],
    env: { PATH: environment.PATH, LC_ALL: 'C' },
    cwd: folder,
    whenReady: async (signal) => {
      if (!(await holdsWithin(START_LIMIT_MS, async () => signal.aborted || (await answersPing(port)))))
        throw new Error(`it did not answer within ${START_LIMIT_MS / 1_000} s`);
    },
  });
  own('Redis', child.stop);
  await child.start();
  return { url: `redis://${HOST}:${port}`, child };
}
