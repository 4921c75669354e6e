import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import type { OperationDefinitionNode } from 'graphql';
import type { OperationContext } from './context.ts';
import type { Engine } from './engine.ts';
import { planningFault, subscriptionOverHttp, unknownOperation } from './faults.ts';

/** The engine as Apollo Server's gateway: queries and mutations run on it. */
export function apolloGateway(
  engine: Engine,
  onExecuted: (seconds: number) => void,
): ApolloServerOptionsWithGateway<OperationContext>['gateway'] {
  return {
    load: async () => ({
      executor: async ({ request, document, queryHash, operation, context }) => {
        // Apollo Server leaves it to the executor to say that no operation has the name; its types say otherwise.
        const found: OperationDefinitionNode | undefined = operation;
        if (found === undefined) return { errors: [unknownOperation(request.operationName)] };
        if (found.operation === 'subscription') return { errors: [subscriptionOverHttp()] };
        try {
          const plan = engine.plan({ document, queryHash, operationName: request.operationName }, context.stage);
          const variables = request.variables ?? {};
          const faults = engine.checkVariables(plan, variables);
          if (faults.length > 0) return { errors: faults };
          const startedAtMs = performance.now();
          const stage = context.stage?.begin('router.execute') ?? null;
          const { headers, signal, asserted = null } = context;
          const result = await engine.run(plan, variables, { headers, signal, asserted, stage });
          stage?.end(result.errors === undefined ? 'ok' : 'errors');
          onExecuted((performance.now() - startedAtMs) / 1_000);
          return result;
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
