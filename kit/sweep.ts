import { z } from 'zod';
import type { Queues } from './queue.ts';

/** Visits start no closer together than this while the interval allows it, so that few keys are a light load. */
const EASY_PACE_MS = 10;
/** The part of the interval within which all visits start; the rest is for the slow ones. */
const BUSY_SHARE = 0.8;
const CHUNK_KEYS = 50;

/** How far apart the visits of one sweep start. */
export const paceOf = (keyCount: number, intervalMs: number): number =>
  Math.min(EASY_PACE_MS, (intervalMs * BUSY_SHARE) / Math.max(1, keyCount));

const chunkShape = z.object({
  /** The slot: when the sweep was due, in milliseconds since the epoch. */
  slotMs: z.number(),
  /** When the chunk's first key is due. */
  startMs: z.number(),
  paceMs: z.number(),
  keys: z.array(z.string()),
});
export type Chunk = z.infer<typeof chunkShape>;

/** The chunks of one sweep over `keys`: each key has its place in the slot, `paceMs` after the one before it. */
export function chunksOf(keys: readonly string[], slotMs: number, intervalMs: number): Chunk[] {
  const paceMs = paceOf(keys.length, intervalMs);
  const chunks: Chunk[] = [];
  for (let first = 0; first < keys.length; first += CHUNK_KEYS) {
    chunks.push({ slotMs, startMs: slotMs + first * paceMs, paceMs, keys: keys.slice(first, first + CHUNK_KEYS) });
  }
  return chunks;
}

/**
 * Visits every key of a chunk at its place, whatever the ones before it do: a slow or dead one costs its own place only.
 * Resolves when all have been visited; `visit` must not throw.
 */
export async function visitPaced<Result>(
  chunk: Pick<Chunk, 'startMs' | 'paceMs'>,
  keys: readonly string[],
  visit: (key: string, dueMs: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    keys.map(async (key, index) => {
      const dueMs = chunk.startMs + index * chunk.paceMs;
      const waitMs = dueMs - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      return visit(key, dueMs);
    }),
  );
}

export type SweepOptions = {
  queues: Queues;
  /** Names the two queues: ticks would starve behind chunks on one. */
  name: string;
  intervalSeconds: number;
  /** How many chunks one worker process has in hand at a time. */
  concurrency: number;
  /** All keys, always in the same order: a key's place in the slot follows from it. */
  listKeys: () => Promise<string[]>;
  visitChunk: (chunk: Chunk) => Promise<void>;
  /** Told of a chunk whose slot was over before a worker came to it; it is left out, since the next slot has begun. */
  onLate: (chunk: Chunk) => void;
};

/** A recurring visit of all keys, split into chunk jobs that any worker may take. */
export async function openSweep(options: SweepOptions): Promise<{
  /** Visits these keys at once, out of turn. */
  visitNow: (keys: readonly string[]) => Promise<void>;
}> {
  const intervalMs = options.intervalSeconds * 1_000;
  const chunks = options.queues.queue(`${options.name}-chunks`, chunkShape);
  const enqueue = (keys: readonly string[], slotMs: number): Promise<void> =>
    chunks.add(
      // The id makes a slot's chunk one job, however many workers ask for it.
      chunksOf(keys, slotMs, intervalMs).map((payload) => ({
        id: `${slotMs}-${payload.keys[0]}`,
        payload,
        delayMs: payload.startMs - Date.now(),
      })),
    );
  const sweepSlot = async (slotMs: number): Promise<void> => enqueue(await options.listKeys(), slotMs);
  await chunks.work(
    async (chunk) => {
      if (Date.now() >= chunk.startMs + intervalMs) options.onLate(chunk);
      else await options.visitChunk(chunk);
    },
    { concurrency: options.concurrency },
  );
  await options.queues.every(`${options.name}-sweep`, options.intervalSeconds, (slot) => sweepSlot(slot.getTime()));
  // After a time without workers nobody should wait for the next slot; where this one was swept, its jobs are known.
  await sweepSlot(Math.floor(Date.now() / intervalMs) * intervalMs);
  return { visitNow: (keys) => enqueue(keys, Date.now()) };
}
