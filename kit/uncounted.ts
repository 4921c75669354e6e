/** Begins statements that a process sends on its own account, whatever is asked of it: they are not counted. */
export const UNCOUNTED = '/* uncounted */';
