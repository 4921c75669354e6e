import type { LightRow } from './store.ts';

/** A light by its id alone where nobody has looked at it yet. */
export type LightShape = Pick<LightRow, 'deviceId'> & Partial<LightRow>;
