/** A mistake in the arguments of a mutation, which who made it can mend. `field` is its path in dots: `input.email`. */
export type UserError = { readonly field?: string | null | undefined; readonly message: string };

/** What is wrong with one field; null when nothing is. */
export const errorAt = (errors: readonly UserError[], field: string): string | null =>
  errors.find((error) => error.field === field)?.message ?? null;

/** What no shown field says: mistakes of none, and of those that are not on the page. */
export const restOf = (errors: readonly UserError[], shown: readonly string[]): string[] =>
  errors.flatMap(({ field, message }) => (typeof field === 'string' && shown.includes(field) ? [] : [message]));
