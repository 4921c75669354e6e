import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, OperationTypeNode } from 'graphql';
import type { RouterContext } from '../context.ts';
import { internalFault, withoutHttp } from '../faults.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { PreparedOperation } from '../pipeline.ts';
import type { Serving } from '../serving.ts';
import type { Subscriber } from '../subscriptions/subscriber.ts';

/** An operation as a client sends it. */
export type AskedOperation = {
  query: string;
  operationName: string | null;
  variables: Record<string, unknown> | null;
};

/** An operation that has passed all checks, and the supergraph that it will run on. */
export type AdmittedOperation = { asked: AskedOperation; prepared: PreparedOperation; serving: Serving };

/** The road of operations that come through the doors for streams; it never throws. */
export type OperationRoad = {
  admit: (asked: AskedOperation) => AdmittedOperation | GraphQLError[];
  perform: (admitted: AdmittedOperation, caller: RouterContext) => Promise<Subscriber | ExecutionResult>;
};

export function createOperationRoad(options: {
  serving: () => Serving;
  metrics: RouterMetrics;
  logger: Logger;
}): OperationRoad {
  const { metrics, logger } = options;
  const failed = (err: unknown): GraphQLError => {
    logger.error({ err }, 'an operation failed inside the router');
    return internalFault();
  };
  const refused = (errors: GraphQLError[]): GraphQLError[] => {
    metrics.operation('unknown', 'refused', 0);
    return errors.map(withoutHttp);
  };

  const admit: OperationRoad['admit'] = (asked) => {
    const serving = options.serving();
    try {
      const prepared = serving.pipeline.prepare(asked.query, asked.operationName);
      return Array.isArray(prepared) ? refused(prepared) : { asked, prepared, serving };
    } catch (err) {
      return refused([failed(err)]);
    }
  };

  const execute = async ({ asked, serving }: AdmittedOperation, caller: RouterContext): Promise<ExecutionResult> => {
    const { query, operationName, variables } = asked;
    const { body } = await serving.apollo.executeOperation(
      { query, ...(operationName !== null && { operationName }), ...(variables !== null && { variables }) },
      { contextValue: caller },
    );
    if (body.kind !== 'single') throw new Error('incremental delivery is off');
    const { errors, ...result } = body.singleResult;
    return { ...result, ...(errors && { errors: errors.map(asGraphQLError) }) };
  };

  return {
    admit,
    perform: async (admitted, caller) => {
      const { asked, prepared, serving } = admitted;
      try {
        return prepared.operation.operation === OperationTypeNode.SUBSCRIPTION
          ? serving.subscribe(prepared, asked.operationName, asked.variables ?? {}, caller)
          : await execute(admitted, caller);
      } catch (err) {
        return { errors: [failed(err)] };
      }
    },
  };
}

/** Doors for streams want instances of GraphQLError; Apollo Server has made JSON of them. */
const asGraphQLError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { path, extensions });
