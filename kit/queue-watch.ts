/** What one look finds of a queue. */
export type QueueLook = { name: string; isDue: boolean; hasActive: boolean };

/** What one worker hears of its queue. */
export type QueueEar = {
  /** The worker asks for a job by `run`: what it was told before needs no other look. Where that fails it is told soon to ask again. */
  ask: <T>(run: () => Promise<T>) => Promise<T>;
  /** Resolves true when there may be a job, and false after `timeoutMs` or when `wake` is called. At once when it was told since it asked. */
  sleep: (timeoutMs: number) => Promise<boolean>;
  wake: () => void;
  /** Whether jobs of the queue may be in somebody's hands: as the last look found it, and yes before the first. */
  mayHaveActive: () => boolean;
  close: () => void;
};

export type QueueWatch = { open: (queue: string) => QueueEar; close: () => Promise<void> };

/** A lost notification delays a job by so long at most. */
const LOOK_MS = 5_000;
/** Until what failed is tried again. */
const RETRY_MS = 500;
/** What Node's timers take at most (2^31 - 1 ms). */
const LONGEST_MS = 2_147_483_647;

type Ear = { tell: () => void; hasActive: boolean };

/**
 * Tells the workers of a process when to ask for jobs: by notifications, and by one look at all their queues at a time, since a
 * notification can be lost. A look that is not answered until the next is due lets all of them ask for themselves.
 *
 * @param listen calls `onQueue` with the name of a queue that has a new job, and `onListening` whenever it begins to listen
 * @param look finds out about these queues with one statement
 */
export function openQueueWatch(options: {
  listen: (onQueue: (name: string) => void, onListening: () => void) => Promise<{ unlisten: () => Promise<void> }>;
  look: (names: readonly string[]) => Promise<QueueLook[]>;
  onError: (err: Error) => void;
  lookMs?: number;
}): QueueWatch {
  const { lookMs = LOOK_MS } = options;
  const ears = new Map<string, Set<Ear>>();
  let isClosed = false;
  let isFailing = false;
  let looking: Promise<void> | undefined;
  let listening: Promise<{ unlisten: () => Promise<void> } | undefined> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const tell = (name: string): void => {
    for (const ear of ears.get(name) ?? []) ear.tell();
  };
  const look = async (): Promise<void> => {
    for (const { name, isDue, hasActive } of await options.look([...ears.keys()])) {
      for (const ear of ears.get(name) ?? []) ear.hasActive = hasActive;
      if (isDue) tell(name);
    }
    isFailing = false;
    listen();
  };
  const fail = (err: Error): void => {
    if (!isFailing && !isClosed) options.onError(err);
    isFailing = true;
  };
  /** Listening is kept up by who does it; only where it could not be begun it is tried again, with the next look. */
  const listen = (): void => {
    listening ??= options.listen(tell, lookNow).catch((err: Error) => {
      fail(err);
      listening = undefined;
      return undefined;
    });
  };
  const lookNow = (): void => {
    clearTimeout(timer);
    if (isClosed || ears.size === 0) return;
    timer = setTimeout(lookNow, lookMs);
    if (looking !== undefined) {
      for (const name of ears.keys()) tell(name);
      return;
    }
    looking = look()
      .catch((err: Error) => {
        fail(err);
        clearTimeout(timer);
        if (isClosed) return;
        timer = setTimeout(lookNow, Math.min(lookMs, RETRY_MS));
      })
      .finally(() => {
        looking = undefined;
      });
  };
  const open = (name: string): QueueEar => {
    let wasTold = false;
    let wake = (): void => {};
    let end = (_isTold: boolean): void => {};
    const ear: Ear = {
      hasActive: true,
      tell: () => {
        wasTold = true;
        end(true);
      },
    };
    if (ears.size === 0) timer = setTimeout(lookNow, lookMs);
    ears.set(name, (ears.get(name) ?? new Set()).add(ear));
    listen();
    const sleep = (timeoutMs: number): Promise<boolean> => {
      if (wasTold) return Promise.resolve(true);
      return new Promise((resolve) => {
        const limit = setTimeout(() => end(false), Math.min(timeoutMs, LONGEST_MS));
        end = (isTold) => {
          clearTimeout(limit);
          resolve(isTold);
        };
        wake = () => end(false);
      });
    };
    return {
      ask: async (run) => {
        wasTold = false;
        try {
          return await run();
        } catch (err) {
          setTimeout(ear.tell, RETRY_MS).unref();
          throw err;
        }
      },
      sleep,
      wake: () => wake(),
      mayHaveActive: () => ear.hasActive,
      close: () => {
        wake();
        const others = ears.get(name);
        others?.delete(ear);
        if (others?.size === 0) ears.delete(name);
      },
    };
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    clearTimeout(timer);
    const subscription = await listening;
    await subscription?.unlisten().catch(() => {});
    await looking;
  };
  return { open, close };
}
