/** What is pinged, and how. */
export type PingTarget = { host: string; method: 'ICMP' } | { host: string; method: 'TCP'; port: number };

/**
 * Why nobody looked. HOST_NOT_FOUND: the name has no address. TOOL_MISSING, TOOL_FORBIDDEN, TOOL_FAILED: of the program that sends ICMP.
 * NETWORK_ERROR: nothing could be sent from here. INVALID_TARGET: an entry that this version can't read. CANCELLED: we are stopping.
 */
export type CouldNotLookCode =
  | 'HOST_NOT_FOUND'
  | 'TOOL_MISSING'
  | 'TOOL_FORBIDDEN'
  | 'TOOL_FAILED'
  | 'NETWORK_ERROR'
  | 'INVALID_TARGET'
  | 'CANCELLED';

/** What one look found; `sent` counts its tries, of which the last was answered or none. */
export type Look =
  /** `roundTripTimeMs` is of the try that was answered; null when nobody said how long it took. */
  | { kind: 'answered'; sent: number; roundTripTimeMs: number | null }
  | { kind: 'silent'; sent: number; detail: string }
  | { kind: 'couldNotLook'; cause: { code: CouldNotLookCode; text: string } };

export type CouldNotLook = Extract<Look, { kind: 'couldNotLook' }>;

export const couldNotLook = (code: CouldNotLookCode, text: string): CouldNotLook => ({
  kind: 'couldNotLook',
  cause: { code, text },
});

/** How long a look waits, and what ends it. */
export type LookLimits = {
  /** How long one try is waited for. */
  timeoutMs: number;
  /** How many more tries there are after the first. */
  retries: number;
};

export const longestLookMs = ({ timeoutMs, retries }: LookLimits): number => timeoutMs * (retries + 1);

/** The silence of a look without an answer. */
export const silence = ({ timeoutMs, retries }: LookLimits, told: string | null): Look => ({
  kind: 'silent',
  sent: retries + 1,
  detail: `no answer within ${timeoutMs} ms${retries > 0 ? `, ${retries + 1} times` : ''}${told === null ? '' : ` (${told})`}`,
});
