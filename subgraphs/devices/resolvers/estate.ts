import { stampOf } from '@wheelhouse/kit/actor.ts';
import { requireEverywhere } from '@wheelhouse/kit/area.ts';
import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import { isLine } from '@wheelhouse/kit/settings-manner.ts';
import type { Context } from '../context.ts';
import { matching } from '../estate-differences.ts';
import type { ImportFault } from '../estate-faults.ts';
import { type Answer, applyImport, importOnce } from '../estate-imports.ts';
import { countDifferences, type ImportDeps, planImport, readPlan } from '../estate-plans.ts';
import type {
  EstateDifferenceFilter,
  EstateImportPlanResolvers,
  MutationResolvers,
  QueryResolvers,
} from '../generated/types.ts';

const MAX_KEY = 200;
const MAX_SEARCH = 200;
const MAX_KINDS = 10;

/** @throws FORBIDDEN unless the caller may change everything: a file may name any site. */
function depsOf({ db, sealer, timeZone, identity, now }: Context): ImportDeps {
  requireEverywhere(identity, 'estate:write', 'The import of an estate file');
  return { db, sealer, timeZone, by: { ...stampOf(identity, now()), sub: identity.sub } };
}

const userErrorsOf = (faults: readonly ImportFault[]) =>
  faults.map(({ place, ...fault }) => ({ ...fault, line: place?.line ?? null, column: place?.column ?? null }));

const payloadOf = (answer: Answer) =>
  'faults' in answer
    ? { outcome: null, userErrors: userErrorsOf(answer.faults) }
    : { outcome: { ...answer.done, changed: answer.done.updated }, userErrors: [] };

/** The index behind a cursor of a plan's differences; -1 for none. @throws CURSOR_INVALID */
function indexOf(after: string | null | undefined): number {
  const [index] = decodeKey(after, 1) ?? ['-1'];
  if (index === undefined || !/^(-1|\d{1,6})$/.test(index))
    throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
  return Number(index);
}

/** @throws BAD_USER_INPUT beyond its limits */
function narrowed(filter: EstateDifferenceFilter | null | undefined): Parameters<typeof matching>[1] {
  const { kinds = null, search = null } = filter ?? {};
  if ((kinds?.length ?? 0) > MAX_KINDS)
    throw callerError('BAD_USER_INPUT', `filter.kinds must have at most ${MAX_KINDS} items`, 'filter.kinds');
  if ((search?.length ?? 0) > MAX_SEARCH)
    throw callerError('BAD_USER_INPUT', `filter.search must have at most ${MAX_SEARCH} characters`, 'filter.search');
  return { kinds, search };
}

export const estateImportPlan: EstateImportPlanResolvers = {
  added: ({ differences }) => countDifferences(differences).added,
  changed: ({ differences }) => countDifferences(differences).changed,
  sitesChanged: ({ differences }) => countDifferences(differences).sitesChanged,
  differences: ({ differences }, { filter, first, after }) => {
    const size = pageSize(first);
    const behind = indexOf(after);
    const matched = matching(differences, narrowed(filter));
    const page = matched.filter(({ at }) => at > behind).slice(0, size + 1);
    const { nodes, edges, pageInfo } = pageOf(page, size, ({ at }) => encodeKey([String(at)]));
    return {
      totalCount: matched.length,
      nodes: nodes.map(({ difference }) => difference),
      edges: edges.map(({ cursor, node }) => ({ cursor, node: node.difference })),
      pageInfo,
    };
  },
};

export const estateQueries: Pick<QueryResolvers, 'estateImportPlan'> = {
  estateImportPlan: (_parent, { id }, context) => readPlan(depsOf(context), id),
};

export const estateMutations: Pick<MutationResolvers, 'planEstateImport' | 'applyEstateImport' | 'importEstate'> = {
  planEstateImport: async (_parent, { content }, context) => {
    const { plan, faults } = await planImport(depsOf(context), content);
    return { plan, userErrors: userErrorsOf(faults) };
  },
  applyEstateImport: async (_parent, { plan }, context) => payloadOf(await applyImport(depsOf(context), plan)),
  importEstate: async (_parent, { input }, context) => {
    const deps = depsOf(context);
    const { content: text, idempotencyKey } = input;
    if (idempotencyKey.length >= 1 && idempotencyKey.length <= MAX_KEY && isLine(idempotencyKey))
      return payloadOf(await importOnce(deps, { text, idempotencyKey }));
    const message = `idempotencyKey must have 1 to ${MAX_KEY} characters, well-formed and without control characters`;
    const fault = { field: 'input.idempotencyKey', code: 'INVALID' as const, message, path: null, place: null };
    return payloadOf({ faults: [fault] });
  },
};
