import { type SealedSamples, samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue, Queues } from '@wheelhouse/kit/queue.ts';
import { gatherRound, type Round } from './gather.ts';

/** A day is done at the first tick half an hour after it; the others find what came late, and days that were open. */
const EVERY_SECONDS = 3_600;

/** Tells services which of their samples are archived for good. */
function createTelling(queues: Queues): (removable: Round['removable']) => Promise<void> {
  const opened = new Map<string, JobQueue<SealedSamples>>();
  const queueOf = (service: string): JobQueue<SealedSamples> => {
    const queue = opened.get(service) ?? queues.queue(samplesSealedQueue(service), sealedSamplesShape);
    opened.set(service, queue);
    return queue;
  };
  return async (removable) => {
    for (const { service, place, before } of removable) {
      const payload = { epoch: place.epoch, throughPosition: place.position, before: before.toISOString() };
      await queueOf(service).add([{ id: `${place.epoch}-${place.position}-${before.getTime()}`, payload }]);
    }
  };
}

/**
 * Archives the samples of all services and seals the days that are over, once an hour among all workers. Resolves when the queue is open;
 * `signal` ends a round under way, which the next one goes on with.
 */
export async function openArchive(options: {
  db: Database;
  queues: Queues;
  logger: Logger;
  now: () => Date;
  signal: AbortSignal;
}): Promise<void> {
  const { db, queues, logger, now, signal } = options;
  const tell = createTelling(queues);
  await queues.every('history-archive', EVERY_SECONDS, async () => {
    const { removable } = await gatherRound({ db, logger, signal, now: now() });
    await tell(removable);
  });
}
