import { randomUUID } from 'node:crypto';
import { type SettingsChangeShape, settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { MutationResolvers } from '../generated/types.ts';
import { type Answer, setControls } from '../settings.ts';
import { refusalOf } from '../settings-access.ts';
import { checkControls, checkManner, type Fault } from '../settings-rules.ts';

const refusedPayload = (faults: readonly Fault[]) => ({
  settingsChange: null,
  core: null,
  userErrors: faults.map(({ path, code, message }) => ({ field: path.join('.') || null, code, message })),
});

const plannedChange = (
  answer: Extract<Answer, { kind: 'planned' }>,
  { reason, by }: { reason: string | null; by: string },
): SettingsChangeShape => ({
  ...{ id: randomUUID(), state: 'PLANNED', wanted: answer.wanted, before: answer.before, reason, at: answer.at },
  ...{ readBack: null, code: null, detail: null, finishedAt: null, settingsVersion: null, undoes: null },
  requestedBy: by,
});

export const settingsMutations: MutationResolvers = {
  setAudioControls: async (_parent, { input }, context) => {
    const { settings, coreById, identity } = context;
    const { manner, faults } = checkManner(input);
    const { asked, faults: ofControls } = checkControls(input.controls);
    if (faults.length + ofControls.length > 0) return refusedPayload([...faults, ...ofControls]);
    const answer =
      (await refusalOf(context, input.id)) ??
      (await setControls(settings, { deviceId: input.id, controls: asked }, manner));
    const core = { deviceId: input.id, ...(await coreById.load(input.id)) };
    if (answer.kind === 'refused') return { ...refusedPayload(answer.faults), core: answer.isKnown ? core : null };
    const settingsChange =
      answer.kind === 'planned'
        ? plannedChange(answer, { reason: manner.reason, by: identity.name })
        : settingsChangeShape(answer.change);
    return { settingsChange, core, userErrors: [] };
  },
};
