import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import type { RegistryRow, Sample, Sampled, StatusRow } from './estate.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STATUSES = ['ONLINE', 'DEGRADED', 'OFFLINE', 'UNKNOWN'];
const METRICS = ['one', 'two', 'three'];

/** Something that a service writes, and when it does. */
export type Arrival = { at: Date } & (
  | { kind: 'run'; service: Sampled; hour: Date }
  | { kind: 'sample'; service: Sampled; row: Sample }
  | { kind: 'registry'; row: RegistryRow }
  | { kind: 'status'; row: StatusRow }
);

/** An estate over some days, drawn from a seed. All its instants are full minutes, so that time can be counted by the minute. */
export type RandomEstate = { from: Date; to: Date; devices: string[]; arrivals: Arrival[]; rounds: Date[] };

/** Mid-January to the middle of March of a leap year has a leap day and two borders of months; a few days of it are drawn. */
const BORDERS = [Date.UTC(2028, 0, 30), Date.UTC(2028, 1, 27), Date.UTC(2027, 11, 30), Date.UTC(2027, 1, 26)];

export function randomEstate(seed: number): RandomEstate {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const oneOf = <Item>(list: readonly Item[]): Item => list[below(list.length)] as Item;
  const fromMs = oneOf(BORDERS) + below(2) * DAY_MS;
  const days = 4 + below(2);
  const toMs = fromMs + days * DAY_MS;
  const minuteMs = (): number => fromMs + below(days * 1440) * MINUTE_MS;
  const devices = Array.from({ length: 5 }, (_, index) => `device ${index}`);
  const arrivals: Arrival[] = [];

  const registry = (deviceId: string): void => {
    const addedMs = random() < 0.5 ? fromMs - DAY_MS : minuteMs();
    const turns = [addedMs, ...Array.from({ length: below(4) }, minuteMs)].sort((one, other) => one - other);
    for (const [index, atMs] of turns.entries()) {
      const removed = index === turns.length - 1 && index > 0 && random() < 0.3;
      const row = { deviceId, version: index + 1, at: new Date(atMs), site: oneOf(['x', 'x/y', 'z']), removed };
      arrivals.push({ at: row.at, kind: 'registry', row });
    }
  };
  const statuses = (deviceId: string): void => {
    const times = Array.from({ length: below(14) }, minuteMs).sort((one, other) => one - other);
    let arrivedMs = 0;
    let from = 'UNKNOWN';
    for (const atMs of times) {
      const to = oneOf(STATUSES.filter((status) => status !== from));
      // A device's changes come in order, some of them late.
      arrivedMs = Math.max(arrivedMs, atMs + (random() < 0.3 ? below(2 * 1440) * MINUTE_MS : 0));
      const row = { deviceId, at: new Date(atMs), from, to, blind: to === 'UNKNOWN' && random() < 0.5 };
      arrivals.push({ at: new Date(arrivedMs), kind: 'status', row });
      from = to;
    }
  };
  // A late sample has its day reckoned anew as a whole, so without any it shows that late statuses are reckoned in.
  const lateShare = oneOf([0, 0.03]);
  const samples = (service: Sampled, names: readonly string[]): void => {
    const late: Arrival[] = [];
    for (let hourMs = fromMs; hourMs < toMs + 2 * HOUR_MS; hourMs += HOUR_MS) {
      const hour = new Date(hourMs);
      // An hour that is missing now and then, but never a day.
      if (random() < 0.1 && hour.getUTCHours() !== 12 && hourMs < toMs) continue;
      arrivals.push({ at: hour, kind: 'run', service, hour });
      for (const subject of devices) {
        const metrics = Object.fromEntries(
          names.flatMap((name) => (random() < 0.8 ? [[name, Math.round(random() * 1e6) / 7]] : [])),
        );
        const row = { subject, hour, metrics, attributes: { seen: random() < 0.5 } };
        const isLate = random() < lateShare && hourMs < toMs;
        const at = isLate ? new Date(hourMs + below(3 * 24) * HOUR_MS) : hour;
        (isLate ? late : arrivals).push({ at, kind: 'sample', service, row });
      }
    }
    arrivals.push(...late);
  };
  for (const device of devices) {
    registry(device);
    statuses(device);
  }
  samples('fida', METRICS);
  if (random() < 0.5) samples('devices', []);
  arrivals.sort((one, other) => one.at.getTime() - other.at.getTime());
  const rounds = Array.from({ length: 5 }, minuteMs).sort((one, other) => one - other);
  // The last one comes when everything has arrived, also what was late.
  const lastMs = toMs + 4 * DAY_MS;
  return {
    ...{ from: new Date(fromMs), to: new Date(toMs), devices, arrivals },
    rounds: [...rounds, lastMs].map((ms) => new Date(ms)),
  };
}
