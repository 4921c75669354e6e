import { texts } from '../components/texts.ts';
import type { Role } from '../generated/data/graphql.ts';

/** A role, and where it holds; null: everywhere. */
export type Grant = { readonly role: Role; readonly site: string | null };

/** All roles, from the least to the most. */
export const ROLES: readonly Role[] = ['VIEWER', 'ANALYST', 'OPERATOR', 'ADMIN'];

/** What the graph tells of a grant, where a site that is left out is everywhere. */
export const grantOf = ({ role, site }: { readonly role: Role; readonly site?: string | null }): Grant => ({
  role,
  site: site ?? null,
});

export const printGrant = ({ role, site }: Grant): string => texts.roles.at(texts.roles[role], site);

/** Grants for people: by role, then site, each once. */
export const printGrants = (grants: readonly Grant[]): string =>
  grants.length === 0 ? texts.roles.none : [...new Set(inOrder(grants).map(printGrant))].join(', ');

/** The most first, and of one role what holds everywhere first. */
export const inOrder = (grants: readonly Grant[]): Grant[] =>
  grants.toSorted(
    (a, b) => ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || (a.site ?? '').localeCompare(b.site ?? '', 'en'),
  );

/** What a role is for, in a sentence. */
export const roleHint = (role: Role): string => texts.roles.hints[role];
export const roleName = (role: Role): string => texts.roles[role];
