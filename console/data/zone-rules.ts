const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();
function partsIn(instantMs: number, timeZone: string): readonly [number, number, number, number, number, number] {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const digits = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
    const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
    format = new Intl.DateTimeFormat('en-US', { ...digits, ...time, timeZone });
    formats.set(timeZone, format);
  }
  const parts = format.formatToParts(instantMs);
  const numberOf = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return [
    numberOf('year'),
    numberOf('month'),
    numberOf('day'),
    numberOf('hour'),
    numberOf('minute'),
    numberOf('second'),
  ];
}

/** What the wall clock of a zone shows at an instant, as ms of a clock that knows no zones. */
function wallMs(instantMs: number, timeZone: string): number {
  const [year, month, day, hour, minute, second] = partsIn(instantMs, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** How far a zone's clock is ahead of UTC at an instant, in minutes. */
export const offsetMinutes = (instant: Date, timeZone: string): number =>
  (wallMs(instant.getTime(), timeZone) - Math.floor(instant.getTime() / 1_000) * 1_000) / MINUTE_MS;

/** The instant as the field of a form has it, in the zone: `2026-11-26T12:03`. */
export const toLocal = (instant: Date, timeZone: string): string =>
  new Date(wallMs(instant.getTime(), timeZone)).toISOString().slice(0, 16);

/** The day at an instant, in the zone: `2026-11-26`. */
export const dateIn = (instant: Date, timeZone: string): string => toLocal(instant, timeZone).slice(0, 10);

/**
 * The instant of a local time such as `2026-11-26T12:03`; null where the text is none. A time that the clocks are put forward over is that much
 * later, as if they had not been yet; one that occurs twice is the first.
 */
export function fromLocal(local: string, timeZone: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(local)) return null;
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return null;
  // The offset of the day before and of the day after: around a change of the clocks one of the two holds.
  const [before, after] = [wall - DAY_MS, wall + DAY_MS].map((at) => offsetMinutes(new Date(at), timeZone));
  const candidates = [...new Set([before, after])].map((offset) => wall - (offset ?? 0) * MINUTE_MS);
  const meant = candidates.filter((at) => wallMs(at, timeZone) === wall).sort((a, b) => a - b)[0];
  return new Date(meant ?? wall - (before ?? 0) * MINUTE_MS);
}

/** By how many minutes the clocks of a zone are put forward in the course of a day such as `2026-04-24`; negative when back, 0 on most days. */
export function clockChangeMinutes(date: string, timeZone: string): number {
  const next = new Date(Date.parse(`${date}T00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  const [start, end] = [fromLocal(`${date}T00:00`, timeZone), fromLocal(`${next}T00:00`, timeZone)];
  return start === null || end === null ? 0 : (DAY_MS - (end.getTime() - start.getTime())) / MINUTE_MS;
}

/** The days from `from` on, `days` of them, on which the clocks of a zone are changed, and by how many minutes they are put forward. */
export function clockChanges(from: string, days: number, timeZone: string): { date: string; minutes: number }[] {
  const dateAfter = (count: number): string =>
    new Date(Date.parse(`${from}T00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
  const offsetOn = (count: number): number => offsetMinutes(new Date(`${dateAfter(count)}T12:00Z`), timeZone);
  const found: { date: string; minutes: number }[] = [];
  let last = offsetOn(-1);
  for (let count = 0; count <= days; count += 1) {
    const next = offsetOn(count);
    // Between the noons of two days: which of them it is on, the days themselves say.
    if (next !== last)
      for (const date of [dateAfter(count - 1), dateAfter(count)]) {
        const minutes = date < from || count === days ? 0 : clockChangeMinutes(date, timeZone);
        if (minutes !== 0 && !found.some((other) => other.date === date)) found.push({ date, minutes });
      }
    last = next;
  }
  return found;
}
