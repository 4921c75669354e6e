import type { UserError } from '../../data/user-errors.ts';

/** What a mutation came to, for dialogs that show what is thrown. @throws Error with what the caller can mend */
export function orThrow<Payload extends { readonly userErrors: readonly UserError[] }>(
  payload: Payload | null | undefined,
): Payload {
  if (payload === null || payload === undefined) throw new Error('Wheelhouse gave no answer');
  if (payload.userErrors.length > 0) throw new Error(payload.userErrors.map(({ message }) => message).join('; '));
  return payload;
}
