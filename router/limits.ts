import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import type { OperationLimits } from './config.ts';
import { withoutValue } from './quotations.ts';

/** What an operation measures when its fragments are written out. */
export type Measure = { depth: number; aliases: number; rootFields: number };

/** Fragments that double at each level reach any number; no limit is near this one. */
const MOST_COUNTED = 1_000_000;

const limitError = (code: string, what: string, limit: number, actual: number | string): GraphQLError =>
  new GraphQLError(`The operation has ${actual} ${what}; at most ${limit} are allowed`, {
    extensions: { code, limit, actual, http: { status: 400 } },
  });

/**
 * The document, or what is wrong with its text. Nesting that overflows the parser's stack (some 4,000 levels) counts as too
 * deep; a document of more than `maxTokens` tokens is given up there, so its size is only known to be larger.
 */
export function parseWithin(source: string, limits: OperationLimits): DocumentNode | GraphQLError {
  try {
    return parse(source, { maxTokens: limits.maxTokens });
  } catch (err) {
    return parseError(err, limits);
  }
}

/** What the parser threw, as the error that a client gets. */
export function parseError(thrown: unknown, limits: OperationLimits): GraphQLError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (message.includes('Parsing aborted')) {
    return limitError('TOKEN_LIMIT_EXCEEDED', 'tokens', limits.maxTokens, `more than ${limits.maxTokens}`);
  }
  if (message.includes('call stack')) return tooDeep(limits);
  if (!(thrown instanceof GraphQLError)) throw thrown;
  const { message: text, source, positions } = thrown;
  return new GraphQLError(withoutValue(text), {
    ...(source && { source }),
    ...(positions && { positions }),
    extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400 } },
  });
}

/**
 * Measures without validating: unknown fragments and fragments within themselves count as empty, since validation reports them
 * later. Each fragment is measured once, so that fragments that double at each level cost no time. Introspection does not
 * count: graphql-js has a rule of its own for it.
 */
export function measure(operation: OperationDefinitionNode, fragments: Map<string, FragmentDefinitionNode>): Measure {
  const measured = new Map<string, Measure>();
  const ofSet = (set: SelectionSetNode): Measure => {
    const total: Measure = { depth: 0, aliases: 0, rootFields: 0 };
    for (const selection of set.selections) {
      const part = ofSelection(selection);
      total.depth = Math.max(total.depth, part.depth);
      total.aliases = Math.min(total.aliases + part.aliases, MOST_COUNTED);
      total.rootFields = Math.min(total.rootFields + part.rootFields, MOST_COUNTED);
    }
    return total;
  };
  const ofFragment = (name: string): Measure => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const empty = { depth: 0, aliases: 0, rootFields: 0 };
    const fragment = fragments.get(name);
    measured.set(name, empty);
    const result = fragment === undefined ? empty : ofSet(fragment.selectionSet);
    measured.set(name, result);
    return result;
  };
  const ofSelection = (selection: SelectionSetNode['selections'][number]): Measure => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return ofFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return ofSet(selection.selectionSet);
    const aliases = selection.alias === undefined ? 0 : 1;
    if (selection.name.value.startsWith('__')) return { depth: 0, aliases, rootFields: 1 };
    const inner = selection.selectionSet === undefined ? { depth: 0, aliases: 0 } : ofSet(selection.selectionSet);
    return { depth: inner.depth + 1, aliases: aliases + inner.aliases, rootFields: 1 };
  };
  return ofSet(operation.selectionSet);
}

const tooDeep = ({ maxDepth }: OperationLimits): GraphQLError =>
  limitError('DEPTH_LIMIT_EXCEEDED', 'levels of nesting', maxDepth, `more than ${maxDepth}`);

const isStackOverflow = (thrown: unknown): boolean =>
  thrown instanceof RangeError && thrown.message.includes('call stack');

/** Every limit that an operation of the document exceeds. */
export function checkLimits(document: DocumentNode, limits: OperationLimits): GraphQLError[] {
  try {
    return exceededLimits(document, limits);
  } catch (err) {
    // Fragments can nest a document deeper than the parser's stack did.
    if (isStackOverflow(err)) return [tooDeep(limits)];
    throw err;
  }
}

function exceededLimits(document: DocumentNode, limits: OperationLimits): GraphQLError[] {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION) return [];
    const { depth, aliases, rootFields } = measure(node, fragments);
    const errors: GraphQLError[] = [];
    if (depth > limits.maxDepth) {
      errors.push(limitError('DEPTH_LIMIT_EXCEEDED', 'levels of nesting', limits.maxDepth, depth));
    }
    if (aliases > limits.maxAliases) {
      errors.push(limitError('ALIAS_LIMIT_EXCEEDED', 'aliases', limits.maxAliases, aliases));
    }
    if (rootFields > limits.maxRootFields) {
      errors.push(limitError('ROOT_FIELD_LIMIT_EXCEEDED', 'root fields', limits.maxRootFields, rootFields));
    }
    return errors;
  });
}
