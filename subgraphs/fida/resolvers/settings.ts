import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { settingsChangeShape } from '@wheelhouse/kit/settings-shape.ts';
import type { Context } from '../context.ts';
import type { MutationResolvers, Resolvers } from '../generated/types.ts';
import { type Answer, setDisplays } from '../settings.ts';
import { refusalOf, refusalOfPlan, refusalOfUndo } from '../settings-access.ts';
import type { Ask, Refused } from '../settings-checks.ts';
import { applyPlan, type Planned, planDisplays } from '../settings-plans.ts';
import { type CheckedManner, checkManner, checkValues, type Fault, faultAt } from '../settings-rules.ts';
import { undoChange } from '../settings-undo.ts';
import type { FidaDisplayShape, SettingsPlanShape } from '../shapes.ts';

const asUserErrors = (faults: readonly Fault[]) =>
  faults.map(({ path, code, message }) => ({ field: path.join('.') || null, code, message }));

const refusedPayload = (faults: readonly Fault[]) => ({
  ...{ settingsChange: null, display: null, plan: null },
  userErrors: asUserErrors(faults),
});

function planShape({ id, expiresAt, plan, effects }: Planned): SettingsPlanShape {
  const wanted: SettingsValues = { ...plan.kept, ...plan.sent };
  const changes = Object.entries(wanted).map(([setting, after]) => ({
    setting,
    before: plan.before[setting] ?? null,
    after,
  }));
  return { id, expiresAt, changes, effects };
}

/** @param by the name of who asks */
function payloadOf(answer: Answer | Planned, by: string) {
  const { deviceId } = answer;
  switch (answer.kind) {
    case 'refused':
      return { ...refusedPayload(answer.faults), display: answer.isKnown ? { deviceId } : null };
    case 'taken':
      return { settingsChange: settingsChangeShape(answer.change), display: { deviceId }, plan: null, userErrors: [] };
    case 'planned': {
      const { sent, kept, before, reason, undoes } = answer.plan;
      const change = {
        ...{ id: answer.id, wanted: { ...kept, ...sent }, before, reason, undoes },
        state: 'PLANNED' as const,
      };
      const unknown = { readBack: null, code: null, detail: null, finishedAt: null, settingsVersion: null };
      const settingsChange = { ...change, ...unknown, at: answer.madeAt, requestedBy: by };
      return { settingsChange, display: { deviceId }, plan: planShape(answer), userErrors: [] };
    }
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
const atItsPlace = (answer: Answer | Planned, index: number): Answer | Planned =>
  answer.kind === 'refused'
    ? {
        ...answer,
        faults: answer.faults.map((fault) =>
          fault.path.join('.') === 'input.id' ? { ...fault, path: ['input', 'ids', index] } : fault,
        ),
      }
    : answer;

/** Asks for those that nothing is refused of yet; in the order of `asks`. */
async function askFor(
  { settings }: Context,
  asks: readonly { ask: Ask; refused: Refused | null }[],
  manner: CheckedManner,
): Promise<(Answer | Planned)[]> {
  const admitted = asks.flatMap(({ ask, refused }) => (refused === null ? [ask] : []));
  const answers =
    admitted.length === 0
      ? []
      : manner.isDryRun
        ? await planDisplays(settings, admitted)
        : await setDisplays(settings, admitted, manner);
  const byDevice = new Map(answers.map((answer) => [answer.deviceId, answer]));
  return asks.flatMap(({ ask, refused }) => refused ?? byDevice.get(ask.deviceId) ?? []);
}

export const settingsMutations: MutationResolvers = {
  setDisplaySettings: async (_parent, { input }, context) => {
    const { settings, identity } = context;
    const { manner, faults } = checkManner(input);
    const values = checkValues(input, settings.kept);
    if (faults.length + values.faults.length > 0) return refusedPayload([...faults, ...values.faults]);
    const { sent, kept, expected } = values;
    const { reason, expectedVersion, idempotencyKey } = manner;
    const ask: Ask = { deviceId: input.id, sent, kept, expected, expectedVersion, idempotencyKey, reason };
    const refused = await refusalOf(context, input.id);
    const [answer] = await askFor(context, [{ ask, refused }], manner);
    return answer ? payloadOf(answer, identity.name) : null;
  },
  setManyDisplaySettings: async (_parent, { input }, context) => {
    const { settings, identity } = context;
    const { manner, faults } = checkManner(input);
    const values = checkValues(input, settings.kept);
    const all = [...faultsOfIds(input.ids), ...faults, ...values.faults];
    if (all.length > 0) return { results: [], userErrors: asUserErrors(all) };
    const { sent, kept } = values;
    const asks = input.ids.map(async (deviceId) => {
      const ask: Ask = {
        ...{ deviceId, sent, kept, reason: manner.reason },
        idempotencyKey: manner.idempotencyKey === null ? null : `${manner.idempotencyKey} ${deviceId}`,
      };
      return { ask, refused: await refusalOf(context, deviceId) };
    });
    const answers = await askFor(context, await Promise.all(asks), manner);
    const results = answers.map((answer, index) => ({
      id: answer.deviceId,
      ...payloadOf(atItsPlace(answer, index), identity.name),
    }));
    return { results, userErrors: [] };
  },
  applyPlannedSettings: async (_parent, { input }, context) => {
    const { settings, identity } = context;
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const refused = await refusalOfPlan(context, input.plan);
    return payloadOf(refused ?? (await applyPlan(settings, input.plan, manner.waitMs)), identity.name);
  },
  undoDisplaySettings: async (_parent, { input }, context) => {
    const { settings, identity } = context;
    const { manner, faults } = checkManner(input);
    if (faults.length > 0) return refusedPayload(faults);
    const refused = await refusalOfUndo(context, input.id);
    return payloadOf(refused ?? (await undoChange(settings, input.id, manner)), identity.name);
  },
};
