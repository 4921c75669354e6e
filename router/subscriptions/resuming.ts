import { SubscriptionRefusedError, UpstreamLostError, type UpstreamSink } from './upstream.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** How long to wait before the next try, the first being number 0: ever longer, and never the same for all who lost one service. */
export const pauseBefore = (attempt: number, random: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + random / 2);

export type ResumingOptions = {
  /** Opens the upstream behind a cursor; null: from now on. */
  open: (after: string | null, sink: UpstreamSink) => () => void;
  after: string | null;
  /** Whether it is known that the service names cursors, so that even the first try bears being repeated. */
  isResumable: boolean;
  /** How long an upstream may stay away before its subscribers are told. */
  retryForMs: number;
  sink: UpstreamSink;
};

/**
 * An upstream that is opened again behind its last cursor when it breaks, so that those who listen notice nothing. A service that
 * names no cursors has no place to go on from: then the first break is the end.
 *
 * @returns frees the upstream at once
 */
export function openResuming(options: ResumingOptions): { free: () => void } {
  const { open, retryForMs, sink } = options;
  let cursor = options.isResumable ? options.after : null;
  let attempt = 0;
  let lostAtMs: number | null = null;
  let retry: NodeJS.Timeout | undefined;
  let freed = false;
  let free = (): void => {};

  const isMended = (): void => {
    attempt = 0;
    lostAtMs = null;
  };
  const start = (after: string | null): void => {
    let isOver = false;
    let opened: (() => void) | null = null;
    const end: UpstreamSink['end'] = (err) => {
      if (isOver || freed) return;
      isOver = true;
      opened?.();
      lostAtMs ??= performance.now();
      // A log does not end: a service that completes its stream is stopping, and another may be there.
      const mayComeBack =
        err === undefined ||
        err instanceof UpstreamLostError ||
        (err instanceof SubscriptionRefusedError && err.isPassing);
      const isLate = performance.now() - lostAtMs > retryForMs;
      if (cursor === null || !mayComeBack || isLate) {
        sink.end(err ?? undefined);
        return;
      }
      retry = setTimeout(() => start(cursor), pauseBefore(attempt, Math.random()));
      attempt += 1;
    };
    opened = open(after, {
      event: (response, at) => {
        if (isOver || freed) return;
        if (at !== null) cursor = at;
        isMended();
        sink.event(response, at);
      },
      caughtUp: (at) => {
        if (isOver || freed) return;
        cursor = at;
        isMended();
        sink.caughtUp(at);
      },
      end,
    });
    // It may have ended, or been freed, while it was being opened.
    if (isOver || freed) opened();
    else free = opened;
  };
  start(options.after);
  return {
    free: () => {
      freed = true;
      clearTimeout(retry);
      free();
    },
  };
}
