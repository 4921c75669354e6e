/** Who did something, where nobody had to say who they are. */
export const ANONYMOUS = 'anonymous';

/** Who changed something, and when. */
export type Stamp = { at: Date; actor: string };
