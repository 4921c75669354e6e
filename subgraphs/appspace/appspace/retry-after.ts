/** Where no time is named. */
const FALLBACK_MS = 30_000;
const LEAST_MS = 1_000;
/** Longer is taken for a mistake: nobody should have to restart us because of one header. */
const MOST_MS = 15 * 60_000;

/** How long to wait by a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3), within 1 s and 15 minutes. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? FALLBACK_MS : Math.min(MOST_MS, Math.max(LEAST_MS, ms));
}
