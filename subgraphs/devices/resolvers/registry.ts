import { stampOf } from '@wheelhouse/kit/actor.ts';
import { areaOf } from '@wheelhouse/kit/identity.ts';
import type { Context } from '../context.ts';
import type { MutationResolvers } from '../generated/types.ts';
import { addDevice, type Editor, RefusedError, removeDevice, setSite, updateDevice } from '../registry.ts';
import { type Fault, faultsOf, siteShape } from '../registry-rules.ts';

const asUserErrors = (faults: readonly Fault[]) =>
  faults.map(({ path, code, message }) => ({ field: path.join('.') || null, code, message }));

const editorOf = ({ identity, may, now }: Context): Editor => ({
  ...stampOf(identity, now()),
  sees: areaOf(identity, 'estate:read', 'estate:write'),
  edits: may.edit,
});

/** Runs a change; a refusal becomes user errors, everything else stays an error. */
async function attempt<Outcome extends object>(change: () => Promise<Outcome>) {
  try {
    return { ...(await change()), userErrors: [] };
  } catch (err) {
    if (err instanceof RefusedError) return { userErrors: asUserErrors(err.faults) };
    throw err;
  }
}

export const registryMutations: MutationResolvers = {
  addDevice: (_parent, { input }, context) =>
    attempt(async () => {
      const id = await addDevice(context.db, input, editorOf(context), context.sealer);
      return { device: await context.deviceById.load(id) };
    }),
  updateDevice: (_parent, { input }, context) =>
    attempt(async () => {
      await updateDevice(context.db, input, editorOf(context), context.sealer);
      return { device: await context.deviceById.load(input.id) };
    }),
  removeDevice: (_parent, { id }, context) =>
    attempt(async () => {
      await removeDevice(context.db, id, editorOf(context));
      return { removedId: id };
    }),
  setSiteSettings: (_parent, { input }, context) =>
    attempt(async () => {
      const site = siteShape.safeParse(input);
      if (!site.success) throw new RefusedError(faultsOf(site.error, ['input']));
      await setSite(context.db, site.data, { by: editorOf(context), timeZone: context.timeZone });
      return { site: site.data };
    }),
};
