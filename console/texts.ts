/**
 * All that the console says, by the folder that says it: what a translator is given. Each folder imports its own texts.ts, so that a page
 * brings its words along; a text that is made of values is a function of them.
 */
export const texts = import.meta.glob<Record<string, unknown>>(
  './{components,shell,pages/*,pages/*/sections/*,pages/*/bulk}/texts.ts',
  {
    eager: true,
    import: 'texts',
  },
);
