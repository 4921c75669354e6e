import { DAY_MS, type Span } from './time-range.ts';

/** A sealed day that counts in a part of the calendar; `weight` is how much of the day does, up to 1. */
export type SealedShare = { dayMs: number; part: number; weight: number };
/** What the status log tells of a part of the calendar. */
export type LogShare = Span & { part: number };

export type StatusPlan = {
  sealed: SealedShare[];
  /** In the order of time; none overlaps another. */
  log: LogShare[];
  /** The ranges for which the log is read; together they hold all of `log`. */
  reads: Span[];
};

/** Each read goes through the log by itself: more than a few cost more than what lies between them. */
const MAX_READS = 4;

/** The ranges of these spans, those that touch made one; one for all when there are too many. */
function readsOf(shares: readonly Span[]): Span[] {
  const reads: Span[] = [];
  for (const { fromMs, toMs } of shares) {
    const last = reads.at(-1);
    if (last !== undefined && last.toMs === fromMs) last.toMs = toMs;
    else reads.push({ fromMs, toMs });
  }
  const [first, last] = [reads[0], reads.at(-1)];
  if (reads.length <= MAX_READS || first === undefined || last === undefined) return reads;
  return [{ fromMs: first.fromMs, toMs: last.toMs }];
}

/**
 * From where the time of each part of the calendar is to be taken: a day that is sealed and lies wholly in one part from what was sealed,
 * the rest from the status log. Where the log no longer reaches back so far, only sealed days know: then also for a part of one.
 *
 * @param parts in the order of time; none overlaps another
 * @param sealedDays when the sealed days begin, in UTC
 * @param reachMs since when the log is whole; null: it was never pruned
 */
export function planStatusTime(options: {
  parts: readonly Span[];
  nowMs: number;
  sealedDays: ReadonlySet<number>;
  reachMs: number | null;
}): StatusPlan {
  const { parts, nowMs, sealedDays, reachMs } = options;
  const sealed: SealedShare[] = [];
  const log: LogShare[] = [];
  for (const [part, { fromMs, toMs }] of parts.entries()) {
    const endMs = Math.min(toMs, nowMs);
    for (let startMs = fromMs; startMs < endMs; ) {
      const dayMs = Math.floor(startMs / DAY_MS) * DAY_MS;
      const stopMs = Math.min(endMs, dayMs + DAY_MS);
      const isWhole = stopMs - startMs === DAY_MS;
      // What the log has of this piece.
      const logFromMs = Math.min(stopMs, Math.max(startMs, reachMs ?? startMs));
      if (!sealedDays.has(dayMs)) log.push({ part, fromMs: startMs, toMs: stopMs });
      else if (isWhole) sealed.push({ dayMs, part, weight: 1 });
      else {
        if (logFromMs > startMs) sealed.push({ dayMs, part, weight: (logFromMs - startMs) / DAY_MS });
        if (logFromMs < stopMs) log.push({ part, fromMs: logFromMs, toMs: stopMs });
      }
      startMs = stopMs;
    }
  }
  return { sealed, log: joined(log), reads: readsOf(log) };
}

/** The same shares, those of one part that touch made one. */
function joined(shares: readonly LogShare[]): LogShare[] {
  const all: LogShare[] = [];
  for (const share of shares) {
    const last = all.at(-1);
    if (last !== undefined && last.part === share.part && last.toMs === share.fromMs) last.toMs = share.toMs;
    else all.push({ ...share });
  }
  return all;
}
