import type { SettingsChangeShape as Change, SettingsPlanShape as Plan } from '@wheelhouse/kit/settings-shape.ts';
import type { ComponentRow, ControlRow } from './design-store.ts';
import type { Missing } from './live/ask.ts';
import type { LiveEvent, LiveValue } from './live/view.ts';
import type { CoreRow } from './store.ts';

/** A Core by its id alone: its values come from the loader, which knows nothing of a Core without a first look. */
export type AudioCoreShape = Pick<CoreRow, 'deviceId'> & Partial<CoreRow>;

export type AudioComponentShape = ComponentRow;

export type AudioControlShape = ControlRow;

export type SettingsChangeShape = Change;

export type AudioControlsEventShape = LiveEvent;

export type AudioControlValueShape = LiveValue;

export type AudioControlMissingShape = Missing;

export type SettingsPlanShape = Plan;
