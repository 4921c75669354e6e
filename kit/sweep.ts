import { z } from 'zod';
import type { Logger } from './logger.ts';
import type { Queues } from './queue.ts';
import type { SweepLog } from './sweep-log.ts';

/** Visits start no closer together than this while the interval allows it, so that few keys are a light load. */
const EASY_PACE_MS = 10;
/** The part of the interval within which all visits start; the rest is for the slow ones. */
const BUSY_SHARE = 0.8;
/**
 * As long as a chunk's visits take to start, whatever the pace: what a job costs is then spent once a second, and not for every so many
 * keys. Longer, and what the first visit found would wait longer for the last.
 */
const CHUNK_SPAN_MS = 1_000;
/** Where sweeps follow each other quickly, several workers still share each. */
const CHUNK_SHARE = 0.25;
/** Bounds a job's payload, and the statement that keeps what its visits found. */
const MOST_CHUNK_KEYS = 1_000;
/** Visits that fall due within it start together: each wake-up costs as much as a visit. */
const TOGETHER_MS = 20;

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

/**
 * The chunks of one sweep over `keys`: each key has its place in the slot, `paceMs` after the one before it.
 *
 * @param chunkSpanMs how long a chunk's visits take to start, where the interval allows it @default 1,000 ms
 */
export function chunksOf(
  keys: readonly string[],
  slotMs: number,
  intervalMs: number,
  chunkSpanMs: number = CHUNK_SPAN_MS,
): Chunk[] {
  const paceMs = paceOf(keys.length, intervalMs);
  const spanMs = Math.min(chunkSpanMs, intervalMs * CHUNK_SHARE);
  const size = Math.min(MOST_CHUNK_KEYS, Math.floor(spanMs / paceMs));
  const chunks: Chunk[] = [];
  for (let first = 0; first < keys.length; first += size) {
    chunks.push({ slotMs, startMs: slotMs + first * paceMs, paceMs, keys: keys.slice(first, first + size) });
  }
  return chunks;
}

/**
 * Visits every key of a chunk at its place or up to 20 ms after it, whatever the ones before it do: a slow or dead one costs its own
 * place only. Resolves when all have been visited; `visit` must not throw.
 */
export async function visitPaced<Result>(
  chunk: Pick<Chunk, 'startMs' | 'paceMs'>,
  keys: readonly string[],
  visit: (key: string, dueMs: number) => Promise<Result>,
): Promise<Result[]> {
  const visits: Promise<Result>[] = [];
  const dueOf = (index: number): number => chunk.startMs + index * chunk.paceMs;
  while (visits.length < keys.length) {
    const untilDueMs = dueOf(visits.length) - Date.now();
    // A place of its own has the first of those that start together, and the others are the ones that follow it.
    if (untilDueMs > 0) {
      const waitMs = visits.length === 0 ? untilDueMs : Math.max(untilDueMs, TOGETHER_MS);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
    const nowMs = Date.now();
    for (const key of keys.slice(visits.length)) {
      const dueMs = dueOf(visits.length);
      if (dueMs > nowMs) break;
      visits.push(visit(key, dueMs));
    }
  }
  return Promise.all(visits);
}

export type SweepOptions = {
  queues: Queues;
  /** Names the two queues: ticks would starve behind chunks on one. */
  name: string;
  intervalSeconds: number;
  /** How many chunks one worker process has in hand at a time. */
  concurrency: number;
  /** How long a chunk's visits take to start: longer, where a chunk costs more than its visits. @default 1,000 ms */
  chunkSpanMs?: number;
  /** All keys, always in the same order: a key's place in the slot follows from it. */
  listKeys: () => Promise<string[]>;
  visitChunk: (chunk: Chunk) => Promise<void>;
  /** Counts the chunks whose slot was over before a worker came to them; they are left out, since the next slot has begun. */
  lateChunks: { inc: () => void };
  /** Notes how sweeps come along. */
  log: SweepLog;
  logger: Logger;
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
      chunksOf(keys, slotMs, intervalMs, options.chunkSpanMs).map((payload) => ({
        id: `${slotMs}-${payload.keys[0]}`,
        payload,
        delayMs: payload.startMs - Date.now(),
      })),
    );
  const sweepSlot = async (slotMs: number): Promise<void> => {
    const keys = await options.listKeys();
    options.log.planned(slotMs, keys.length);
    await enqueue(keys, slotMs);
  };
  await chunks.work(
    async (chunk) => {
      if (Date.now() < chunk.startMs + intervalMs) {
        options.log.begun(chunk.slotMs);
        await options.visitChunk(chunk);
        options.log.visited(chunk.slotMs, chunk.keys.length);
        return;
      }
      options.log.leftOut(chunk.slotMs, chunk.keys.length);
      options.lateChunks.inc();
      const late = { slot: new Date(chunk.slotMs), keys: chunk.keys.length };
      options.logger.warn(late, 'chunk left out: its slot is over');
    },
    { concurrency: options.concurrency },
  );
  await options.queues.every(`${options.name}-sweep`, options.intervalSeconds, (slot) => sweepSlot(slot.getTime()));
  // After a time without workers nobody should wait for the next slot; where this one was swept, its jobs are known.
  await sweepSlot(Math.floor(Date.now() / intervalMs) * intervalMs);
  return { visitNow: (keys) => enqueue(keys, Date.now()) };
}
