import { callerError } from '@wheelhouse/kit/errors.ts';
import type { Context } from '../context.ts';
import type { DeviceResolvers, DeviceState } from '../generated/types.ts';
import { type SubjectLoader, subjectLoader } from '../loaders.ts';
import { deviceAt, type PastDevice } from '../past.ts';
import { readPastEntries, readPastReadBacks, readPastSamples } from '../store/as-of.ts';
import { readSettingNames, readUnits } from '../store/metric-names.ts';
import { checkInstant } from '../time-range.ts';
import { createTogetherCheck } from '../together.ts';

/** A state is made from the samples of a day. */
const SAMPLES_READ = 24;

export type AsOfLoader = SubjectLoader<{ atMs: number }, DeviceState | null>;

const shapeOf = (
  at: Date,
  { metrics, statusSinceMs, ...past }: PastDevice,
  units: ReadonlyMap<string, string | null>,
): DeviceState => ({
  ...past,
  at,
  statusSince: statusSinceMs === null ? null : new Date(statusSinceMs),
  metrics: metrics.map(({ name, last, atMs }) => ({ name, last, unit: units.get(name) ?? null, at: new Date(atMs) })),
});

type Read = Pick<Context, 'db' | 'settingsSources' | 'sampledServices' | 'maySeePast'>;

async function readStates(
  { db, settingsSources, sampledServices }: Read,
  deviceIds: readonly string[],
  atMs: number,
): Promise<Map<string, DeviceState | null>> {
  const [entries, samples, readBacks, units, settingNames] = await Promise.all([
    readPastEntries(db, deviceIds, atMs),
    readPastSamples(db, sampledServices, deviceIds, atMs),
    readPastReadBacks(db, settingsSources, deviceIds, atMs),
    readUnits(db, sampledServices),
    readSettingNames(db, sampledServices),
  ]);
  const entryOf = new Map(entries.map((entry) => [entry.deviceId, entry]));
  const samplesOf = Map.groupBy(samples, ({ deviceId }) => deviceId);
  const readBacksOf = Map.groupBy(readBacks, ({ deviceId }) => deviceId);
  return new Map(
    deviceIds.map((id) => {
      const known = { samples: samplesOf.get(id) ?? [], readBacks: readBacksOf.get(id) ?? [], settingNames };
      const past = deviceAt({ atMs, entry: entryOf.get(id) ?? null, ...known });
      return [id, past && shapeOf(new Date(atMs), past, units)];
    }),
  );
}

export function asOfLoader(read: Read): AsOfLoader {
  const checkTogether = createTogetherCheck('at');
  return subjectLoader<{ atMs: number }, DeviceState | null>(
    async (deviceIds, { atMs }) => {
      checkTogether(deviceIds.length, SAMPLES_READ);
      return readStates(read, await read.maySeePast.only(deviceIds), atMs);
    },
    () => null,
  );
}

export const asOfDevice: Pick<DeviceResolvers, 'asOf'> = {
  asOf: ({ id }, { at }, { stateOf, now }) => {
    const atMs = checkInstant(at, 'at');
    if (atMs > now().getTime())
      throw callerError('BAD_USER_INPUT', `at must not lie in the future, as ${at.toISOString()} does`, 'at');
    return stateOf.load(id, { atMs });
  },
};
