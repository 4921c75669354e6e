import type { FidaDisplayResolvers } from '../generated/types.ts';
import { reckonAt } from '../hours/due.ts';

type HoursFields = 'hoursOfOperation' | 'hoursExceptions' | 'timeZone' | 'nextSwitching';

/** What the graph says of a display's hours; a display that is removed has none to speak of. */
export const hoursFields: Pick<FidaDisplayResolvers, HoursFields> = {
  hoursOfOperation: async ({ deviceId }, _args, { hoursOf, targetById }) =>
    (await targetById.load(deviceId)) && ((await hoursOf.load(deviceId))?.weekly ?? []),
  hoursExceptions: async ({ deviceId }, _args, { hoursOf, targetById }) =>
    (await targetById.load(deviceId)) && ((await hoursOf.load(deviceId))?.exceptions ?? []),
  timeZone: async ({ deviceId }, _args, { targetById }) => (await targetById.load(deviceId))?.timeZone ?? null,
  nextSwitching: async ({ deviceId }, _args, { hoursOf, targetById, settings }) => {
    const [target, row] = await Promise.all([targetById.load(deviceId), hoursOf.load(deviceId)]);
    if (target === null || row === null) return null;
    const now = settings.now();
    if (row.nextAt !== null && row.nextPower !== null && row.nextAt > now)
      return { at: row.nextAt, power: row.nextPower };
    // The next one that is known is due at this very moment, or no worker was there for it.
    return row.nextAt && reckonAt(now).next(row, row.timeZone);
  },
};
