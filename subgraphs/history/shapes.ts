import type { ArchivedDayRow } from './store/archive-days.ts';

/** A device is known here by its id alone. */
export type DeviceShape = { id: string };

/** A day of the archive; its samples are counted from those of its services. */
export type ArchivedDayShape = ArchivedDayRow;
