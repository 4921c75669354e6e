import { type MayNot, whyNotApply, whyNotSet, whyNotUndo } from '@wheelhouse/kit/settings-access.ts';
import { checkManner, type Fault, userErrorsOf } from '@wheelhouse/kit/settings-manner.ts';
import { plannedShapes, settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Context } from '../context.ts';
import { checkCrossPoints } from '../cross-points.ts';
import type { MutationResolvers, Resolvers } from '../generated/types.ts';
import { type Answer, setControls } from '../settings.ts';
import type { Ask, Refused } from '../settings-checks.ts';
import { applyPlan, type PlannedControls, planControls } from '../settings-plans.ts';
import { checkControls } from '../settings-rules.ts';
import { undoControls } from '../settings-undo.ts';
import type { AudioCoreShape } from '../shapes.ts';

const refusedPayload = (faults: readonly Fault[]) => ({
  ...{ settingsChange: null, core: null, plan: null },
  userErrors: userErrorsOf(faults),
});

/** @param by the name of who asks */
function payloadOf(answer: Answer | PlannedControls, by: string) {
  const core = { deviceId: answer.deviceId };
  switch (answer.kind) {
    case 'refused':
      return { ...refusedPayload(answer.faults), core: answer.isKnown ? core : null };
    case 'taken':
      return { settingsChange: settingsChangeShape(answer.change), core, plan: null, userErrors: [] };
    case 'planned':
      return { ...plannedShapes(answer, by), core, userErrors: [] };
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

/** Why the caller may not, as the answer to what they ask for. */
const refusedAs = ({ subject, fault }: MayNot): Refused => ({
  ...{ kind: 'refused', deviceId: subject ?? '', faults: [fault] },
  isKnown: subject !== null,
});

export const settingsMutations: MutationResolvers = {
  setAudioControls: async (_parent, { input }, { settings, access, identity }) => {
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
    const mayNot = await whyNotSet(access, input.id);
    if (mayNot !== null) return payloadOf(refusedAs(mayNot), identity.name);
    const answer = manner.isDryRun ? await planControls(settings, ask) : await setControls(settings, ask, manner);
    return payloadOf(answer, identity.name);
  },
  applyPlannedAudioControls: async (_parent, { input }, { settings, access, identity }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const mayNot = await whyNotApply(access, settings.sealer, input.plan);
    if (mayNot !== null) return payloadOf(refusedAs(mayNot), identity.name);
    return payloadOf(await applyPlan(settings, input.plan, manner.waitMs), identity.name);
  },
  undoAudioControls: async (_parent, { input }, { settings, access, identity }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const exceptTriggers = input.exceptTriggers === true;
    const mayNot = await whyNotUndo(access, input.id);
    if (mayNot !== null) return payloadOf(refusedAs(mayNot), identity.name);
    return payloadOf(await undoControls(settings, { id: input.id, exceptTriggers }, manner), identity.name);
  },
};
