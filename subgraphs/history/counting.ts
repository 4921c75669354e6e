/** Seconds of each kind of time; the kinds do not overlap. */
export type KindSeconds = {
  onlineSeconds: number;
  degradedSeconds: number;
  offlineSeconds: number;
  unknownSeconds: number;
  blindSeconds: number;
  maintenanceSeconds: number;
};

export type TimeCounting = 'LEFT_OUT' | 'AS_ONLINE' | 'AS_OFFLINE';

/** What is made of the time in which a device was neither plainly up nor plainly down. */
export type Counting = {
  degraded: TimeCounting;
  unknown: TimeCounting;
  blind: TimeCounting;
  maintenance: TimeCounting;
};

export const DEFAULT_COUNTING: Counting = {
  degraded: 'AS_ONLINE',
  unknown: 'LEFT_OUT',
  blind: 'LEFT_OUT',
  maintenance: 'LEFT_OUT',
};

/** The part of the counted time that counts as online, 0 to 1; null when no time is counted. */
export function onlineRatio(seconds: KindSeconds, counting: Counting): number | null {
  const kinds: [seconds: number, counting: TimeCounting][] = [
    [seconds.onlineSeconds, 'AS_ONLINE'],
    [seconds.offlineSeconds, 'AS_OFFLINE'],
    [seconds.degradedSeconds, counting.degraded],
    [seconds.unknownSeconds, counting.unknown],
    [seconds.blindSeconds, counting.blind],
    [seconds.maintenanceSeconds, counting.maintenance],
  ];
  let online = 0;
  let counted = 0;
  for (const [length, as] of kinds) {
    if (as === 'LEFT_OUT') continue;
    counted += length;
    if (as === 'AS_ONLINE') online += length;
  }
  return counted > 0 ? online / counted : null;
}
