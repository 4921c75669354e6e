import type { Status } from '@wheelhouse/contracts/status-log.ts';
import type { SettingsChangeState } from './generated/types.ts';
import type { ArchivedDayRow } from './store/archive-days.ts';
import type { SettingsChangeRow } from './store/settings.ts';
import type { TimelineKind, TimelinePlace } from './store/timeline.ts';

/** A device is known here by its id alone. */
export type DeviceShape = { id: string };

export type SettingsChangeShape = Omit<SettingsChangeRow, 'state'> & {
  state: SettingsChangeState;
  at: Date;
  finishedAt: Date | null;
  requestedBy: string;
};

export type DeviceChangeShape = {
  at: Date;
  kind: TimelineKind;
  actor: string | null;
  what: string;
  reason: string | null;
  status: Status | null;
  settingsChange: SettingsChangeShape | null;
  /** Where it stands in the device's timeline. */
  place: TimelinePlace;
};
/** A day of the archive; its samples are counted from those of its services. */
export type ArchivedDayShape = ArchivedDayRow;
