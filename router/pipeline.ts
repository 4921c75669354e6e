import { createHash } from 'node:crypto';
import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { OperationLimits } from './config.ts';
import type { OperationContext } from './context.ts';
import { documentFaults } from './document-rules.ts';
import { planningLimitExceeded, unknownOperation, withoutHttp } from './faults.ts';
import { checkLimits, parseError, parseWithin } from './limits.ts';
import type { Stage } from './tracing/stage.ts';

/** Text of the documents kept, in characters; their parsed form takes 50 to 140 times as much memory. */
const CACHED_SOURCE_LENGTH = 512 * 1024;

/**
 * What a text costs its caller that has to be parsed and checked: some 15 ms for the longest, of 60,000 characters. Dearer than work of
 * the same time elsewhere, since nobody else gets a turn meanwhile, and since clients need few texts.
 */
const CHARACTERS_PER_UNIT = 3;
/** What is longer is given up at its 15,000th token, or is mostly one value. */
const MOST_PAID = 60_000;
/** What it costs to plan, for each unit of plan-weight.ts: some 60 ms for the heaviest, of 500. */
const UNITS_PER_WEIGHT = 300;

type CheckedDocument = { document: DocumentNode; sourceLength: number };

export type PreparedOperation = { document: DocumentNode; operation: OperationDefinitionNode; queryHash: string };

/** The road of every operation to execution, the same for the HTTP and the websocket door. */
export type Pipeline = {
  /** Parses within the limits, checks the limits, validates. @param countedAs who pays for a text that is new; left out: nobody */
  prepare: (
    source: string,
    operationName: string | null | undefined,
    stage?: Stage | null,
    countedAs?: string,
  ) => PreparedOperation | GraphQLError[];
  /** The parts of Apollo Server's options that put its HTTP door on this road. */
  serverOptions: Pick<
    ApolloServerOptionsWithGateway<OperationContext>,
    'documentStore' | 'dangerouslyDisableValidation' | 'parseOptions' | 'formatError'
  >;
  /** What is wrong with a document that Apollo Server has parsed, as clients get it; empty when it may run. */
  faultsOf: (
    document: DocumentNode,
    queryHash: string,
    source: string,
    countedAs: string,
  ) => readonly GraphQLFormattedError[];
  /** Lets a caller pay for a text that Apollo Server could not parse. */
  spoiled: (source: string, countedAs: string) => void;
  /** Whether the document was kept from before, parsed and checked. */
  keeps: (document: DocumentNode, queryHash: string) => boolean;
  /** Watches the preparation of one operation; what it returns is called at its end, where the first call counts. */
  watch: (stage: Stage | null | undefined) => (isKept: boolean, outcome: 'ok' | 'refused') => void;
  /** Documents that are kept, parsed and checked. */
  keptDocuments: () => number;
};

const hashOf = (source: string): string => createHash('sha256').update(source).digest('hex');

export type PipelineOptions = {
  schema: GraphQLSchema;
  limits: OperationLimits;
  /** How hard the hardest operation of a sound document is to plan. @default 0 */
  planWeightOf?: (document: DocumentNode) => number;
  /** 0: any */
  maxPlanWeight?: number;
  /** Told what a text cost that was not kept, to parse, to check and to plan; and who sent it. */
  onNew?: (countedAs: string, cost: number) => void;
  /** Whether the schema may be asked for. @default true */
  introspection?: boolean;
  /** Why a text may not run whatever it says; null when it may. @default every text may */
  faultOfText?: (source: string) => GraphQLError | null;
  /** Told how long the preparation of a document took, unless it was kept. */
  onPrepared?: (seconds: number) => void;
};

