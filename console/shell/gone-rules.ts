/** What browsers, and Vite for a page's styles, say of a file that could not be had. */
const SAID = /dynamically imported module|module script failed|error loading|unable to preload/i;

/** Whether a page could not be shown since its files are gone: a new version was put in the place of the one that this window runs. */
export const isGone = (err: unknown): boolean => err instanceof Error && SAID.test(err.message);
