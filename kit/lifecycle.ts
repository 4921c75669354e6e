import type { Logger } from './logger.ts';

/** How long one part may take to close before the rest goes on without it. */
const CLOSE_LIMIT_MS = 10_000;

/**
 * Everything a process has opened, closed in reverse order of opening.
 * A part that fails or hangs is logged and does not keep the others open.
 */
export class StopList {
  readonly #parts: { name: string; close: () => unknown }[] = [];
  readonly #logger: Logger;
  #stopping: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Takes charge of closing `part`, and gives it back. */
  own<T>(name: string, part: T, close: (part: T) => unknown): T {
    this.#parts.push({ name, close: () => close(part) });
    return part;
  }

  /**
   * Takes charge of ending work that is under way: it is told by the signal, and waited for. Owned last, it is the first of all to end;
   * a job that it ends so fails, and is taken again by the next worker.
   */
  ownWork(name: string, aborter: AbortController, stopped: Promise<void> = Promise.resolve()): void {
    this.own(name, aborter, () => {
      aborter.abort(new Error('the worker is stopping'));
      return stopped;
    });
  }

  /** Closes everything once; further calls wait for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#closeAll();
    return this.#stopping;
  }

  async #closeAll(): Promise<void> {
    // A start that is still under way may add parts until the last is closed.
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      const timer = Promise.withResolvers<'late'>();
      const timeout = setTimeout(() => timer.resolve('late'), CLOSE_LIMIT_MS);
      try {
        const outcome = await Promise.race([Promise.resolve(part.close()), timer.promise]);
        if (outcome === 'late')
          this.#logger.warn({ part: part.name, limitMs: CLOSE_LIMIT_MS }, 'part did not close in time');
      } catch (err) {
        this.#logger.warn({ err, part: part.name }, 'part failed to close');
      } finally {
        clearTimeout(timeout);
      }
    }
  }
}

/**
 * Runs a program until SIGINT or SIGTERM, then stops it in order and exits 0.
 * An uncaught error stops it and exits 1: a process in an unknown state must not carry on.
 */
export async function runUntilSignal(logger: Logger, start: (stops: StopList) => Promise<void>): Promise<void> {
  const stops = new StopList(logger);
  let exiting = false;
  const exit = async (exitCode: number): Promise<void> => {
    if (exiting) return;
    exiting = true;
    await stops.stop();
    process.exit(exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void exit(0));
  // A supervisor that dies closes the channel: its children must not live on as orphans.
  process.on('disconnect', () => void exit(0));
  const fail = (err: unknown): void => {
    logger.fatal({ err }, 'stopping after an error that nothing handled');
    void exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  try {
    await start(stops);
  } catch (err) {
    fail(err);
  }
}
