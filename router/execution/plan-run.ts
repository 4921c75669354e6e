import type { ResponsePath } from '@apollo/query-planner';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import type { Disguise } from '../response-names.ts';
import { type SubgraphRequest, subgraphFailure } from '../subgraphs/data-source.ts';
import { downstreamError, type SubgraphError, type SubgraphResponse } from '../subgraphs/subgraph-response.ts';
import type { BoundFetch, Step } from './bound-plan.ts';
import type { Conditions } from './collect.ts';
import { type ConcretePath, representationOf, visitEntities } from './entities.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { mergeInto } from './merge.ts';
import { applyRewrites, renamePath } from './rewrites.ts';

export type FetchSubgraph = (serviceName: string, request: SubgraphRequest) => Promise<SubgraphResponse>;

export type PlanRunOptions = {
  /** The whole schema, with what clients may not see. */
  supergraphSchema: GraphQLSchema;
  /** Names that are part of some key. */
  keyNames: ReadonlySet<string>;
  fetchSubgraph: FetchSubgraph;
  /** The client's variables. */
  variables: Record<string, unknown>;
  conditions: Conditions;
};

/** One answer under construction: what the services brought for it so far, and what went wrong. */
export class PartialAnswer {
  /** Under the planner's names; nothing in it is hidden yet. */
  readonly root: JsonObject = {};
  readonly errors: GraphQLError[] = [];
  /** Where a null is explained by one of the errors. */
  readonly #explained: ConcretePath[] = [];

  record(serviceName: string, error: SubgraphError, path: ConcretePath | undefined, covers: ConcretePath[]): void {
    this.#explained.push(...covers);
    this.errors.push(downstreamError(serviceName, error, path));
  }

  explain(covers: ConcretePath[]): void {
    this.#explained.push(...covers);
  }

  /**
   * Whether some error stands at the path, above or below it.
   *
   * @param path under the client's names
   */
  explains(path: readonly (string | number)[], disguised: Disguise): boolean {
    const askedName = (element: string | number | undefined): string | number | undefined =>
      typeof element === 'string' ? (disguised.get(element) ?? element) : element;
    return this.#explained.some((cover) => {
      const length = Math.min(cover.length, path.length);
      for (let index = 0; index < length; index += 1) if (askedName(cover[index]) !== path[index]) return false;
      return true;
    });
  }
}

type Owner = { answer: PartialAnswer; entity: JsonObject };

/**
 * One run of a plan, for one answer or for several at once: events of one subscription, whose entities are asked for together.
 * Nothing it does throws for what a service did.
 */
export class PlanRun {
  readonly answers: readonly PartialAnswer[];
  /** Of all long answers of services so far. */
  longCharacters = 0;
  readonly #options: PlanRunOptions;

  constructor(options: PlanRunOptions, count = 1) {
    this.#options = options;
    this.answers = Array.from({ length: count }, () => new PartialAnswer());
  }

  /** Runs a step and all in it. */
  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'fetch':
        if (step.fetch.node.requires !== undefined) return this.#fetchEntities(step.fetch, step.path);
        await Promise.all(this.answers.map((answer) => this.#fetchFields(answer, step.fetch, step.path)));
        return;
      case 'sequence':
        for (const inner of step.steps) await this.run(inner);
        return;
      case 'parallel':
        await Promise.all(step.steps.map((inner) => this.run(inner)));
        return;
      case 'condition': {
        const chosen = this.#options.conditions.get(step.variable) === true ? step.whenTrue : step.whenFalse;
        if (chosen !== null) await this.run(chosen);
      }
    }
  }

  /** Takes a response as that of a fetch of fields: an answer to a query, or the event of a subscription. */
  take(answer: PartialAnswer, fetch: BoundFetch, response: SubgraphResponse, path: ResponsePath = []): void {
    const { data, errors, characters = 0 } = response;
    this.longCharacters += characters;
    if (errors !== undefined) recordFields(answer, fetch, path, errors, data == null);
    if (data == null) return;
    const { supergraphSchema } = this.#options;
    applyRewrites(supergraphSchema, fetch.node.outputRewrites ?? [], data);
    if (path.length === 0) mergeInto(supergraphSchema, answer.root, data);
    else visitEntities(answer.root, path, (entity) => mergeInto(supergraphSchema, entity, data));
  }

