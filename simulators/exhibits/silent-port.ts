import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A connection on loopback comes about in less than a millisecond; one that has not by then is one that does not. */
const COME_ABOUT_MS = 100;
/** Linux lets one more in than the queue is long. */
const MOST_WAITING = 16;

export type SilentPort = { close: () => Promise<void> };

async function comesAbout(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), COME_ABOUT_MS);
  socket.once('connect', () => resolve(true));
  // Reset when the listener ends; refused when it is not there.
  socket.on('error', () => resolve(false));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A TCP port of loopback that neither takes connections nor refuses them: a listener whose queue is full, where Linux drops what else
 * wants to connect. Sure on Linux only.
 *
 * @throws Error when the port is taken
 */
export async function openSilentPort(host: string, port: number): Promise<SilentPort> {
  const end = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('parked-listener.ts', import.meta.url), { workerData: { host, port, end } });
  await once(worker, 'message');
  const waiting: Socket[] = [];
  const close = async (): Promise<void> => {
    const ended = once(worker, 'exit');
    Atomics.store(end, 0, 1);
    Atomics.notify(end, 0);
    for (const socket of waiting) socket.destroy();
    await ended;
  };
  while (waiting.length < MOST_WAITING) {
    const socket = connect({ host, port });
    waiting.push(socket);
    if (!(await comesAbout(socket))) {
      // This one would go on trying.
      socket.destroy();
      return { close };
    }
  }
  await close();
  throw new Error(
    `port ${port} of ${host} takes connections although nobody accepts them: this system can't play a silent one`,
  );
}
