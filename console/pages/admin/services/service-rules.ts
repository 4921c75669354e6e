import type { Status } from '../../../components/status-rules.ts';
import type { ServicesQuery } from '../../../generated/admin/graphql.ts';

export type Service = NonNullable<ServicesQuery['services']>[number];
export type Process = Service['processes'][number];

/** The shape by which a state is told from the others: one of those of devices, which people know. */
const SHAPES: Readonly<Record<Service['state'], Status>> = {
  UP: 'ONLINE',
  DEGRADED: 'DEGRADED',
  DOWN: 'OFFLINE',
  MISSING: 'OFFLINE',
  UNKNOWN: 'UNKNOWN',
};
export const shapeOf = (state: Service['state']): Status => SHAPES[state];

const PROCESS_SHAPES: Readonly<Record<Process['state'], Status>> = {
  UP: 'ONLINE',
  SILENT: 'OFFLINE',
  // Another one does its work, or it went as it was told to: nobody has to do anything.
  REPLACED: 'UNKNOWN',
  STOPPED: 'UNKNOWN',
  UNKNOWN: 'UNKNOWN',
};
export const processShapeOf = (state: Process['state']): Status => PROCESS_SHAPES[state];

/** Since when a process is in its state: up since its start, all else since it was last heard from. */
export const sinceOf = ({ state, startedAt, lastSeenAt }: Process): string => (state === 'UP' ? startedAt : lastSeenAt);

const ORDER: readonly Service['state'][] = ['DOWN', 'MISSING', 'DEGRADED', 'UNKNOWN', 'UP'];

/** What needs a person first, and then by name. */
export const inOrder = (services: readonly Service[]): Service[] =>
  services.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name, 'en'));

/** `0.8`, `12.3`, `240`: seconds as exactly as anybody wants to know them. */
export const printSeconds = (seconds: number): string =>
  seconds < 100 ? seconds.toFixed(1) : Math.round(seconds).toLocaleString('en');

/** An answer is stale once two more should have come. */
export const STALE_AFTER_MS = 15_000;

/** What is to be said of how new the answer is. */
export function freshness(
  asked: { at: number; isFailing: boolean; isPaused: boolean },
  now: number,
): 'live' | 'paused' | 'stale' {
  if (asked.isPaused) return 'paused';
  return asked.isFailing || now - asked.at > STALE_AFTER_MS ? 'stale' : 'live';
}
