import { type Schema, Supergraph } from '@apollo/federation-internals';
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { type Rules, readRules } from './access/rules.ts';
import { type Application, applications, type Feature, linkedFeatures, refusals, stringArgument } from './refusals.ts';
import { type PlannerNames, plannerNames } from './response-names.ts';

/** Raised when a supergraph can't be served; `message` says why, one reason a line, with the coordinate where there is one. */
export class SupergraphRefusedError extends Error {
  readonly code = 'SUPERGRAPH_REFUSED';
}

export type Subgraph = { name: string; url: URL };

export type LoadedSupergraph = {
  sdl: string;
  document: DocumentNode;
  supergraph: Supergraph;
  apiSchema: Schema;
  /** What clients see. */
  schema: GraphQLSchema;
  /** Everything, inaccessible elements too: what subgraphs see. */
  supergraphSchema: GraphQLSchema;
  subgraphs: Subgraph[];
  /** Labels of progressive @override: label -> the percentage of requests that follow the override. */
  overridePercent: ReadonlyMap<string, number>;
  plannerNames: PlannerNames;
  /** What fields ask of their callers. */
  rules: Rules;
};

/** Features that may be marked as required (`for: EXECUTION` or `SECURITY`) and that planner and executor carry. */
const SUPPORTED_FEATURES = new Set([
  'https://specs.apollo.dev/core/v0.2',
  'https://specs.apollo.dev/join/v0.2',
  'https://specs.apollo.dev/join/v0.3',
  'https://specs.apollo.dev/join/v0.4',
  'https://specs.apollo.dev/join/v0.5',
  'https://specs.apollo.dev/tag/v0.1',
  'https://specs.apollo.dev/tag/v0.2',
  'https://specs.apollo.dev/tag/v0.3',
  'https://specs.apollo.dev/inaccessible/v0.1',
  'https://specs.apollo.dev/inaccessible/v0.2',
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
]);

/** The service that says who asks. */
export const ACCOUNTS = 'accounts';

const PERCENT_LABEL = /^percent\((?<percent>\d{1,3}(\.\d+)?)\)$/;

function refuse(reasons: string[], cause?: unknown): never {
  throw new SupergraphRefusedError(`The supergraph is refused:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`, {
    cause,
  });
}

function parseSdl(sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (err) {
    if (!(err instanceof GraphQLError)) throw err;
    const [at] = err.locations ?? [];
    return refuse([`it is not GraphQL: ${err.message}${at ? ` (line ${at.line}, column ${at.column})` : ''}`], err);
  }
}

function requireFederation2(features: Feature[]): void {
  const join = features.find(({ name }) => name === 'join');
  if (join === undefined) {
    refuse([
      'it is not a Federation 2 supergraph: it does not link https://specs.apollo.dev/join. Give the composed supergraph, not the schema of a subgraph or of the API',
    ]);
  }
  if (join.version === '0.1') {
    refuse([`it is a Federation 1 supergraph (${join.url}); compose it again with Federation 2`]);
  }
}

function readOverrideLabels(all: Application[]): Map<string, number> {
  const percentOf = new Map<string, number>();
  const reasons: string[] = [];
  for (const { directive, coordinate } of all) {
    const label = stringArgument(directive, 'overrideLabel');
    if (label === null) continue;
    const percent = Number(PERCENT_LABEL.exec(label)?.groups?.percent ?? Number.NaN);
    if (percent <= 100) percentOf.set(label, percent);
    else
      reasons.push(
        `@override(label: "${label}") at ${coordinate}: only labels of the form percent(0..100) are decided here`,
      );
  }
  if (reasons.length > 0) refuse(reasons);
  return percentOf;
}

function readSubgraphs(supergraph: Supergraph, overrides: Record<string, string>): Subgraph[] {
  const known = supergraph.subgraphsMetadata();
  const unknown = Object.keys(overrides).filter((name) => !known.some((subgraph) => subgraph.name === name));
  const reasons = unknown.map((name) => {
    return `an address is given for the subgraph "${name}", which is not in it (it has ${known.map((s) => s.name).join(', ')})`;
  });
  const subgraphs = known.flatMap(({ name, url: written }) => {
    const url = overrides[name] ?? written;
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return { name, url: new URL(url) };
    const what = url === '' ? 'has no address' : `has the address "${url}", which is not an http(s) URL`;
    reasons.push(`the subgraph "${name}" ${what}: give one with --subgraph ${name}=http://host:port/graphql`);
    return [];
  });
  if (reasons.length > 0) refuse(reasons);
  return subgraphs;
}

/** Whether a supergraph has a subgraph of this name (join spec: `enum join__Graph { X @join__graph(name:) }`). */
const hasGraph = (all: readonly Application[], name: string): boolean =>
  all.some(({ directive }) => directive.name.value === 'join__graph' && stringArgument(directive, 'name') === name);

/**
 * Reads a composed supergraph and checks that it can be served as its author means it.
 *
 * @param subgraphUrls addresses by subgraph name, in place of those in the file
 * @throws SupergraphRefusedError
 */
export function loadSupergraph(sdl: string, subgraphUrls: Record<string, string> = {}): LoadedSupergraph {
  const document = parseSdl(sdl);
  const features = linkedFeatures(document);
  requireFederation2(features);
  const all = applications(document);
  const reasons = refusals(features, all, hasGraph(all, ACCOUNTS));
  if (reasons.length > 0) refuse(reasons);
  const overridePercent = readOverrideLabels(all);
  try {
    const supergraph = Supergraph.build(sdl, { supportedFeatures: SUPPORTED_FEATURES });
    const apiSchema = supergraph.apiSchema();
    return {
      sdl,
      document,
      supergraph,
      apiSchema,
      schema: apiSchema.toGraphQLJSSchema(),
      supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
      subgraphs: readSubgraphs(supergraph, subgraphUrls),
      overridePercent,
      plannerNames: plannerNames(all),
      rules: readRules(features, all),
    };
  } catch (err) {
    if (err instanceof SupergraphRefusedError || !(err instanceof Error)) throw err;
    return refuse(err.message.split('\n'), err);
  }
}