export function createPipeline({
  schema,
  limits,
  planWeightOf = () => 0,
  maxPlanWeight = 0,
  onNew,
  introspection = true,
  faultOfText = () => null,
  onPrepared,
}: PipelineOptions): Pipeline {
  const checked = new LRUCache<string, CheckedDocument>({
    maxSize: CACHED_SOURCE_LENGTH,
    sizeCalculation: ({ sourceLength }) => sourceLength + 1,
  });

  const watch: Pipeline['watch'] = (stage) => {
    const startedAtMs = performance.now();
    const preparing = stage?.begin('router.prepare');
    let isOver = false;
    return (isKept, outcome) => {
      if (isOver) return;
      isOver = true;
      if (!isKept) onPrepared?.((performance.now() - startedAtMs) / 1_000);
      preparing?.set({ 'router.cached': isKept });
      preparing?.end(outcome);
    };
  };

  const keeps: Pipeline['keeps'] = (document, queryHash) => checked.get(queryHash)?.document === document;

  const pay = (countedAs: string | undefined, source: string, planWeight = 0): void => {
    if (countedAs !== undefined)
      onNew?.(countedAs, Math.min(source.length, MOST_PAID) / CHARACTERS_PER_UNIT + planWeight * UNITS_PER_WEIGHT);
  };

  const check = (
    document: DocumentNode,
    queryHash: string,
    source: string,
    countedAs: string | undefined,
  ): readonly GraphQLError[] => {
    if (keeps(document, queryHash)) return [];
    const { faults, planWeight = 0 } = faultsIn(document, source);
    if (faults.length === 0) checked.set(queryHash, { document, sourceLength: source.length });
    pay(countedAs, source, planWeight);
    return faults;
  };

  // Limits come before validation, whose rule on overlapping fields takes time that grows with the square of the selections.
  const faultsIn = (
    document: DocumentNode,
    source: string,
  ): { faults: readonly GraphQLError[]; planWeight?: number } => {
    const unlisted = faultOfText(source);
    if (unlisted !== null) return { faults: [unlisted] };
    const exceeded = checkLimits(document, limits);
    if (exceeded.length > 0) return { faults: exceeded };
    const unsound = documentFaults(schema, document, introspection);
    if (unsound.length > 0) return { faults: unsound };
    const planWeight = planWeightOf(document);
    return maxPlanWeight > 0 && planWeight > maxPlanWeight
      ? { faults: [planningLimitExceeded({ limit: maxPlanWeight, actual: planWeight })] }
      : { faults: [], planWeight };
  };

  const prepareNow = (
    source: string,
    operationName: string | null | undefined,
    queryHash: string,
    kept: DocumentNode | undefined,
    countedAs: string | undefined,
  ): PreparedOperation | GraphQLError[] => {
    const document = kept ?? parseWithin(source, limits);
    if (document instanceof GraphQLError) {
      pay(countedAs, source);
      return [document];
    }
    const faults = check(document, queryHash, source, countedAs);
    if (faults.length > 0) return [...faults];
    const operation = getOperationAST(document, operationName);
    if (operation) return { document, operation, queryHash };
    return [unknownOperation(operationName)];
  };

  const prepare: Pipeline['prepare'] = (source, operationName, stage, countedAs) => {
    const done = watch(stage);
    const queryHash = hashOf(source);
    const kept = checked.get(queryHash)?.document;
    const prepared = prepareNow(source, operationName, queryHash, kept, countedAs);
    done(kept !== undefined, Array.isArray(prepared) ? 'refused' : 'ok');
    return prepared;
  };

  return {
    prepare,
    spoiled: (source, countedAs) => pay(countedAs, source),
    faultsOf: (document, queryHash, source, countedAs) =>
      check(document, queryHash, source, countedAs).map((fault) => withoutHttp(fault).toJSON()),
    keeps,
    watch,
    keptDocuments: () => checked.size,
    serverOptions: {
      dangerouslyDisableValidation: true,
      parseOptions: { maxTokens: limits.maxTokens },
      formatError: (formatted, error) => {
        if (formatted.extensions?.code !== 'GRAPHQL_PARSE_FAILED') return formatted;
        return withoutHttp(parseError(error, limits)).toJSON();
      },
      // Only what passed the check is kept, so what comes from here needs no second look. Keys end with a colon and the hash.
      documentStore: {
        get: (key) => Promise.resolve(checked.get(key.slice(key.lastIndexOf(':') + 1))?.document),
        set: () => Promise.resolve(),
        delete: () => Promise.resolve(),
      },
    },
  };
}
