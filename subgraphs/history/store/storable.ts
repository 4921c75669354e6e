/** Those of these texts that PostgreSQL can hold; what it can't hold is in no column either. */
export const storableTexts = (texts: readonly string[]): string[] =>
  texts.filter((text) => text.isWellFormed() && !text.includes('\0'));
