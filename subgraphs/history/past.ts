import type { Status } from '@wheelhouse/contracts/status-log.ts';
import type { PastEntry, PastReadBack, PastSample } from './store/as-of.ts';

/** A device as it was; times are milliseconds since the epoch. */
export type PastDevice = {
  name: string;
  site: string;
  status: Status;
  /** Null where the log no longer reaches back to it. */
  statusSinceMs: number | null;
  statusReason: string | null;
  /** By name. */
  metrics: { name: string; last: number; atMs: number }[];
  settings: Record<string, unknown>;
};

type PastStatus = Pick<PastDevice, 'status' | 'statusSinceMs' | 'statusReason'>;

const STATUSES: ReadonlySet<unknown> = new Set<Status>(['ONLINE', 'DEGRADED', 'OFFLINE', 'UNKNOWN']);
const isStatus = (value: unknown): value is Status => STATUSES.has(value);

/** The service whose samples tell statuses. */
const STATUS_SERVICE = 'devices';

/** The status at a time: by the log, or, where that no longer reaches back so far, by the last sample. */
function statusAt(entry: PastEntry, samples: readonly PastSample[], atMs: number): PastStatus {
  const { held, known, statusBefore, reachMs, addedAtMs } = entry;
  if (held !== null) return { status: held.status, statusSinceMs: held.atMs, statusReason: held.reason };
  if (known !== null) return { status: known.status, statusSinceMs: known.atMs, statusReason: null };
  if (reachMs !== null && atMs < reachMs) {
    const sampled = samples.find(({ service }) => service === STATUS_SERVICE)?.attributes.status;
    const status = isStatus(sampled) ? sampled : 'UNKNOWN';
    return { status, statusSinceMs: null, statusReason: 'the status log no longer reaches back so far' };
  }
  // No change by then: it was what it had been since it was added, as far as the log reaches.
  const isWhole = reachMs === null || addedAtMs >= reachMs;
  return { status: statusBefore ?? 'UNKNOWN', statusSinceMs: isWhole ? addedAtMs : null, statusReason: null };
}

/** @param samples newest first */
function metricsOf(samples: readonly PastSample[]): PastDevice['metrics'] {
  const last = new Map<string, PastDevice['metrics'][number]>();
  for (const { metrics, sampledAtMs } of samples) {
    for (const [name, value] of Object.entries(metrics))
      if (!last.has(name)) last.set(name, { name, last: value, atMs: sampledAtMs });
  }
  return [...last.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Of each service the names of metrics and attributes that are settings. */
export type SettingNames = ReadonlyMap<string, ReadonlySet<string>>;

/** For each setting the later of what a sample said and what was read back. */
function settingsOf(
  samples: readonly PastSample[],
  readBacks: readonly PastReadBack[],
  settingNames: SettingNames,
): Record<string, unknown> {
  const settings = new Map<string, { value: unknown; atMs: number }>();
  const put = (name: string, value: unknown, atMs: number): void => {
    const held = settings.get(name);
    if (held === undefined || atMs > held.atMs) settings.set(name, { value, atMs });
  };
  for (const { name, value, atMs } of readBacks) put(name, value, atMs);
  for (const { service, metrics, attributes, sampledAtMs } of samples) {
    const names = settingNames.get(service);
    for (const [name, value] of Object.entries({ ...metrics, ...attributes }))
      if (names?.has(name)) put(name, value, sampledAtMs);
  }
  return Object.fromEntries([...settings.keys()].sort().map((name) => [name, settings.get(name)?.value]));
}

/**
 * A device as it was at a time; null while it was not in the registry.
 *
 * @param samples of the day before, newest first
 */
export function deviceAt(options: {
  atMs: number;
  entry: PastEntry | null;
  samples: readonly PastSample[];
  readBacks: readonly PastReadBack[];
  settingNames: SettingNames;
}): PastDevice | null {
  const { atMs, entry, samples, readBacks, settingNames } = options;
  if (entry === null || entry.removed) return null;
  const metrics = metricsOf(samples);
  return {
    ...{ name: entry.name, site: entry.site, metrics },
    ...statusAt(entry, samples, atMs),
    settings: settingsOf(samples, readBacks, settingNames),
  };
}
