import type { Hours } from './hours.ts';
import { lastSwitching, nextSwitching, type Power, type Switching } from './switchings.ts';
import { clockAt, knowsTimeZone } from './time-zone.ts';

/** How often a switching that reached nobody is tried again at most. */
export const AGAIN_MS = 5 * 60_000;

/** Hours as they are kept, and how far they have been followed. */
export type Held = {
  hours: Hours;
  timeZone: string;
  /** Switchings up to here are decided, or over. */
  switchedThrough: Date;
  /** The first one after that; earlier than it: one that was due under the hours or the zone before, and is not done yet. */
  next: Switching | null;
};

/** The switchings next to one moment. Many displays have the same hours: each is reckoned once. */
export type Reckoner = Record<'next' | 'last', (hours: Hours, timeZone: string) => Switching | null>;

export function reckonAt(now: Date): Reckoner {
  const once = (find: typeof nextSwitching): Reckoner['next'] => {
    const found = new Map<string, Switching | null>();
    return (hours, timeZone) => {
      const key = JSON.stringify([timeZone, hours.weekly, hours.exceptions]);
      const known = found.get(key);
      if (known !== undefined) return known;
      // A registry on a newer machine may know a zone that this one does not: nothing switches until a newer worker starts.
      const switching = knowsTimeZone(timeZone) ? find(hours, timeZone, now) : null;
      found.set(key, switching);
      return switching;
    };
  };
  return { next: once(nextSwitching), last: once(lastSwitching) };
}

/** The one switching that is to be done at `now`, the last of those that are due; null when none is. */
export function dueSwitching(
  { hours, timeZone, switchedThrough, next }: Held,
  now: Date,
  reckon: Reckoner,
): Switching | null {
  if (next === null || next.at > now) return null;
  const last = reckon.last(hours, timeZone);
  return last !== null && last.at > switchedThrough ? last : next;
}

/**
 * Where hours stand that are new, or whose zone is: they switch nothing that lies behind, and what was due before and is not done yet
 * is still to be done.
 *
 * @param before null for a display that had no hours
 */
export function heldAnew(
  { hours, timeZone }: Pick<Held, 'hours' | 'timeZone'>,
  before: Held | null,
  now: Date,
  reckon: Reckoner,
): Held {
  const due = before && dueSwitching(before, now, reckon);
  return { hours, timeZone, switchedThrough: now, next: due ?? reckon.next(hours, timeZone) };
}

/** The change by which the last switching was asked for. */
export type LastChange = {
  state: 'PENDING' | 'SENDING' | 'APPLIED' | 'MISMATCH' | 'UNREACHABLE' | 'REJECTED' | 'SUPERSEDED';
  power: Power;
  reason: string | null;
  requestedAt: Date;
  finishedAt: Date | null;
  /** Whether someone has asked for another power since. */
  isOvertaken: boolean;
};

export type Step =
  /** A switching is due; `next` comes after it. */
  | { kind: 'switch'; power: Power; reason: string; switching: Switching; next: Switching | null }
  /** The last one reached nobody, and the display answers again. */
  | { kind: 'again'; power: Power; reason: string }
  /** Nothing more is to be done about the last one. */
  | { kind: 'settled' }
  | { kind: 'wait' };

const AGAIN = ', tried again';

/**
 * What is to be done about one display's hours.
 *
 * @param state.change null when the last switching is settled, or there was none
 * @param state.measuredAt when the display last answered a look; null when it never has
 */
export function stepOf(
  held: Held,
  state: { change: LastChange | null; measuredAt: Date | null },
  now: Date,
  reckon: Reckoner,
): Step {
  const due = dueSwitching(held, now, reckon);
  if (due !== null) {
    // What comes after it could not be reckoned here: it waits for a worker that knows the zone.
    if (!knowsTimeZone(held.timeZone)) return { kind: 'wait' };
    const reason = `${due.power === 'ON' ? 'opens' : 'closes'} at ${clockAt(due.at, held.timeZone)} (${held.timeZone})`;
    return { kind: 'switch', power: due.power, reason, switching: due, next: reckon.next(held.hours, held.timeZone) };
  }
  const { change, measuredAt } = state;
  if (change === null || change.state === 'PENDING' || change.state === 'SENDING') return { kind: 'wait' };
  if (change.state !== 'UNREACHABLE' || change.isOvertaken) return { kind: 'settled' };
  const { finishedAt, requestedAt, power } = change;
  const answersAgain = measuredAt !== null && finishedAt !== null && measuredAt > finishedAt;
  if (!answersAgain || now.getTime() - requestedAt.getTime() < AGAIN_MS) return { kind: 'wait' };
  const reason = change.reason ?? 'hours of operation';
  return { kind: 'again', power, reason: reason.endsWith(AGAIN) ? reason : `${reason}${AGAIN}` };
}
