import type { Asserted } from './identity.ts';

/** Who did something, where nobody had to say who they are. */
export const ANONYMOUS = 'anonymous';

/**
 * Who changed something, and when. `sub` and `origin` are those of the identity of who asked; left out for what a service did by itself,
 * or a file.
 */
export type Stamp = { at: Date; actor: string; sub?: string; origin?: string | null };

/** The stamp of what a caller does. */
export const stampOf = ({ name, sub, origin }: Asserted, at: Date): Stamp => ({ at, actor: name, sub, origin });
