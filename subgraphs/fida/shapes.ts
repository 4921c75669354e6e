import type { DisplayRow } from './store.ts';

/** A display by its id alone: its values come from the loader, which knows nothing of a display without a first look. */
export type FidaDisplayShape = Pick<DisplayRow, 'deviceId'> & Partial<DisplayRow>;
