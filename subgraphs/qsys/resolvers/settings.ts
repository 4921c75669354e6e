import { checkManner, type Fault, userErrorsOf } from '@wheelhouse/kit/settings-manner.ts';
import { plannedShapes, settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Context } from '../context.ts';
import { checkCrossPoints } from '../cross-points.ts';
import type { MutationResolvers, Resolvers } from '../generated/types.ts';
import { type Answer, setControls } from '../settings.ts';
import type { Ask } from '../settings-checks.ts';
import { applyPlan, type PlannedControls, planControls } from '../settings-plans.ts';
import { checkControls } from '../settings-rules.ts';
import { undoControls } from '../settings-undo.ts';
import type { AudioCoreShape } from '../shapes.ts';

const refusedPayload = (faults: readonly Fault[]) => ({
  ...{ settingsChange: null, core: null, plan: null },
  userErrors: userErrorsOf(faults),
});

function payloadOf(answer: Answer | PlannedControls) {
  const core = { deviceId: answer.deviceId };
  switch (answer.kind) {
    case 'refused':
      return { ...refusedPayload(answer.faults), core: answer.isKnown ? core : null };
    case 'taken':
      return { settingsChange: settingsChangeShape(answer.change), core, plan: null, userErrors: [] };
    case 'planned':
      return { ...plannedShapes(answer), core, userErrors: [] };
    default:
      return answer satisfies never;
  }
}

/** A payload names its Core by the id alone: it is loaded when it is asked for. */
const core = async (
  { core: named }: { core?: AudioCoreShape | null | undefined },
  _args: unknown,
  { coreById }: Pick<Context, 'coreById'>,
): Promise<AudioCoreShape | null> => (named ? { ...named, ...(await coreById.load(named.deviceId)) } : null);

export const settingsTypes: Pick<Resolvers, 'SetAudioControlsPayload'> = { SetAudioControlsPayload: { core } };

export const settingsMutations: MutationResolvers = {
  setAudioControls: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    const controls = checkControls(input.controls, input.crossPoints);
    const crossPoints = checkCrossPoints(input.crossPoints);
    const all = [...faults, ...controls.faults, ...crossPoints.faults];
    if (all.length > 0) return refusedPayload(all);
    const { reason, expectedVersion, idempotencyKey } = manner;
    const ask: Ask = {
      ...{ deviceId: input.id, controls: controls.asked, crossPoints: crossPoints.asked },
      ...{ reason, expectedVersion, idempotencyKey },
    };
    return payloadOf(manner.isDryRun ? await planControls(settings, ask) : await setControls(settings, ask, manner));
  },
  applyPlannedAudioControls: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    return payloadOf(await applyPlan(settings, input.plan, manner.waitMs));
  },
  undoAudioControls: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const exceptTriggers = input.exceptTriggers === true;
    return payloadOf(await undoControls(settings, { id: input.id, exceptTriggers }, manner));
  },
};
