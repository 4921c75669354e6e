import type { PingedRow, TargetRow } from './store.ts';

/** A device by its id alone: the rest comes from the loader, which knows nothing of one that the registry has not told of yet. */
export type EntertainmentDeviceShape = Pick<PingedRow, 'deviceId'> &
  Partial<Omit<PingedRow, 'deviceId'>> & { connection?: TargetRow['connection'] };
