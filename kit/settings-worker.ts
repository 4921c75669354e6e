import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Database, Queryable } from './database.ts';
import type { Logger } from './logger.ts';
import type { JobQueue, Queues } from './queue.ts';
import { carryOut, type SettingsPort } from './settings-carry.ts';
import type { SettingsValues } from './settings-changes.ts';
import { beginSending, finishChange, listUnfinished, releaseLease, renewLease, takeNext } from './settings-leases.ts';
import type { SettingsChangeRow, SettingsTables } from './settings-requests.ts';
import { givenUp, type Outcome, type SetAnswer, withStored } from './settings-rules.ts';

/** A killed worker's change is taken over after this at most and the reconciler's next look. */
const LEASE_MS = 10_000;
const RENEW_MS = 3_000;
/** More than a worker that is killed now and then takes, and few enough that those behind it wait for half a minute at most. */
const MOST_ATTEMPTS = 5;
const RECONCILE_SECONDS = 10;
/** Younger ones have a job of their own that is about to be taken. */
const RECONCILE_AGE_MS = 5_000;
/** In one look; the next one takes more. */
const RECONCILE_MOST = 1_000;

const jobShape = z.object({ subject: z.string() });
export type SettingsJob = z.infer<typeof jobShape>;

/** The queue of a service's changes of settings. A job holds only whose settings are to be looked after: the rows hold the rest. */
export const settingsQueue = (queues: Queues, name: string): JobQueue<SettingsJob> => queues.queue(name, jobShape);

/**
 * Makes jobs for changes that were just committed. It never fails: what could not be added now, the reconciler adds later.
 *
 * @param options.isBackground for changes for which nobody waits: those for which somebody does go before them
 */
export async function enqueueChanges(
  queue: JobQueue<SettingsJob>,
  changes: readonly Pick<SettingsChangeRow, 'id' | 'subject'>[],
  { logger, isBackground = false }: { logger: Logger; isBackground?: boolean },
): Promise<void> {
  try {
    await queue.add(changes.map(({ id, subject }) => ({ id, payload: { subject }, isBackground })));
  } catch (err) {
    logger.warn({ err, changes: changes.length }, 'settings changes wait for the reconciler: they could not be queued');
  }
}

export type SettingsWorkerOptions = {
  db: Database;
  tables: SettingsTables;
  queues: Queues;
  /** The queue's name. */
  name: string;
  /** Subjects at a time, in one worker. */
  concurrency: number;
  /** How long a subject may take to obey. */
  settleMs: number;
  /** The part of `wanted` that is sent; the rest we keep ourselves, and it is stored already. */
  sentOf: (wanted: SettingsValues) => SettingsValues;
  /** @param wanted the part of a change that is sent */
  reach: (subject: string, wanted: SettingsValues) => SettingsPort | Promise<SettingsPort>;
  /** Keeps what was read back where the service keeps what its subjects said last, in the transaction that ends the change. */
  saveReadBack: (tx: Queryable, subject: string, readBack: SettingsValues, at: Date) => Promise<void>;
  onSent: (answer: SetAnswer) => void;
  onFinished: (change: SettingsChangeRow) => void;
  logger: Logger;
  signal: AbortSignal;
};

type InHand = { change: SettingsChangeRow; token: string; logger: Logger };

/** Ends a change that is in hand, unless it has ended meanwhile or is in other hands. */
async function end(options: SettingsWorkerOptions, { change, token, logger }: InHand, outcome: Outcome): Promise<void> {
  const { db, tables } = options;
  const sent = options.sentOf(change.wanted);
  const stored = Object.fromEntries(Object.entries(change.wanted).filter(([name]) => !(name in sent)));
  const { readBack } = outcome;
  const at = new Date();
  const ended = await finishChange(db, tables, {
    ...{ id: change.id, token, at, outcome: withStored(outcome, stored) },
    also: (tx) => (readBack === null ? Promise.resolve() : options.saveReadBack(tx, change.subject, readBack, at)),
  });
  if (ended === null) return;
  options.onFinished(ended);
  logger.info({ outcome: ended.state, code: ended.code }, 'a settings change has ended');
}

