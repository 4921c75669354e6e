import { pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import { createApiKey, revokeApiKey } from '../api-keys.ts';
import { requireArea, requireCaller, userIdOf } from '../callers.ts';
import type { Context } from '../context.ts';
import type { MutationResolvers, QueryResolvers } from '../generated/types.ts';
import { attempt } from '../refusal.ts';
import { isManageable } from '../rules/grants.ts';
import { cursorAt, placeAt } from '../rules/places.ts';
import { listApiKeys } from '../store/api-keys.ts';
import { findUser } from '../store/users.ts';

/** Whose keys are asked for. @throws FORBIDDEN, NOT_FOUND when the caller may not see them */
async function ownerOf(context: Context, userId: string | null | undefined): Promise<string> {
  const own = userIdOf(requireCaller(context));
  if (own !== null && (userId === null || userId === undefined || userId === own)) return own;
  const area = requireArea(context, 'accounts:write');
  const owner = userId ? await findUser(context.db, userId) : null;
  if (owner === null || !isManageable(area, owner.grants))
    throw callerError('NOT_FOUND', 'userId must name a user whom you may manage', 'userId');
  return owner.id;
}

export const apiKeyQueries: QueryResolvers = {
  apiKeys: async (_parent, { userId, first, after }, context) => {
    const owner = await ownerOf(context, userId);
    const size = pageSize(first);
    const rows = await listApiKeys(context.db, { userId: owner, after: placeAt(after), limit: size + 1 });
    return pageOf(rows, size, cursorAt);
  },
};

export const apiKeyMutations: MutationResolvers = {
  createApiKey: (_parent, { input }, context) => attempt(() => createApiKey(context, input)),
  revokeApiKey: (_parent, { id }, context) => attempt(async () => ({ apiKey: await revokeApiKey(context, id) })),
};