  #variablesOf({ node }: BoundFetch): Record<string, unknown> {
    const { variables } = this.#options;
    const used: Record<string, unknown> = {};
    for (const name of node.variableUsages ?? []) {
      if (Object.hasOwn(variables, name) && variables[name] !== undefined) used[name] = variables[name];
    }
    return used;
  }

  #send({ node }: BoundFetch, variables: Record<string, unknown>): Promise<SubgraphResponse> {
    return this.#options.fetchSubgraph(node.serviceName, {
      kind: node.operationKind === 'mutation' ? 'mutation' : 'query',
      query: node.operation,
      operationName: node.operationName,
      variables,
    });
  }

  async #fetchFields(answer: PartialAnswer, fetch: BoundFetch, path: ResponsePath): Promise<void> {
    if (path.length > 0) {
      let isAnywhere = false;
      visitEntities(answer.root, path, () => {
        isAnywhere = true;
      });
      if (!isAnywhere) return;
    }
    this.take(answer, fetch, await this.#send(fetch, this.#variablesOf(fetch)), path);
  }

  async #fetchEntities(fetch: BoundFetch, path: ResponsePath): Promise<void> {
    const { requires = [], inputRewrites, outputRewrites = [] } = fetch.node;
    const { supergraphSchema, keyNames } = this.#options;
    const representations: JsonObject[] = [];
    const owners: Owner[] = [];
    for (const answer of this.answers) {
      const source = { schema: supergraphSchema, keyNames, isWhole: answer.errors.length === 0 };
      visitEntities(answer.root, path, (entity) => {
        const representation = representationOf(source, entity, requires, inputRewrites);
        if (representation === null) return;
        representations.push(representation);
        owners.push({ answer, entity });
      });
    }
    if (owners.length === 0) return;
    const response = await this.#send(fetch, { ...this.#variablesOf(fetch), representations });
    this.longCharacters += response.characters ?? 0;
    const { data, errors } = withEntities(fetch, response, owners.length);
    if (errors !== undefined) recordEntities(fetch, path, owners, errors, data);
    for (const [index, received] of (data ?? []).entries()) {
      const entity = owners[index]?.entity;
      if (entity === undefined || !isJsonObject(received)) continue;
      // Rewrites look at the type, which a service need not repeat.
      received.__typename ??= entity.__typename;
      applyRewrites(supergraphSchema, outputRewrites, received);
      mergeInto(supergraphSchema, entity, received);
    }
  }
}

/** The entities of a response, as many as were asked for, or an error in their place. */
function withEntities(
  { node }: BoundFetch,
  { data, errors }: SubgraphResponse,
  count: number,
): { data: unknown[] | null; errors: SubgraphError[] | undefined } {
  const entities = data?._entities;
  if (Array.isArray(entities) && entities.length === count) return { data: entities, errors };
  // A null list comes with the error that made it null.
  if (entities == null && errors !== undefined) return { data: null, errors };
  return {
    data: null,
    errors: [...(errors ?? []), subgraphFailure(node.serviceName, 'invalid', ': entities are missing')],
  };
}

/** @param isLost whether nothing came: a null that bubbled to the root of the fetch took its other fields along */
function recordFields(
  answer: PartialAnswer,
  { node, rootNames }: BoundFetch,
  path: ResponsePath,
  errors: readonly SubgraphError[],
  isLost: boolean,
): void {
  let prefix: ConcretePath | null = null;
  visitEntities(answer.root, path, (_entity, place) => {
    prefix ??= [...place];
  });
  const at = (prefix ?? []) as ConcretePath;
  const roots = rootNames.map((name) => [...at, name]);
  if (isLost) answer.explain(roots);
  for (const error of errors) {
    const covers = error.path ? [[...at, ...renamePath(node.outputRewrites ?? [], error.path)]] : roots;
    answer.record(node.serviceName, error, covers.length === 1 ? covers[0] : undefined, covers);
  }
}

/**
 * @param owners the objects that the fetch was for, in the order of its representations
 * @param received what came for each; null when nothing came
 */
function recordEntities(
  { node }: BoundFetch,
  planPath: ResponsePath,
  owners: readonly Owner[],
  errors: readonly SubgraphError[],
  received: readonly unknown[] | null,
): void {
  const places = new Map<JsonObject, ConcretePath>();
  for (const answer of new Set(owners.map((owner) => owner.answer))) {
    visitEntities(answer.root, planPath, (entity, place) => places.set(entity, [...place]));
  }
  const placeOf = ({ entity }: Owner): ConcretePath => places.get(entity) ?? [];
  const ofAnswers = Map.groupBy(owners, ({ answer }) => answer);
  if (received === null) for (const [answer, own] of ofAnswers) answer.explain(own.map(placeOf));
  const list = planPath.indexOf('@');
  const shared = list === -1 ? planPath : planPath.slice(0, list);
  for (const error of errors) {
    // A subgraph's path is `_entities`, the index of the representation, and then the path in the entity.
    const [, index, ...rest] = error.path ?? [];
    const owner = typeof index === 'number' ? owners[index] : undefined;
    if (owner !== undefined) {
      const path = [...placeOf(owner), ...renamePath(node.outputRewrites ?? [], rest)];
      // A null that bubbled to the entity took its other fields along.
      const isLost = typeof index === 'number' && received?.[index] === null;
      owner.answer.record(node.serviceName, error, path, [isLost ? placeOf(owner) : path]);
      continue;
    }
    for (const [answer, own] of ofAnswers) {
      const covers = own.map(placeOf);
      answer.record(node.serviceName, error, covers.length === 1 ? covers[0] : shared, covers);
    }
  }
}
