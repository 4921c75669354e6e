import type { Role } from '../../../generated/admin/graphql.ts';
import { texts } from './texts.ts';

/** A role, and where it holds; null: everywhere. */
export type Grant = { readonly role: Role; readonly site: string | null };

/** All roles, from the least to the most. */
export const ROLES: readonly Role[] = ['VIEWER', 'ANALYST', 'OPERATOR', 'ADMIN'];

/** What the graph tells of a grant, where a site that is left out is everywhere. */
export const grantOf = ({ role, site }: { readonly role: Role; readonly site?: string | null }): Grant => ({
  role,
  site: site ?? null,
});

export const printGrant = ({ role, site }: Grant): string => texts.grant(texts.roles[role], site);

/** Grants for people: by role, then site, each once. */
export const printGrants = (grants: readonly Grant[]): string =>
  grants.length === 0 ? texts.noRoles : [...new Set(inOrder(grants).map(printGrant))].join(', ');

/** The most first, and of one role what holds everywhere first. */
export const inOrder = (grants: readonly Grant[]): Grant[] =>
  grants.toSorted(
    (a, b) => ROLES.indexOf(b.role) - ROLES.indexOf(a.role) || (a.site ?? '').localeCompare(b.site ?? '', 'en'),
  );

const keyOf = ({ role, site }: Grant): string => JSON.stringify([role, site]);

/** What somebody gets and loses when `after` takes the place of `before`, whatever their order. */
export function grantChanges(before: readonly Grant[], after: readonly Grant[]): { gets: Grant[]; loses: Grant[] } {
  const without = (these: readonly Grant[], those: readonly Grant[]): Grant[] => {
    const known = new Set(those.map(keyOf));
    return [...new Map(these.map((grant) => [keyOf(grant), grant])).values()].filter(
      (grant) => !known.has(keyOf(grant)),
    );
  };
  return { gets: without(after, before), loses: without(before, after) };
}

/** Whether somebody with these grants could manage users nowhere, or at fewer places than before. */
export const losesManaging = ({ loses }: ReturnType<typeof grantChanges>): boolean =>
  loses.some(({ role }) => role === 'ADMIN');
