import type { RefusalWatch } from '@wheelhouse/kit/refusal-watch.ts';
import type { z } from 'zod';
import { TooBusyError } from './passwords.ts';
import { readRefreshToken } from './secrets.ts';

/** Something that the caller can mend, as `AccountError` tells it. */
export type Fault = { field: string | null; code: string; message: string; retryAfterSeconds?: number | null };

/** A request that was refused: nothing of it was done. */
export class RefusedError extends Error {
  readonly faults: Fault[];
  constructor(faults: Fault[]) {
    super(faults.map(({ message }) => message).join('; '));
    this.faults = faults;
  }
}

/** @throws RefusedError */
export const refuse = (code: string, message: string, field: string | null = null): never => {
  throw new RefusedError([{ field, code, message }]);
};

/** As many faults as anybody reads at once. */
const MAX_FAULTS = 50;

/** A request as its shape has it. @throws RefusedError with every fault, the first 50 at most, each with its path below `prefix` */
export function parseInput<T>(shape: z.ZodType<T>, input: unknown, prefix: readonly string[]): T {
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RefusedError(
    parsed.error.issues.slice(0, MAX_FAULTS).map(({ path, message }) => {
      const whole = [...prefix, ...path.map(String)];
      const name = whole.findLast((part) => !/^\d+$/.test(part)) ?? 'the value';
      return { field: whole.join('.') || null, code: 'INVALID', message: `${name} ${message}` };
    }),
  );
}

const textIn = (args: unknown, name: string): string | null => {
  const value = typeof args === 'object' && args !== null ? (args as Record<string, unknown>)[name] : null;
  return typeof value === 'string' ? value : null;
};

/**
 * What the audit log is told of besides what nobody may: tries that had to wait, refresh tokens that were no good, invitations that were none. A wrong
 * password has a record of its own, which the waiting bounds.
 */
export const refusalsOfAccounts: Omit<RefusalWatch, 'note'> = {
  codes: [
    ...['TOO_MANY_ATTEMPTS', 'REFRESH_INVALID', 'SESSION_ENDED', 'INVITATION_INVALID', 'INVITATION_REQUIRED'],
    'REGISTRATION_CLOSED',
  ],
  aboutOf: (args) =>
    textIn(args, 'email') ??
    textIn(args.input, 'email') ??
    readRefreshToken(textIn(args, 'refreshToken') ?? '')?.sessionId ??
    textIn(args, 'id') ??
    textIn(args, 'userId') ??
    textIn(args.input, 'id'),
};

/** Runs a change; a refusal becomes user errors, everything else stays an error. */
export async function attempt<Outcome extends object>(
  change: () => Promise<Outcome>,
): Promise<(Outcome & { userErrors: Fault[] }) | { userErrors: Fault[] }> {
  try {
    return { ...(await change()), userErrors: [] };
  } catch (err) {
    if (err instanceof RefusedError) return { userErrors: err.faults };
    if (err instanceof TooBusyError) {
      const message = 'too many passwords are being checked at this moment, try again in a second';
      return { userErrors: [{ field: null, code: 'BUSY', message, retryAfterSeconds: 1 }] };
    }
    throw err;
  }
}
