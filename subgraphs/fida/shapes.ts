import type { SettingsChangeShape as Change, SettingsPlanShape as Plan } from '@wheelhouse/kit/settings-shape.ts';
import type { Settable } from './profiles/settable.ts';
import type { DisplayRow } from './store.ts';

/** A display by its id alone: its values come from the loader, which knows nothing of a display without a first look. */
export type FidaDisplayShape = Pick<DisplayRow, 'deviceId'> & Partial<DisplayRow>;

export type SettingsChangeShape = Change;

export type SettableSettingShape = Settable;

export type SettingsPlanShape = Plan;
