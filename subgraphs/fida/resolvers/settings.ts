import { type MayNot, whyNotApply, whyNotSet, whyNotUndo } from '@wheelhouse/kit/settings-access.ts';
import { type CheckedManner, checkManner, type Fault, faultAt, userErrorsOf } from '@wheelhouse/kit/settings-manner.ts';
import { plannedShapes, settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Context } from '../context.ts';
import type { MutationResolvers, Resolvers } from '../generated/types.ts';
import { type Answer, setDisplays } from '../settings.ts';
import type { Ask, Refused } from '../settings-checks.ts';
import { applyPlan, type PlannedDisplay, planDisplays } from '../settings-plans.ts';
import { checkValues } from '../settings-rules.ts';
import { undoChange } from '../settings-undo.ts';
import type { FidaDisplayShape } from '../shapes.ts';

const refusedPayload = (faults: readonly Fault[]) => ({
  ...{ settingsChange: null, display: null, plan: null },
  userErrors: userErrorsOf(faults),
});

/** @param by the name of who asks */
function payloadOf(answer: Answer | PlannedDisplay, by: string) {
  const { deviceId } = answer;
  switch (answer.kind) {
    case 'refused':
      return { ...refusedPayload(answer.faults), display: answer.isKnown ? { deviceId } : null };
    case 'taken':
      return { settingsChange: settingsChangeShape(answer.change), display: { deviceId }, plan: null, userErrors: [] };
    case 'planned':
      return { ...plannedShapes(answer, by), display: { deviceId }, userErrors: [] };
    default:
      return answer satisfies never;
  }
}

/** A payload names its display by the id alone. It is loaded when it is asked for, and for all results together. */
const display = async (
  { display: named }: { display?: FidaDisplayShape | null | undefined },
  _args: unknown,
  { displayById }: Pick<Context, 'displayById'>,
): Promise<FidaDisplayShape | null> => (named ? { ...named, ...(await displayById.load(named.deviceId)) } : null);

export const settingsTypes: Pick<Resolvers, 'SetDisplaySettingsPayload' | 'DisplaySettingsResult'> = {
  SetDisplaySettingsPayload: { display },
  DisplaySettingsResult: { display },
};

const MAX_DISPLAYS = 200;

function faultsOfIds(ids: readonly string[]): Fault[] {
  if (ids.length < 1 || ids.length > MAX_DISPLAYS)
    return [faultAt('input.ids', 'INVALID', `ids must have 1 to ${MAX_DISPLAYS} items, and has ${ids.length}`)];
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id);
    return first === index ? [] : [faultAt(`input.ids.${index}`, 'INVALID', `ids has ${id} at ${first} already`)];
  });
}

/** The answer for one of many, whose id stands in a list. */
const atItsPlace = (answer: Answer | PlannedDisplay, index: number): Answer | PlannedDisplay =>
  answer.kind === 'refused'
    ? {
        ...answer,
        faults: answer.faults.map((fault) =>
          fault.path.join('.') === 'input.id' ? { ...fault, path: ['input', 'ids', index] } : fault,
        ),
      }
    : answer;

/** Why the caller may not, as the answer to what they ask for. */
const refusedAs = ({ subject, fault }: MayNot, deviceId: string): Refused => ({
  ...{ kind: 'refused', deviceId, faults: [fault] },
  isKnown: subject !== null,
});

/** Asks for those that nothing is refused of yet; in the order of `asks`. */
async function askFor(
  { settings }: Context,
  asks: readonly { ask: Ask; mayNot: MayNot | null }[],
  manner: CheckedManner,
): Promise<(Answer | PlannedDisplay)[]> {
  const admitted = asks.flatMap(({ ask, mayNot }) => (mayNot === null ? [ask] : []));
  const answers = manner.isDryRun
    ? await planDisplays(settings, admitted)
    : await setDisplays(settings, admitted, manner);
  const byDevice = new Map(answers.map((answer) => [answer.deviceId, answer]));
  return asks.flatMap(({ ask: { deviceId }, mayNot }) =>
    mayNot === null ? (byDevice.get(deviceId) ?? []) : refusedAs(mayNot, deviceId),
  );
}

export const settingsMutations: MutationResolvers = {
  setDisplaySettings: async (_parent, { input }, context) => {
    const { manner, faults } = checkManner(input);
    const values = checkValues(input, context.settings.kept);
    if (faults.length + values.faults.length > 0) return refusedPayload([...faults, ...values.faults]);
    const { sent, kept, expected } = values;
    const { reason, expectedVersion, idempotencyKey } = manner;
    const ask: Ask = { deviceId: input.id, sent, kept, expected, expectedVersion, idempotencyKey, reason };
    const [answer] = await askFor(context, [{ ask, mayNot: await whyNotSet(context.access, input.id) }], manner);
    return answer ? payloadOf(answer, context.identity.name) : null;
  },
  setManyDisplaySettings: async (_parent, { input }, context) => {
    const { manner, faults } = checkManner(input);
    const values = checkValues(input, context.settings.kept);
    const all = [...faultsOfIds(input.ids), ...faults, ...values.faults];
    if (all.length > 0) return { results: [], userErrors: userErrorsOf(all) };
    const { sent, kept } = values;
    const asks = input.ids.map(async (deviceId) => {
      const idempotencyKey = manner.idempotencyKey === null ? null : `${manner.idempotencyKey} ${deviceId}`;
      const ask: Ask = { deviceId, sent, kept, reason: manner.reason, idempotencyKey };
      return { ask, mayNot: await whyNotSet(context.access, deviceId) };
    });
    const answers = await askFor(context, await Promise.all(asks), manner);
    const results = answers.map((answer, index) => ({
      id: answer.deviceId,
      ...payloadOf(atItsPlace(answer, index), context.identity.name),
    }));
    return { results, userErrors: [] };
  },
  applyPlannedSettings: async (_parent, { input }, { settings, access, identity }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const mayNot = await whyNotApply(access, settings.sealer, input.plan);
    if (mayNot !== null) return payloadOf(refusedAs(mayNot, mayNot.subject ?? ''), identity.name);
    return payloadOf(await applyPlan(settings, input.plan, manner.waitMs), identity.name);
  },
  undoDisplaySettings: async (_parent, { input }, { settings, access, identity }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const mayNot = await whyNotUndo(access, input.id);
    if (mayNot !== null) return payloadOf(refusedAs(mayNot, mayNot.subject ?? ''), identity.name);
    return payloadOf(await undoChange(settings, input.id, manner), identity.name);
  },
};
