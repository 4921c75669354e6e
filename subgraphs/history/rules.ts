import { DAY_MS } from './time-range.ts';

/** A day in UTC, `2026-11-20`, as PostgreSQL's date has it. */
export type Day = string;

/** How long after midnight the day before is done: until then its last samples, and findings on their way, have come. */
const SETTLING_MS = 30 * 60_000;

export const dayOf = (at: Date): Day => at.toISOString().slice(0, 10);
export const startOf = (day: Day): Date => new Date(`${day}T00:00:00.000Z`);
/** The instant belongs to the next day. */
export const endOf = (day: Day): Date => new Date(startOf(day).getTime() + DAY_MS);

/** Where the first day begins that is not to be archived yet. */
export const archivedBefore = (now: Date): Date => startOf(dayOf(new Date(now.getTime() - SETTLING_MS)));

/** `2028_02`: a month as the names of partitions have it. */
export const monthOf = (at: Date): string => at.toISOString().slice(0, 7).replace('-', '_');

/** The month of an instant and the one that follows it: partitions are made before they are needed. */
export const monthsAhead = (now: Date): string[] => [
  monthOf(now),
  monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1))),
];

/** What is known of a service when a day is to be sealed. */
export type ServiceOnDay = {
  service: string;
  /** The first hour that it ever sampled, and the last; null when there is none. */
  firstRun: Date | null;
  lastRun: Date | null;
  /** The hours of the day, 0 to 23 UTC, for which it took no samples. */
  missingHours: readonly number[];
  /** Whether it has samples of that day which are not in the archive. */
  hasUngathered: boolean;
};

const HOURS = 24;

/** Whether a service was there before the day was over: one that came later has nothing to say of it. */
export const isExpected = ({ firstRun }: Pick<ServiceOnDay, 'firstRun'>, day: Day): boolean =>
  firstRun !== null && firstRun < endOf(day);

const sinceText = (lastRun: Date, day: Day): string => {
  const text = lastRun.toISOString();
  return dayOf(lastRun) === day ? text.slice(11, 16) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
};

/** A reason to keep a day open. An operator may overrule it, save where samples would be left out. */
export type Obstacle = { text: string; canBeOverruled: boolean };

/** Why a day is not sealed, for people; empty when nothing keeps it open. */
export const obstaclesTo = (day: Day, services: readonly ServiceOnDay[]): Obstacle[] =>
  services
    .filter((service) => isExpected(service, day))
    .flatMap(({ service, lastRun, missingHours, hasUngathered }): Obstacle[] => {
      if (hasUngathered) return [{ text: `samples of ${service} are not gathered yet`, canBeOverruled: false }];
      if (lastRun !== null && lastRun < endOf(day))
        return [{ text: `${service} has taken no sample since ${sinceText(lastRun, day)} UTC`, canBeOverruled: true }];
      if (missingHours.length >= HOURS) return [{ text: `${service} took no samples on ${day}`, canBeOverruled: true }];
      return [];
    });

/** Days of samples that stay with the services after they are archived, for who looks there. */
const KEPT_DAYS = 2;

/** Before which hour services may remove samples: all before it are in sealed days. `firstOpen` null: no day is open. */
export function removableBefore(now: Date, firstOpen: Day | null): Date {
  const before = new Date(archivedBefore(now).getTime() - KEPT_DAYS * DAY_MS);
  return firstOpen !== null && startOf(firstOpen) < before ? startOf(firstOpen) : before;
}