/** Takes one change to its end. @throws the signal's reason when the worker stops: then the next one takes it */
async function runChange(options: SettingsWorkerOptions, change: SettingsChangeRow, token: string): Promise<void> {
  const { db, tables, signal } = options;
  const { id, subject } = change;
  const lease = { token, leaseMs: LEASE_MS };
  const logger = options.logger.child({ changeId: id, subject });
  const inHand = { change, token, logger };
  if (change.attempts > MOST_ATTEMPTS) {
    logger.error({ attempts: MOST_ATTEMPTS }, 'a settings change is given up: each attempt failed');
    return end(options, inHand, givenUp({ ...change, attempts: MOST_ATTEMPTS }));
  }
  const renewal = setInterval(() => {
    renewLease(db, tables, id, lease).catch((err: unknown) => logger.warn({ err }, 'a lease was not renewed'));
  }, RENEW_MS);
  try {
    const sent = options.sentOf(change.wanted);
    const outcome = await carryOut(
      await options.reach(subject, sent),
      { wanted: sent, expected: change.expected, sentAt: change.sentAt },
      {
        ...{ settleMs: options.settleMs, signal, onSent: options.onSent },
        begin: (before) => beginSending(db, tables, { id, lease, before, at: new Date() }),
        mayGoOn: () => renewLease(db, tables, id, lease),
      },
    );
    if (outcome === null) {
      logger.info('a settings change has ended meanwhile, or is in other hands');
      return;
    }
    await end(options, inHand, outcome);
  } catch (err) {
    await releaseLease(db, tables, { id, token, isAttempt: !signal.aborted }).catch((failure: unknown) =>
      logger.warn({ err: failure }, 'a lease was not released; it runs out by itself'),
    );
    throw err;
  } finally {
    clearInterval(renewal);
  }
}

/** Runs what is open of a subject, one change after the other. */
async function runSubject(options: SettingsWorkerOptions, subject: string): Promise<void> {
  for (;;) {
    options.signal.throwIfAborted();
    const token = randomUUID();
    const change = await takeNext(options.db, options.tables, subject, { token, leaseMs: LEASE_MS });
    if (change === null) return;
    await runChange(options, change, token);
  }
}

/** Makes jobs anew for what is unfinished and in nobody's hands: a lost job, or one of a worker that is gone. */
export async function reconcile(
  options: Pick<SettingsWorkerOptions, 'db' | 'tables' | 'logger'>,
  queue: JobQueue<SettingsJob>,
  slot: Date,
): Promise<void> {
  const unfinished = await listUnfinished(options.db, options.tables, {
    ageMs: RECONCILE_AGE_MS,
    limit: RECONCILE_MOST,
  });
  if (unfinished.length === 0) return;
  options.logger.info({ changes: unfinished.length }, 'unfinished settings changes are queued again');
  // The job that was lost may still be known by its id. Where many are due at once most of these wait in the queue already, and must not
  // go before what somebody waits for.
  await queue.add(
    unfinished.map(({ id, subject }) => ({
      ...{ id: `${id}-${slot.getTime()}`, payload: { subject } },
      isBackground: true,
    })),
  );
}

/** Carries changes of settings out, and sees to it that none is forgotten. @returns the queue of their jobs */
export async function openSettingsWorker(options: SettingsWorkerOptions): Promise<JobQueue<SettingsJob>> {
  const queue = settingsQueue(options.queues, options.name);
  await queue.work(({ subject }) => runSubject(options, subject), { concurrency: options.concurrency });
  await options.queues.every(`${options.name}-reconciler`, RECONCILE_SECONDS, (slot) =>
    reconcile(options, queue, slot),
  );
  return queue;
}
