import { ROLES, SCOPES } from '@wheelhouse/contracts/access.ts';
import type { Grant } from '@wheelhouse/kit/identity.ts';
import { z } from 'zod';
import { normalizeEmail } from './emails.ts';
import { grantsOf, MAX_GRANT_BYTES, tokenBytes } from './grants.ts';
import { MAX_PASSWORD, MAX_PASSWORD_UNITS } from './passwords.ts';

const DAY_MS = 86_400_000;
export const INVITATION_MS = 7 * DAY_MS;
export const DEFAULT_KEY_MS = 90 * DAY_MS;
const MAX_KEY_DAYS = 366;

const printable = (text: string): boolean => text.isWellFormed() && !/\p{Cc}/u.test(text);
const phrase = (max: number) =>
  z
    .string()
    .trim()
    .max(max, `must have at most ${max} characters`)
    .refine(printable, 'must not contain control characters');

const name = phrase(120).min(1, 'must have 1 to 120 characters');
const reason = phrase(500).nullish();
const email = z.string().transform((text, context) => {
  const normalized = normalizeEmail(text);
  if (normalized !== null) return normalized;
  context.addIssue({ code: 'custom', message: 'must be an e-mail address of at most 254 characters' });
  return z.NEVER;
});

/** Not longer than what is hashed can be; whether it is good is for passwordFault. */
const password = z.string().max(MAX_PASSWORD_UNITS, `must have at most ${MAX_PASSWORD} characters`);

/** A path as the registry of sites has them. */
const site = z
  .string()
  .trim()
  .max(200, 'must have at most 200 characters')
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}$/,
    'must be a path of at most 8 parts such as museum/hall-2',
  );

/** Whoever had more could not be told of in the header of a request, and so not ask for anything. */
function sizeFault(given: readonly Grant[]): string | null {
  const bytes = tokenBytes(given);
  if (bytes <= MAX_GRANT_BYTES) return null;
  return `must make at most ${MAX_GRANT_BYTES} bytes of an access token, and make ${bytes}: give fewer, or at sites further up`;
}

const grant = z.object({ role: z.enum(ROLES), site: site.nullish().transform((given) => given ?? null) });
const grantList = z
  .array(grant)
  .max(50, 'must have at most 50 items')
  .transform((list) => [...new Map(list.map((one) => [JSON.stringify(one), one])).values()])
  .superRefine((list, context) => {
    const fault = sizeFault(grantsOf(list));
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

export const registerShape = z.object({
  email,
  password,
  name: name.nullish(),
  invitation: z.string().max(200, 'must have at most 200 characters').nullish(),
});

export const changePasswordShape = z.object({
  currentPassword: password,
  newPassword: password,
  revokeApiKeys: z.boolean().nullish(),
});

export const inviteShape = z.object({ email, grants: grantList, reason });

export const revokeInvitationShape = z.object({ id: z.string(), reason });

export const updateUserShape = z.object({
  id: z.string(),
  name: name.nullish(),
  grants: grantList.nullish(),
  disabled: z.boolean().nullish(),
  reason,
});

export const endSessionsShape = z.object({ userId: z.string(), reason, revokeApiKeys: z.boolean().nullish() });

const keyShape = z.object({
  name,
  scopes: z
    .array(z.enum(SCOPES, `must be one of ${SCOPES.join(', ')}`))
    .min(1, 'must have at least one item')
    .max(50, 'must have at most 50 items')
    .transform((scopes) => SCOPES.filter((scope) => scopes.includes(scope))),
  sites: z
    .array(site)
    .min(1, 'must have at least one item, or be left out')
    .max(50, 'must have at most 50 items')
    .nullish()
    .transform((sites) => (sites ? [...new Set(sites)].sort() : null)),
  expiresAt: z.date().nullish(),
});

/** The API key that is wanted, with the end that it has when none is asked for. */
export const createKeyShape = (now: Date) =>
  keyShape.transform(({ expiresAt, ...key }, context) => {
    const fault = sizeFault((key.sites ?? []).map((site) => ({ scopes: key.scopes, site })));
    if (fault !== null) context.addIssue({ code: 'custom', path: ['sites'], message: fault });
    const end = expiresAt ?? new Date(now.getTime() + DEFAULT_KEY_MS);
    if (end > now && end.getTime() <= now.getTime() + MAX_KEY_DAYS * DAY_MS) return { ...key, expiresAt: end };
    const message = `must lie in the future, at most ${MAX_KEY_DAYS} days from now`;
    context.addIssue({ code: 'custom', path: ['expiresAt'], message });
    return z.NEVER;
  });
