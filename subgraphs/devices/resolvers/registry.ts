import { ANONYMOUS, type Stamp } from '@wheelhouse/kit/actor.ts';
import type { MutationResolvers } from '../generated/types.ts';
import { addDevice, RefusedError, removeDevice, setSite, updateDevice } from '../registry.ts';
import { type Fault, faultsOf, siteShape } from '../registry-rules.ts';

const asUserErrors = (faults: readonly Fault[]) =>
  faults.map(({ path, code, message }) => ({ field: path.join('.') || null, code, message }));

const by = (now: () => Date): Stamp => ({ at: now(), actor: ANONYMOUS });

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
  addDevice: (_parent, { input }, { db, now, sealer, deviceById }) =>
    attempt(async () => ({ device: await deviceById.load(await addDevice(db, input, by(now), sealer)) })),
  updateDevice: (_parent, { input }, { db, now, sealer, deviceById }) =>
    attempt(async () => {
      await updateDevice(db, input, by(now), sealer);
      return { device: await deviceById.load(input.id) };
    }),
  removeDevice: (_parent, { id }, { db, now }) =>
    attempt(async () => {
      await removeDevice(db, id, by(now));
      return { removedId: id };
    }),
  setSiteSettings: (_parent, { input }, { db, now, timeZone }) =>
    attempt(async () => {
      const site = siteShape.safeParse(input);
      if (!site.success) throw new RefusedError(faultsOf(site.error, ['input']));
      await setSite(db, site.data, { by: by(now), timeZone });
      return { site: site.data };
    }),
};
