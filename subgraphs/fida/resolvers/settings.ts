import { checkManner, type Fault, faultAt, userErrorsOf } from '@wheelhouse/kit/settings-manner.ts';
import { plannedShapes, settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Context } from '../context.ts';
import type { MutationResolvers, Resolvers } from '../generated/types.ts';
import { type Answer, setDisplays } from '../settings.ts';
import type { Ask } from '../settings-checks.ts';
import { applyPlan, type PlannedDisplay, planDisplays } from '../settings-plans.ts';
import { checkValues } from '../settings-rules.ts';
import { undoChange } from '../settings-undo.ts';
import type { FidaDisplayShape } from '../shapes.ts';

const refusedPayload = (faults: readonly Fault[]) => ({
  ...{ settingsChange: null, display: null, plan: null },
  userErrors: userErrorsOf(faults),
});

function payloadOf(answer: Answer | PlannedDisplay) {
  const { deviceId } = answer;
  switch (answer.kind) {
    case 'refused':
      return { ...refusedPayload(answer.faults), display: answer.isKnown ? { deviceId } : null };
    case 'taken':
      return { settingsChange: settingsChangeShape(answer.change), display: { deviceId }, plan: null, userErrors: [] };
    case 'planned':
      return { ...plannedShapes(answer), display: { deviceId }, userErrors: [] };
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

export const settingsMutations: MutationResolvers = {
  setDisplaySettings: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    const values = checkValues(input, settings.kept);
    if (faults.length + values.faults.length > 0) return refusedPayload([...faults, ...values.faults]);
    const { sent, kept, expected } = values;
    const { reason, expectedVersion, idempotencyKey } = manner;
    const ask: Ask = { deviceId: input.id, sent, kept, expected, expectedVersion, idempotencyKey, reason };
    const [answer] = manner.isDryRun ? await planDisplays(settings, [ask]) : await setDisplays(settings, [ask], manner);
    return answer ? payloadOf(answer) : null;
  },
  setManyDisplaySettings: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    const values = checkValues(input, settings.kept);
    const all = [...faultsOfIds(input.ids), ...faults, ...values.faults];
    if (all.length > 0) return { results: [], userErrors: userErrorsOf(all) };
    const { sent, kept } = values;
    const asks = input.ids.map(
      (deviceId): Ask => ({
        ...{ deviceId, sent, kept, reason: manner.reason },
        idempotencyKey: manner.idempotencyKey === null ? null : `${manner.idempotencyKey} ${deviceId}`,
      }),
    );
    const answers = manner.isDryRun ? await planDisplays(settings, asks) : await setDisplays(settings, asks, manner);
    const results = answers.map((answer, index) => ({ id: answer.deviceId, ...payloadOf(atItsPlace(answer, index)) }));
    return { results, userErrors: [] };
  },
  applyPlannedSettings: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    return payloadOf(await applyPlan(settings, input.plan, manner.waitMs));
  },
  undoDisplaySettings: async (_parent, { input }, { settings }) => {
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    return payloadOf(await undoChange(settings, input.id, manner));
  },
};
