import type { MutationResolvers } from '../generated/types.ts';
import { attempt } from '../refusal.ts';
import { register } from '../registration.ts';
import { changePassword, logOut, refreshSession } from '../sessions.ts';
import { signIn } from '../sign-in.ts';

export const sessionMutations: MutationResolvers = {
  register: (_parent, { input }, context) => attempt(async () => ({ user: await register(context, input) })),
  login: (_parent, args, context) => attempt(() => signIn(context, args)),
  refreshSession: (_parent, { refreshToken }, context) => attempt(() => refreshSession(context, refreshToken)),
  logout: async (_parent, _args, context) => {
    await logOut(context);
    return { ok: true };
  },
  changePassword: async (_parent, { input }, context) => {
    const { userErrors } = await attempt(async () => {
      await changePassword(context, input);
      return {};
    });
    return { ok: userErrors.length === 0, userErrors };
  },
};
