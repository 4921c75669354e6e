/** A mistake in what is to be set. */
export type Fault = {
  path: (string | number)[];
  code: 'INVALID' | 'OUT_OF_RANGE' | 'NOT_SETTABLE' | 'NOT_FOUND' | 'CONFLICT';
  message: string;
};

export const faultAt = (path: string, code: Fault['code'], message: string): Fault => ({
  path: path.split('.'),
  code,
  message,
});

const MAX_REASON = 500;
const MAX_KEY = 200;
/** Below what the router waits for a subgraph, 10 s if not set otherwise. */
const MAX_WAIT_MS = 8_000;
const DEFAULT_WAIT_MS = 5_000;

/** What every request may say besides the values. */
type Manner = {
  reason?: string | null | undefined;
  idempotencyKey?: string | null | undefined;
  expectedSettingsVersion?: number | null | undefined;
  dryRun?: boolean | null | undefined;
  waitMs?: number | null | undefined;
};
export type CheckedManner = {
  reason: string | null;
  idempotencyKey: string | null;
  expectedVersion: number | null;
  isDryRun: boolean;
  waitMs: number;
};

/** Whether a text is of one line, without characters that nobody sees. */
export const isLine = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Checks what a request says besides the values. */
export function checkManner(input: Manner): { manner: CheckedManner; faults: Fault[] } {
  const faults: Fault[] = [];
  const refuse = (field: string, message: string): void => {
    faults.push(faultAt(`input.${field}`, 'INVALID', `${field} ${message}`));
  };
  const reason = input.reason?.trim() || null;
  if (reason !== null && reason.length > MAX_REASON) refuse('reason', `must have at most ${MAX_REASON} characters`);
  else if (reason !== null && !isLine(reason)) refuse('reason', 'must be well-formed text without control characters');
  const idempotencyKey = input.idempotencyKey ?? null;
  if (idempotencyKey !== null && (idempotencyKey.length < 1 || idempotencyKey.length > MAX_KEY))
    refuse('idempotencyKey', `must have 1 to ${MAX_KEY} characters`);
  else if (idempotencyKey !== null && !isLine(idempotencyKey))
    refuse('idempotencyKey', 'must be well-formed text without control characters');
  const expectedVersion = input.expectedSettingsVersion ?? null;
  if (expectedVersion !== null && expectedVersion < 0) refuse('expectedSettingsVersion', 'must be 0 or more');
  const waitMs = input.waitMs ?? DEFAULT_WAIT_MS;
  if (waitMs < 0 || waitMs > MAX_WAIT_MS) refuse('waitMs', `must be 0 to ${MAX_WAIT_MS}`);
  return { manner: { reason, idempotencyKey, expectedVersion, isDryRun: input.dryRun === true, waitMs }, faults };
}

/** Mistakes as they stand in a payload. */
export const userErrorsOf = (faults: readonly Fault[]): { field: string | null; code: string; message: string }[] =>
  faults.map(({ path, code, message }) => ({ field: path.join('.') || null, code, message }));
