import type { Observation } from '@wheelhouse/contracts/observations.ts';
import type { Status } from '@wheelhouse/contracts/status-log.ts';

export type { Status };

/** What the engine knows of one device between looks. */
export type DeviceState = {
  status: Status;
  since: Date;
  reason: string | null;
  /** When a look last found an answer or silence. */
  observedAt: Date | null;
  /** The last slot that was counted. */
  slot: Date | null;
  misses: number;
  answers: number;
  /** Why the last look could not be taken; null since the last one that found something. */
  lookProblem: string | null;
};

export type Change = {
  at: Date;
  from: Status;
  to: Status;
  reason: string | null;
  /** Whether it became UNKNOWN because nobody looked: that says something of the monitoring, and nothing of the device. */
  blind: boolean;
};

export type Thresholds = {
  /** Looks in a row without an answer before a device is OFFLINE. */
  missesToOffline: number;
  /** Looks in a row with an answer before an OFFLINE device is back. */
  answersToOnline: number;
  /** Without a finding for this long, what we know is stale. */
  staleAfterMs: number;
  /** Without a finding for this long, we do not know. */
  unknownAfterMs: number;
};

/**
 * Thresholds that follow from the sweep's interval. The least values leave room for a device that is answered at its
 * deadline, and for the queues between the look and the engine, when sweeps are a second apart.
 */
export const thresholdsOf = (settings: {
  sweepSeconds: number;
  missesToOffline: number;
  answersToOnline: number;
}): Thresholds => ({
  missesToOffline: settings.missesToOffline,
  answersToOnline: settings.answersToOnline,
  staleAfterMs: Math.max(settings.sweepSeconds * 2_000, 10_000),
  unknownAfterMs: Math.max(settings.sweepSeconds * 4_000, 20_000),
});

/** Nobody has looked at a new device yet. */
export const newDeviceState = (at: Date): DeviceState => ({
  status: 'UNKNOWN',
  since: at,
  reason: 'not looked at yet',
  observedAt: null,
  slot: null,
  misses: 0,
  answers: 0,
  lookProblem: null,
});

/** Whether the last finding is too old to rely on. A device without any finding is not stale: it is UNKNOWN and says why. */
export const isStale = (observedAt: Date | null, now: Date, thresholds: Thresholds): boolean =>
  observedAt !== null && now.getTime() - observedAt.getTime() > thresholds.staleAfterMs;

/** When the status of a device that nobody looks at becomes UNKNOWN. */
export const unknownFrom = (observedAt: Date, thresholds: Thresholds): Date =>
  new Date(observedAt.getTime() + thresholds.unknownAfterMs);

/** The oldest finding may be replaced by one that was longer on its way, so a look is taken this often in any case. */
const LOOK_AGAIN_MS = 10_000;

/**
 * When to look again for devices that nobody looks at, after a look that left none. A finding is replaced only by a newer one, so
 * none runs out before the oldest does.
 */
export function nextFreshnessLook(now: Date, oldestObservedAt: Date | null, thresholds: Thresholds): Date {
  const latestMs = now.getTime() + LOOK_AGAIN_MS;
  const dueMs = oldestObservedAt === null ? latestMs : unknownFrom(oldestObservedAt, thresholds).getTime();
  return new Date(Math.min(latestMs, dueMs));
}

const couldNotLook = (problem: string): string => `could not look: ${problem}`;
const UNWATCHED_REASON = 'nobody looked at it for too long: the monitoring was down or overloaded';

/** What becomes of a device of which nothing was found out for too long; null while it is fresh enough or UNKNOWN already. */
export function withoutFindings(
  state: DeviceState,
  now: Date,
  thresholds: Thresholds,
): { state: DeviceState; change: Change } | null {
  if (state.status === 'UNKNOWN' || state.observedAt === null) return null;
  const at = unknownFrom(state.observedAt, thresholds);
  if (at > now) return null;
  const blind = state.lookProblem === null;
  const reason = state.lookProblem === null ? UNWATCHED_REASON : couldNotLook(state.lookProblem);
  const change: Change = { at: laterOf(at, state.since), from: state.status, to: 'UNKNOWN', reason, blind };
  return {
    state: { ...state, status: 'UNKNOWN', since: change.at, reason, misses: 0, answers: 0 },
    change,
  };
}

const laterOf = (one: Date, other: Date): Date => (one > other ? one : other);

/** The status that follows from counted looks, or the present one while there are too few to change it. */
function conclude(before: DeviceState, counted: DeviceState, finding: Observation['finding'], thresholds: Thresholds) {
  if (finding.kind === 'ANSWERED') {
    const isBackTooShort = before.status === 'OFFLINE' && counted.answers < thresholds.answersToOnline;
    if (isBackTooShort) return { status: before.status, reason: before.reason };
    const reason = finding.problems.length > 0 ? finding.problems.join('; ') : null;
    return { status: reason === null ? ('ONLINE' as const) : ('DEGRADED' as const), reason };
  }
  const detail = finding.kind === 'SILENT' ? finding.detail : 'no answer';
  if (counted.misses >= thresholds.missesToOffline)
    return { status: 'OFFLINE' as const, reason: `${detail}, ${counted.misses} looks in a row` };
  const waiting = `${detail}, ${counted.misses} of ${thresholds.missesToOffline} looks that make it OFFLINE`;
  return { status: before.status, reason: before.status === 'UNKNOWN' ? waiting : before.reason };
}

/**
 * What one observation makes of a device. A slot that is not newer than the last one counted changes nothing, so a job may
 * run twice and come late. A look that could not be taken counts neither as an answer nor as a miss.
 */
export function afterObservation(
  before: DeviceState,
  observation: Observation,
  slot: Date,
  thresholds: Thresholds,
): { state: DeviceState; change: Change | null } {
  const { finding } = observation;
  if (before.slot !== null && slot <= before.slot) return { state: before, change: null };
  if (finding.kind === 'COULD_NOT_LOOK') {
    if (finding.detail === before.lookProblem) return { state: before, change: null };
    const reason = before.status === 'UNKNOWN' ? couldNotLook(finding.detail) : before.reason;
    return { state: { ...before, reason, lookProblem: finding.detail }, change: null };
  }
  const at = new Date(observation.atMs);
  // Misses on both sides of a time without looks are not "in a row".
  const isInRow = before.observedAt !== null && at.getTime() - before.observedAt.getTime() < thresholds.unknownAfterMs;
  const answered = finding.kind === 'ANSWERED';
  const counted: DeviceState = {
    ...before,
    observedAt: laterOf(at, before.observedAt ?? at),
    slot,
    lookProblem: null,
    misses: answered ? 0 : (isInRow ? before.misses : 0) + 1,
    answers: answered ? (isInRow ? before.answers : 0) + 1 : 0,
  };
  const { status, reason } = conclude(before, counted, finding, thresholds);
  if (status === before.status) return { state: { ...counted, reason }, change: null };
  const change: Change = { at: laterOf(at, before.since), from: before.status, to: status, reason, blind: false };
  return { state: { ...counted, status, since: change.at, reason }, change };
}
