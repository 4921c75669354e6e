import { CursorLostError, RefusedError } from './errors.ts';
import { EventBuffer } from './event-buffer.ts';
import { cursorAtRoot, type FollowedEvent, type FollowOptions, type FollowState } from './follow-options.ts';
import { atOnceMs, backOffMs, judge, type RetryOptions } from './rules.ts';
import { runOnce } from './run.ts';
import type { Transport } from './transport.ts';
import { askForCursor, pause } from './waiting.ts';

/** A subscription that is followed: iterate it. Leaving the loop, or `return()`, ends it at once. */
export interface Following<Data> extends AsyncIterableIterator<FollowedEvent<Data>, undefined> {
  /** How it stands at this moment. */
  readonly state: FollowState;
  /** The cursor of the last event handed out; before the first, the one it began with. Keep it to go on after a restart of your own. */
  readonly cursor: string | null;
}

/**
 * Follows a subscription until it is left or can't go on. It goes on after the last event that was received: that one has been
 * handed out, or waits in the buffer, which outlives connections. So each event is handed out once, in order.
 *
 * @throws TypeError when bufferSize is no whole number above 0
 */
export function follow<Data, Variables>(
  transport: Transport,
  options: FollowOptions<Data, Variables>,
  retry: RetryOptions,
  onEnd: () => void,
): Following<Data> {
  const {
    cursorOf = cursorAtRoot,
    cursorVariable = 'after',
    bufferSize = 1_000,
    onState,
    onGap,
    onCursorLost,
  } = options;
  if (!Number.isInteger(bufferSize) || bufferSize < 1)
    throw new TypeError(`bufferSize must be a whole number of at least 1, and is ${bufferSize}`);
  const leaving = new AbortController();
  const { signal } = leaving;
  let state: FollowState = { phase: 'connecting', since: new Date(), attempt: 0, reason: null };
  let wasLive = false;
  let handedOut = options.after ?? null;
  let received = handedOut;
  let failures = 0;

  const buffer = new EventBuffer<FollowedEvent<Data>>({
    taken: ({ cursor }) => {
      handedOut = cursor ?? handedOut;
    },
    left: () => finish('left by its reader'),
  });

  function enter(phase: FollowState['phase'], attempt: number, reason: string | null): void {
    if (state.phase === 'ended') return;
    state = { phase, since: phase === state.phase ? state.since : new Date(), attempt, reason };
    tell(() => onState?.(state));
  }
  function finish(reason: string, err?: unknown): void {
    if (signal.aborted) return;
    leaving.abort();
    onEnd();
    buffer.end(err);
    enter('ended', 0, reason);
  }
  /** What a listener throws ends the stream: nobody else would hear of it. */
  function tell(listener: () => void): void {
    try {
      listener();
    } catch (err) {
      finish('a listener failed', err);
    }
  }

  const notLive = (reason: string): void => enter(wasLive ? 'reconnecting' : 'connecting', failures, reason);
  const again = async (reason: string, atOnce: boolean): Promise<void> => {
    failures = atOnce ? 0 : failures + 1;
    notLive(reason);
    await pause(atOnce ? atOnceMs(Math.random(), retry) : backOffMs(failures, Math.random(), retry), signal);
  };
  const take = (event: FollowedEvent<Data>): boolean => {
    received = event.cursor ?? received;
    buffer.push(event);
    return buffer.size < bufferSize;
  };
  const onLive = (): void => {
    wasLive = true;
    enter('live', 0, null);
  };
  const gap = (reason: string, after: string | null): void => tell(() => onGap?.({ reason, after, at: new Date() }));

  async function keepFollowing(): Promise<void> {
    enter('connecting', 0, null);
    let lost: CursorLostError | null = null;
    let forCursor = received === null ? options.startCursor : undefined;
    while (!signal.aborted) {
      if (forCursor !== undefined) {
        const cursor = await askForCursor(forCursor);
        if (signal.aborted) return;
        if (cursor === null) {
          await again('no cursor could be had', false);
          continue;
        }
        if (lost !== null) gap(lost.message, lost.cursor);
        received = handedOut = cursor;
        lost = null;
        forCursor = undefined;
      }
      const variables = { ...options.variables, ...(received !== null && { [cursorVariable]: received }) };
      const operation = { query: String(options.query), variables };
      const { end, ...run } = await runOnce({
        transport,
        operation,
        position: received,
        cursorOf,
        signal,
        onLive,
        take,
      });
      if (end.kind === 'left') return;
      if (end.kind === 'failed') throw end.error;
      if (run.liveMs !== null && received === null) gap('there is no cursor to go on from', null);
      if (end.kind === 'full') {
        notLive(`paused: ${buffer.size} events wait for their reader`);
        await buffer.drained(Math.floor(bufferSize / 2));
        continue;
      }
      const wasStable = run.liveMs !== null && run.liveMs >= retry.stableMs;
      if (wasStable) failures = 0;
      const verdict = judge(end, run.received > 0 || wasStable);
      if (verdict.kind === 'refused') throw new RefusedError(verdict.errors);
      if (verdict.kind === 'resume') {
        await again(verdict.reason, verdict.atOnce);
        continue;
      }
      const loss = new CursorLostError(verdict.errors, received);
      if (onCursorLost === undefined) throw loss;
      lost = loss;
      forCursor = () => onCursorLost(loss);
      await again(loss.message, false);
      // What the application reads anew is newer than the events that still wait: those come first.
      await buffer.caughtUp();
    }
  }

  // Not before the caller has what this returns: a listener may want to leave.
  Promise.resolve()
    .then(keepFollowing)
    .catch((err: unknown) => finish(err instanceof Error ? err.message : String(err), err));
  return {
    next: () => buffer.next(),
    return: () => buffer.return(),
    throw: (err) => buffer.throw(err),
    [Symbol.asyncIterator]() {
      return this;
    },
    get state() {
      return state;
    },
    get cursor() {
      return handedOut;
    },
  };
}
