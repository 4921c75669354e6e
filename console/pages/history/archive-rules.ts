/** Days of UTC, such as `2026-11-26`, that a range touches. */
export function daysWithin<Each extends { day: string }>(days: readonly Each[], from: Date, to: Date): Each[] {
  const first = from.toISOString().slice(0, 10);
  const last = new Date(to.getTime() - 1).toISOString().slice(0, 10);
  return days.filter(({ day }) => day >= first && day <= last);
}

/** Hours of a day, those in a row as one: `0–5, 13`. */
export function hoursList(hours: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const hour of hours.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && hour === last[1] + 1) last[1] = hour;
    else runs.push([hour, hour]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ');
}

/** The services that took no samples at all on a day. */
export const servicesWithout = (day: {
  byService: readonly { service: string; missingHours: readonly number[] }[];
}): string[] => day.byService.filter(({ missingHours }) => missingHours.length === 24).map(({ service }) => service);
