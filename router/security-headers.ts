import type { IncomingMessage } from 'node:http';
import { isBehindTls } from './caller.ts';

/** Two years, as long as browsers ask of who wants to be on their own lists. */
const STRICT_TRANSPORT = 'max-age=63072000';

/** What every answer carries; GraphiQL's page puts its own policy in the place of this one. */
const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};
const BEHIND_TLS = { ...ALWAYS, 'strict-transport-security': STRICT_TRANSPORT };

/** The headers of answers to a request. Strict-Transport-Security only where a trusted proxy says that TLS was spoken: RFC 6797 §7.2. */
export const securityHeaders =
  (proxyHops: number) =>
  (request: IncomingMessage): Readonly<Record<string, string>> =>
    isBehindTls(request, proxyHops) ? BEHIND_TLS : ALWAYS;
