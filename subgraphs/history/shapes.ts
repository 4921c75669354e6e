import type { SettingsChangeState } from './generated/types.ts';
import type { ArchivedDayRow } from './store/archive-days.ts';
import type { SettingsChangeRow } from './store/settings.ts';

/** A device is known here by its id alone. */
export type DeviceShape = { id: string };

/** A day of the archive; its samples are counted from those of its services. */
export type ArchivedDayShape = ArchivedDayRow;

export type SettingsChangeShape = Omit<SettingsChangeRow, 'state'> & {
  state: SettingsChangeState;
  at: Date;
  finishedAt: Date | null;
  requestedBy: string;
};
