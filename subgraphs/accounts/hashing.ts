import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** What a hash costs: KiB of memory, passes over it, and lanes. */
export type HashingCost = { memory: number; passes: number; parallelism: number };
export type HashingJob = { id: number; message: string; salt: Uint8Array; cost: HashingCost; length: number };

const answerShape = z.union([
  z.object({ id: z.number(), key: z.instanceof(Uint8Array) }),
  z.object({ id: z.number(), failure: z.string() }),
]);

export type Hashing = {
  /** A password's key by argon2id. */
  derive: (job: Omit<HashingJob, 'id'>) => Promise<Buffer>;
  close: () => Promise<void>;
};

/**
 * Hashes on a thread of its own with a low priority. On libuv's threads a hash would have the same right to a core as the event loop, and take
 * the place of a file or a name of a host that somebody waits for.
 */
export function openHashing(): Hashing {
  const waiting = new Map<number, PromiseWithResolvers<Buffer>>();
  let thread: Worker | null = null;
  let jobs = 0;
  const lose = (err: Error): void => {
    thread = null;
    for (const { reject } of waiting.values()) reject(err);
    waiting.clear();
  };
  const open = (): Worker => {
    const opened = new Worker(new URL('./hashing-thread.ts', import.meta.url));
    // Whoever waits for a password keeps the process alive, and not who might be asked.
    opened.unref();
    opened.on('message', (message: unknown) => {
      const answer = answerShape.parse(message);
      const job = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('key' in answer) job?.resolve(Buffer.from(answer.key));
      else job?.reject(new Error(`A password could not be hashed: ${answer.failure}`));
    });
    opened.on('error', lose);
    opened.on('exit', () => {
      if (thread === opened) lose(new Error('The thread that hashes passwords has ended'));
    });
    return opened;
  };
  return {
    derive(job) {
      thread ??= open();
      jobs += 1;
      const settled = Promise.withResolvers<Buffer>();
      waiting.set(jobs, settled);
      thread.postMessage({ id: jobs, ...job } satisfies HashingJob);
      return settled.promise;
    },
    async close() {
      await thread?.terminate();
    },
  };
}
