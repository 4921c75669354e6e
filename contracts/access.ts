import { z } from 'zod';

/** What a caller may do. A name is for ever: it stands in API keys and in who knows whose configuration. */
export const SCOPES = [
  /** See devices, their status, and what their systems know of them. */
  'estate:read',
  /** Add, change and remove devices, sites and what belongs to them. */
  'estate:write',
  /** See the past: samples, availability, changes, exports. */
  'history:read',
  /** Set devices, and see what came of it. */
  'settings:write',
  /** Bring in readings of sensors. */
  'readings:write',
  /** Manage users, what they may do, and everybody's API keys. */
  'accounts:write',
  /** Read the audit log. */
  'audit:read',
  /** See how Wheelhouse's own services are. */
  'services:read',
] as const;
export type Scope = (typeof SCOPES)[number];

export const ROLES = ['VIEWER', 'OPERATOR', 'ANALYST', 'ADMIN'] as const;
export type Role = (typeof ROLES)[number];

/** What each role may do. */
export const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  VIEWER: ['estate:read'],
  ANALYST: ['estate:read', 'history:read'],
  OPERATOR: ['estate:read', 'history:read', 'settings:write'],
  ADMIN: SCOPES,
};

/** The claims `iss` and `aud` of access tokens, which accounts signs with EdDSA and publishes the keys of at JWKS_PATH. */
export const TOKEN_ISSUER = 'wheelhouse-accounts';
export const TOKEN_AUDIENCE = 'wheelhouse';
export const JWKS_PATH = '/.well-known/jwks.json';

/**
 * The accounts service's door for other services: POST `{secret, origin}`, the address of who showed it, null where that is not known; answered as `keyAnswerShape` in kit/identity.ts has it for an API key
 * that holds, and else with 404. An answer may be kept for KEY_KEPT_SECONDS, and no longer than until the access feed tells of its `sid` or `sub`.
 */
export const apiKeyAskedShape = z.object({ secret: z.string(), origin: z.string().nullable().default(null) });
export const API_KEY_PATH = '/service/api-keys';
export const KEY_KEPT_SECONDS = 60;

/** API keys begin so: they are told from access tokens by it, and are found in places where they should not be. */
export const API_KEY_PREFIX = 'whk_';

/**
 * The accounts service's feed (kit/feed.ts) of what was taken away: everything of `sid` (a session or an API key) or of `sub` (all that
 * somebody has) that was signed before `before`, or with a lower version of rights, counts no longer. Rows older than the longest life of an access token may be gone.
 */
export const ACCESS_FEED_PATH = '/service/access';
export const accessItemShape = z.object({
  sub: z.string().nullable(),
  sid: z.string().nullable(),
  /** RFC 3339, UTC. An access token that was issued at or after this instant is not concerned. */
  before: z.iso.datetime(),
  /** Where what somebody may do has changed: their version from then on. What says a lower one is concerned, whenever it was signed; null else. */
  rightsVersion: z.int().nullable().default(null),
});
export type AccessItem = z.infer<typeof accessItemShape>;

/** The claim of access tokens that counts how often what their user may do has changed. Clocks of machines differ, and this does not. */
export const RIGHTS_VERSION_CLAIM = 'rights_version';

/**
 * The accounts service's door for who starts it: POST `{password}`, answered as `firstAdminShape` has it. It is told whether the admin that
 * the very first start made signs in by this password, and so whether it is worth to be shown to a person.
 */
export const FIRST_ADMIN_PATH = '/service/first-admin';
export const firstAdminShape = z.object({ email: z.string(), signsIn: z.boolean() });

/**
 * The accounts service's door for the router, which has no outbox: POST `{refusals}`, at most MAX_REFUSALS of whom it refused (kit/refusals.ts),
 * for the audit log. Answered with 204 once they are kept.
 */
export const REFUSALS_PATH = '/service/refusals';
export const MAX_REFUSALS = 1_000;
export const refusalsShape = z.object({
  refusals: z
    .array(
      z.object({
        /** RFC 3339, UTC. */
        at: z.iso.datetime(),
        actor: z.string(),
        sub: z.string().nullable(),
        /** `router.`, what was asked for, `.refused`. */
        action: z.string().regex(/^router\.[\w.]+\.refused$/),
        target: z.string().nullable(),
        after: z.object({
          code: z.string(),
          count: z.int().min(1),
          lastAt: z.iso.datetime(),
          about: z.array(z.string()).optional(),
        }),
        origin: z.string().nullable(),
      }),
    )
    .max(MAX_REFUSALS),
});

/** A session that nobody refreshes for so long is over (RFC 9700 §4.14.2). */
export const SESSION_IDLE_SECONDS = 7 * 86_400;

/** The longest life of an access token. */
export const TOKEN_MAX_SECONDS = 900;
