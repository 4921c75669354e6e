import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { GraphQLError, type OperationDefinitionNode } from 'graphql';
import type { Access } from './access/access.ts';
import type { Admit } from './admission.ts';
import type { OperationContext } from './context.ts';
import type { Engine } from './engine.ts';
import type { Fairness } from './fairness.ts';
import { planningFault, subscriptionOverHttp, unknownOperation } from './faults.ts';
import { endOfCaller } from './introduce.ts';

/** The engine as Apollo Server's gateway: queries and mutations run on it. */
export function apolloGateway(options: {
  engine: Engine;
  /** Tells whether callers still count; null where there are no accounts. */
  access: Access | null;
  admit: Admit;
  fairness: Fairness;
  maxCost: number;
  onExecuted: (seconds: number) => void;
}): ApolloServerOptionsWithGateway<OperationContext>['gateway'] {
  const { engine, access, admit, fairness, maxCost, onExecuted } = options;
  return {
    load: async () => ({
      executor: async ({ request, document, queryHash, operation, context }) => {
        // Apollo Server leaves it to the executor to say that no operation has the name; its types say otherwise.
        const found: OperationDefinitionNode | undefined = operation;
        if (found === undefined) return { errors: [unknownOperation(request.operationName)] };
        if (found.operation === 'subscription') return { errors: [subscriptionOverHttp()] };
        try {
          const variables = request.variables ?? {};
          const admitted = await admit({ document, operation: found, variables }, { countedAs: context.countedAs });
          if (admitted instanceof GraphQLError) return { errors: [admitted] };
          const plan = engine.plan({ document, queryHash, operationName: request.operationName }, context.stage);
          const faults = engine.checkVariables(plan, variables);
          if (faults.length > 0) return { errors: faults };
          const { countedAs, headers, signal, asserted = null } = context;
          const leave = await fairness.enter(countedAs, admitted.cost, signal);
          // It may have waited for long.
          const end = endOfCaller(access, context.caller);
          if (end !== null) {
            leave();
            return { errors: [end] };
          }
          const startedAtMs = performance.now();
          const stage = context.stage?.begin('router.execute') ?? null;
          const result = await engine
            .run(plan, variables, { headers, signal, asserted, stage }, (characters) =>
              fairness.letOthers(countedAs, characters),
            )
            .finally(leave);
          stage?.end(result.errors === undefined ? 'ok' : 'errors');
          onExecuted((performance.now() - startedAtMs) / 1_000);
          if (context.showsCost !== true) return result;
          return { ...result, extensions: { cost: { estimated: admitted.cost, limit: maxCost } } };
        } catch (err) {
          return { errors: [planningFault(err)] };
        }
      },
    }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: engine.schema, coreSupergraphSdl: engine.sdl });
      return () => {};
    },
    stop: () => Promise.resolve(),
  };
}
