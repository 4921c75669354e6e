import type { Logger } from '@wheelhouse/kit/logger.ts';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, OperationTypeNode } from 'graphql';
import type { OperationContext } from '../context.ts';
import { internalFault, withoutHttp } from '../faults.ts';
import type { RouterMetrics } from '../metrics.ts';
import type { PersistedOperations } from '../persisted.ts';
import type { PreparedOperation } from '../pipeline.ts';
import type { Serving } from '../serving.ts';
import type { Subscriber } from '../subscriptions/subscriber.ts';
import type { Door, OperationStage, Tracing } from '../tracing/stage.ts';

/** An operation as a client sends it. */
export type AskedOperation = {
  query: string;
  operationName: string | null;
  variables: Record<string, unknown> | null;
  /** Of the protocols that clients and servers agree on, such as persisted queries. */
  extensions: unknown;
};

/** An operation that has passed all checks, and the supergraph that it will run on. */
export type AdmittedOperation = {
  asked: AskedOperation;
  prepared: PreparedOperation;
  serving: Serving;
  /** null where nothing is traced. */
  stage: OperationStage | null;
};

/** The road of operations that come through the doors for streams; it never throws. */
export type OperationRoad = {
  /** @param headers those of the caller that are passed on @param countedAs who pays for a text that is new */
  admit: (
    asked: AskedOperation,
    door: Door,
    headers: Readonly<Record<string, string>>,
    countedAs: string,
  ) => AdmittedOperation | GraphQLError[];
  /** @param caller its stage is the admitted operation's */
  perform: (admitted: AdmittedOperation, caller: OperationContext) => Promise<Subscriber | ExecutionResult>;
};

export function createOperationRoad(options: {
  serving: () => Serving;
  persisted: PersistedOperations;
  metrics: RouterMetrics;
  tracing: Tracing | null;
  logger: Logger;
}): OperationRoad {
  const { metrics, persisted, tracing, logger } = options;
  const failed = (err: unknown): GraphQLError => {
    logger.error({ err }, 'an operation failed inside the router');
    return internalFault();
  };
  const refused = (errors: GraphQLError[], stage: OperationStage | null): GraphQLError[] => {
    stage?.endOperation({ type: 'unknown', name: null, outcome: 'refused' });
    metrics.operation('unknown', 'refused', 0);
    return errors.map(withoutHttp);
  };

  const admit: OperationRoad['admit'] = (received, door, headers, countedAs) => {
    const serving = options.serving();
    const stage = tracing?.operation(door, headers) ?? null;
    try {
      const query = persisted.resolve(received.query, received.extensions);
      if (query instanceof GraphQLError) return refused([query], stage);
      const asked = { ...received, query };
      const prepared = serving.pipeline.prepare(asked.query, asked.operationName, stage, countedAs);
      return Array.isArray(prepared) ? refused(prepared, stage) : { asked, prepared, serving, stage };
    } catch (err) {
      return refused([failed(err)], stage);
    }
  };

  const execute = async ({ asked, serving }: AdmittedOperation, caller: OperationContext): Promise<ExecutionResult> => {
    const { query, operationName, variables } = asked;
    const { body } = await serving.apollo.executeOperation(
      { query, ...(operationName !== null && { operationName }), ...(variables !== null && { variables }) },
      {
        contextValue: { ...caller, signal: caller.signal, stage: caller.stage ?? null, isPrepared: true },
      },
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
          ? await serving.subscribe(prepared, asked.operationName, asked.variables ?? {}, caller)
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
