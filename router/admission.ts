import { type DocumentNode, GraphQLError, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type { OperationContext } from './context.ts';
import type { CostEstimate } from './cost/estimate.ts';
import type { Variables } from './engine.ts';
import { type Rates, rateLimited } from './rates.ts';

/** Leave to run, and what it is estimated to cost. */
export type Admission = { cost: number };

/**
 * Decides whether an operation may be planned and run: by what it is estimated to cost, and by what its caller has asked for
 * already. Every door's operations come by here, after their document was checked.
 */
export type Admit = (
  asked: { document: DocumentNode; operation: OperationDefinitionNode; variables: Variables },
  asking: Pick<OperationContext, 'countedAs'>,
) => Promise<Admission | GraphQLError>;

/** Names of the fields that are selected at the root, fragments followed. */
function rootFields(document: DocumentNode, operation: OperationDefinitionNode): string[] {
  const found: string[] = [];
  const visited = new Set<string>();
  const look = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === 'Field') found.push(selection.name.value);
      else if (selection.kind === 'InlineFragment') look(selection.selectionSet);
      else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = document.definitions.find(
          (node) => node.kind === 'FragmentDefinition' && node.name.value === selection.name.value,
        );
        if (fragment?.kind === 'FragmentDefinition') look(fragment.selectionSet);
      }
    }
  };
  look(operation.selectionSet);
  return found;
}

/** @param maxCost 0: any */
export function createAdmit(options: {
  estimate: CostEstimate;
  maxCost: number;
  rates: Rates;
  /** Whether any root field has a rate of its own. */
  hasFieldRates: boolean;
  onCost?: (cost: number) => void;
}): Admit {
  const { estimate, maxCost, rates, hasFieldRates, onCost } = options;
  return async ({ document, operation, variables }, { countedAs }) => {
    const cost = estimate(document, operation, variables);
    onCost?.(cost);
    if (maxCost > 0 && cost > maxCost) {
      return new GraphQLError(
        `The operation is estimated to cost ${cost}; at most ${maxCost} are allowed. Ask for less: smaller pages, fewer nested lists`,
        { extensions: { code: 'COST_LIMIT_EXCEEDED', limit: maxCost, actual: cost, http: { status: 400 } } },
      );
    }
    const refused =
      (await rates.take(countedAs, 'cost', cost)) ??
      (hasFieldRates ? await rates.takeFields(countedAs, rootFields(document, operation)) : null);
    return refused === null ? { cost } : rateLimited(refused);
  };
}
