import { type Role, SCOPES, SCOPES_OF, type Scope } from '@wheelhouse/contracts/access.ts';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import { somebody } from '@wheelhouse/kit/testing/identity.ts';

/** Somebody with these scopes at a site and below it, or everywhere. */
export const callerWith = (scopes: readonly Scope[], site: string | null = null, name = 'somebody'): Asserted =>
  somebody(name, [{ scopes: [...scopes], site }]);

/** Somebody in this role, at a site and below it, or everywhere. */
export const inRole = (role: Role, site: string | null = null): Asserted =>
  callerWith(SCOPES_OF[role], site, `${role.toLowerCase()}${site === null ? '' : ` of ${site}`}`);

/** Who may do everything, everywhere: most tests are not about who asks. */
export const admin: Asserted = callerWith(SCOPES, null, 'admin@wheelhouse.local');
