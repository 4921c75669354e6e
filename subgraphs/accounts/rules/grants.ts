import { ROLES, type Role, SCOPES, SCOPES_OF, type Scope } from '@wheelhouse/contracts/access.ts';
import { type Area, areaOf, type Grant, isInArea, isWithin } from '@wheelhouse/kit/identity.ts';

/** A role, and where it holds; everywhere where `site` is null. */
export type RoleGrant = { role: Role; site: string | null };

/** Roles as an identity carries them. */
export const grantsOf = (given: readonly RoleGrant[]): Grant[] =>
  given.map(({ role, site }) => ({ scopes: [...SCOPES_OF[role]], site }));

export const rolesOf = (given: readonly RoleGrant[]): Role[] =>
  ROLES.filter((role) => given.some((grant) => grant.role === role));

export const scopesOf = (given: readonly Grant[]): Scope[] =>
  SCOPES.filter((scope) => given.some(({ scopes }) => scopes.includes(scope)));

/** The sites that grants are limited to; null when one of them holds everywhere. */
export const sitesOf = (given: readonly { site: string | null }[]): string[] | null =>
  given.some(({ site }) => site === null) ? null : [...new Set(given.flatMap(({ site }) => site ?? []))].sort();

/**
 * What grants may make of an access token (RFC 7519), in bytes. With all else that it carries it stays below the 8 KiB that the router takes, and
 * below what node takes of a request's headers.
 */
export const MAX_GRANT_BYTES = 6_000;

/** How many bytes of an access token grants take: JSON, in base64url. */
export const tokenBytes = (given: readonly Grant[]): number =>
  Math.ceil((Buffer.byteLength(JSON.stringify(given)) * 4) / 3);

/** What of an area lies at these sites. */
function within(area: Area, sites: readonly string[]): string[] {
  if (area === 'everywhere') return [...sites];
  return sites.flatMap((site) => (isInArea(area, site) ? [site] : area.filter((other) => isWithin(other, site))));
}

/**
 * What an API key may do: its own scopes at its own sites, as far as its maker may now. A key never outgrows its maker, who may have lost what
 * they had when they made it.
 */
export function grantsOfKey(
  key: { scopes: readonly Scope[]; sites: readonly string[] | null },
  maker: readonly Grant[],
): Grant[] {
  const bySite = new Map<string | null, string[]>();
  for (const scope of key.scopes) {
    const area = areaOf({ grants: [...maker] }, scope);
    const places = key.sites === null ? (area === 'everywhere' ? [null] : area) : within(area, key.sites);
    for (const place of new Set(places)) bySite.set(place, [...(bySite.get(place) ?? []), scope]);
  }
  return [...bySite].map(([site, scopes]) => ({ site, scopes }));
}

/** The first of a key's scopes that its maker does not have where the key is to have it; null when there is none. */
export function outgrown(
  key: { scopes: readonly Scope[]; sites: readonly string[] | null },
  maker: readonly Grant[],
): { scope: Scope; site: string | null } | null {
  for (const scope of key.scopes) {
    const area = areaOf({ grants: [...maker] }, scope);
    if (area.length === 0) return { scope, site: null };
    const site = key.sites?.find((one) => !isInArea(area, one));
    if (site !== undefined) return { scope, site };
  }
  return null;
}

/** Whether who manages an area may manage somebody with these grants, or give them: only if all of them lie within it. */
export const isManageable = (area: Area, given: readonly { site: string | null }[]): boolean =>
  area === 'everywhere' || (given.length > 0 && given.every(({ site }) => site !== null && isInArea(area, site)));

/** Whether somebody may give these grants: they are there, not disabled, and manage where all of them hold. */
export function canGive(
  giver: { disabledAt: Date | null; grants: readonly RoleGrant[] } | null,
  given: readonly { site: string | null }[],
): boolean {
  if (giver === null || giver.disabledAt !== null) return false;
  const area = areaOf({ grants: grantsOf(giver.grants) }, 'accounts:write');
  return area.length > 0 && isManageable(area, given);
}

/** A scope, and where it holds; everywhere where `sites` is null. */
export type Right = { scope: Scope; sites: string[] | null };

/** Where each scope of some grants holds: a site below another that has it as well is left out. */
export const rightsOf = (given: readonly Grant[]): Right[] =>
  scopesOf(given).map((scope) => {
    const area = areaOf({ grants: [...given] }, scope);
    if (area === 'everywhere') return { scope, sites: null };
    const outermost = area.filter((site) => !area.some((other) => other !== site && isWithin(site, other)));
    return { scope, sites: [...new Set(outermost)].sort() };
  });

/** Whether somebody with these grants can manage everything: of such, one at least is kept. */
export const isChief = (given: readonly RoleGrant[]): boolean =>
  given.some(({ role, site }) => role === 'ADMIN' && site === null);
