import type { SettingsChangeState } from './generated/types.ts';
import type { SettingsChangeRow } from './store/settings.ts';

/** A device is known here by its id alone. */
export type DeviceShape = { id: string };

export type SettingsChangeShape = Omit<SettingsChangeRow, 'state'> & {
  state: SettingsChangeState;
  at: Date;
  finishedAt: Date | null;
  requestedBy: string;
};
