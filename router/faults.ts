import { GraphQLError, type GraphQLErrorOptions } from 'graphql';

/** A fault of the request: Apollo Server takes the HTTP status from the extensions and does not show it. */
export function requestFault(
  message: string,
  code: string,
  options: Pick<GraphQLErrorOptions, 'nodes'> = {},
): GraphQLError {
  return new GraphQLError(message, { ...options, extensions: { code, http: { status: 400 } } });
}

export function unknownOperation(operationName: string | null | undefined): GraphQLError {
  const message =
    operationName == null
      ? 'The document has no operation, or several: then operationName must say which'
      : `The document has no operation named "${operationName}"`;
  return requestFault(message, 'OPERATION_RESOLUTION_FAILURE');
}

export const subscriptionOverHttp = (): GraphQLError =>
  requestFault(
    'Subscriptions are served on this same path over websockets (graphql-transport-ws), or as text/event-stream to who accepts that',
    'SUBSCRIPTION_OVER_HTTP',
  );

/** @param by how hard to plan it is, where that was found out before */
export function planningLimitExceeded(by?: { limit: number; actual: number }): GraphQLError {
  const much = by === undefined ? '' : ` (its weight is ${by.actual}, at most ${by.limit} is allowed)`;
  return new GraphQLError(
    `The operation is too hard to plan: it selects too many things of several services, or too many within each other${much}. Ask in several steps`,
    { extensions: { code: 'PLANNING_LIMIT_EXCEEDED', ...by, http: { status: 400 } } },
  );
}

/** What the planner threw, as the error that a client gets. */
export function planningFault(thrown: unknown): GraphQLError {
  if (thrown instanceof GraphQLError && thrown.extensions.code === 'PLANNING_LIMIT_EXCEEDED') return thrown;
  const message = thrown instanceof GraphQLError ? thrown.message : 'The operation can not be planned';
  return requestFault(message, 'QUERY_PLANNING_FAILED');
}

/** Something failed in the router itself; the log has the cause. */
export const internalFault = (): GraphQLError =>
  new GraphQLError('Internal error of the router', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });

/** The same error without the HTTP status, for doors that have none. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  const { http: _, ...extensions } = error.extensions;
  const { nodes, source, positions } = error;
  return new GraphQLError(error.message, {
    extensions,
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
  });
}
