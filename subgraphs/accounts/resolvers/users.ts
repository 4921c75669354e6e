import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import { isAnonymous } from '@wheelhouse/kit/identity.ts';
import { keyIdOf, requireArea, sessionIdOf } from '../callers.ts';
import type { MutationResolvers, QueryResolvers, UserResolvers } from '../generated/types.ts';
import { inviteUser, pendingInvitations, revokeInvitation } from '../invitations.ts';
import { attempt } from '../refusal.ts';
import { grantsOf, rightsOf, rolesOf, scopesOf, sitesOf } from '../rules/grants.ts';
import { findApiKey } from '../store/api-keys.ts';
import { findUser, listUsers } from '../store/users.ts';
import { endSessions, updateUser } from '../users.ts';

export const userType: UserResolvers = {
  roles: ({ grants }) => rolesOf(grants),
  scopes: ({ grants }) => scopesOf(grantsOf(grants)),
  sites: ({ grants }) => sitesOf(grants),
};

const over = () => callerError('UNAUTHENTICATED', 'The session or the API key has ended');

export const userQueries: QueryResolvers = {
  me: async (_parent, _args, { identity, db, sessionCache }) => {
    if (isAnonymous(identity)) return null;
    const keyId = keyIdOf(identity);
    const apiKey = keyId === null ? null : await findApiKey(db, keyId);
    const user =
      keyId === null
        ? await sessionCache.userOf(sessionIdOf(identity) ?? '')
        : await findUser(db, apiKey?.userId ?? '');
    if (user === null) throw over();
    const { id, email, name, grants } = user;
    const { grants: given } = identity;
    const may = { scopes: scopesOf(given), sites: sitesOf(given), rights: rightsOf(given) };
    return { id, email, name, roles: rolesOf(grants), grants, ...may, apiKey };
  },
  users: async (_parent, { first, after }, context) => {
    const area = requireArea(context, 'accounts:write');
    const size = pageSize(first);
    const rows = await listUsers(context.db, {
      sites: area === 'everywhere' ? null : area,
      after: decodeKey(after, 1)?.[0] ?? null,
      limit: size + 1,
    });
    return pageOf(rows, size, ({ email }) => encodeKey([email]));
  },
  invitations: (_parent, args, context) => pendingInvitations(context, args),
};

export const userMutations: MutationResolvers = {
  updateUser: (_parent, { input }, context) => attempt(async () => ({ user: await updateUser(context, input) })),
  inviteUser: (_parent, { input }, context) => attempt(() => inviteUser(context, input)),
  revokeInvitation: (_parent, args, context) =>
    attempt(async () => ({ invitation: await revokeInvitation(context, args) })),
  endSessions: (_parent, args, context) => attempt(async () => ({ ended: await endSessions(context, args) })),
};
