import type { FollowedEvent } from './follow-options.ts';
import type { RunEnd } from './rules.ts';
import type { Operation, Result, Transport } from './transport.ts';

/** What became of one subscription, from its start to its end. */
export type Run = {
  end:
    | RunEnd
    /** No more events were wanted. */
    | { kind: 'full' }
    /** What it sent could not be taken. */
    | { kind: 'failed'; error: unknown }
    /** The signal was aborted. */
    | { kind: 'left' };
  /** Events that were new. */
  received: number;
  /** How long it was live; null when it never was. */
  liveMs: number | null;
};

/**
 * Runs a subscription once.
 *
 * @param position the cursor of the last event received before
 * @param take is given each event that is not at `position` still; false means that it is the last one wanted
 */
export function runOnce<Data>(deps: {
  transport: Transport;
  operation: Operation;
  position: string | null;
  cursorOf: (data: Data) => string | null;
  signal: AbortSignal;
  onLive: () => void;
  take: (event: FollowedEvent<Data>) => boolean;
}): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  let { position } = deps;
  let received = 0;
  let liveAtMs: number | null = null;
  let stop: (() => void) | null = null;
  let isOver = false;

  const over = (end: Run['end']): void => {
    if (isOver) return;
    isOver = true;
    stop?.();
    deps.signal.removeEventListener('abort', leave);
    resolve({ end, received, liveMs: liveAtMs === null ? null : performance.now() - liveAtMs });
  };
  const leave = (): void => over({ kind: 'left' });
  const live = (): void => {
    if (isOver || liveAtMs !== null) return;
    liveAtMs = performance.now();
    deps.onLive();
  };
  const result = ({ data, errors = [] }: Result): void => {
    if (isOver) return;
    // A refusal may come as a result. Otherwise it is an event that could not be told, and must not be passed over.
    const isEmpty = Object.values(data ?? {}).every((value) => value === null);
    if (isEmpty && errors.length > 0) {
      over({ kind: 'errors', errors });
      return;
    }
    try {
      const cursor = deps.cursorOf(data as Data);
      live();
      if (cursor !== null && cursor === position) return;
      position = cursor ?? position;
      received += 1;
      if (!deps.take({ data: data as Data, errors, cursor })) over({ kind: 'full' });
    } catch (error) {
      over({ kind: 'failed', error });
    }
  };

  if (deps.signal.aborted) {
    leave();
    return promise;
  }
  deps.signal.addEventListener('abort', leave);
  stop = deps.transport.subscribe(deps.operation, { live, result, end: over });
  // It may have ended while it was being started.
  if (isOver) stop();
  return promise;
}
