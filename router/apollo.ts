import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { GraphQLFormattedError } from 'graphql';
import type { Access } from './access/access.ts';
import { httpOf } from './access/faults.ts';
import type { Guard } from './access/rules.ts';
import type { Admit } from './admission.ts';
import type { OperationContext } from './context.ts';
import type { Engine } from './engine.ts';
import type { Fairness } from './fairness.ts';
import { withoutHttp } from './faults.ts';
import { apolloGateway } from './gateway.ts';
import type { RouterMetrics } from './metrics.ts';
import type { PersistedOperations } from './persisted.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * Refuses what the pipeline refuses, and counts every operation that Apollo Server answers, whichever door it came through. One
 * plugin for both: Apollo Server waits for each hook of each plugin in turn.
 */
function routerPlugin(pipeline: Pipeline, guard: Guard, metrics: RouterMetrics): ApolloServerPlugin<OperationContext> {
  return {
    async requestDidStart({ request, contextValue }) {
      const startedAt = performance.now();
      const done = contextValue.isPrepared === true ? null : pipeline.watch(contextValue.stage);
      let executed = false;
      return {
        async didEncounterErrors({ source, document }) {
          if (done !== null && document === undefined) pipeline.spoiled(source ?? '', contextValue.countedAs);
          done?.(false, 'refused');
        },
        // Apollo Server's own validation can't be preceded by anything that answers with several errors; this hook can.
        async responseForOperation({ document, operation, queryHash, source, response }) {
          const isKept = pipeline.keeps(document, queryHash ?? '');
          const errors = pipeline.faultsOf(document, queryHash ?? '', source ?? '', contextValue.countedAs);
          executed = errors.length === 0;
          done?.(isKept, executed ? 'ok' : 'refused');
          const refuse = (status: number, refusal: readonly GraphQLFormattedError[]) => {
            executed = false;
            response.http.status = status;
            return { http: response.http, body: { kind: 'single' as const, singleResult: { errors: refusal } } };
          };
          if (!executed) return refuse(400, errors);
          // An operation that the document does not have is the executor's to refuse; the types say that there is one.
          const found: typeof operation | undefined = operation;
          const [first, ...others] = found ? guard(document, found, contextValue.caller ?? null) : [];
          if (first === undefined) return null;
          const { status, headers } = httpOf(first);
          for (const [name, value] of headers) response.http.headers.set(name, value);
          return refuse(
            status,
            [first, ...others].map((fault) => withoutHttp(fault).toJSON()),
          );
        },
        async willSendResponse({ operation, response }) {
          const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined;
          const failed = errors !== undefined;
          const retryAfterMs = errors?.[0]?.extensions?.retryAfterMs;
          if (typeof retryAfterMs === 'number') {
            response.http.headers.set('retry-after', `${Math.ceil(retryAfterMs / 1_000)}`);
          }
          const outcome = failed ? (executed ? 'errors' : 'refused') : 'ok';
          const type = operation?.operation ?? 'unknown';
          metrics.operation(type, outcome, (performance.now() - startedAt) / 1000);
          contextValue.stage?.endOperation({ type, name: operation?.name?.value ?? request.operationName, outcome });
        },
      };
    },
  };
}

/** Apollo Server over the engine: HTTP semantics, CSRF prevention and content negotiation are its part. */
export async function startApollo(options: {
  engine: Engine;
  pipeline: Pipeline;
  guard: Guard;
  metrics: RouterMetrics;
  access: Access | null;
  admit: Admit;
  fairness: Fairness;
  maxCost: number;
  persisted: PersistedOperations;
  logger: Logger;
}): Promise<ApolloServer<OperationContext>> {
  const { pipeline, guard, metrics, persisted, logger } = options;
  const apollo = new ApolloServer<OperationContext>({
    gateway: apolloGateway({ ...options, onExecuted: metrics.executed }),
    ...pipeline.serverOptions,
    // Its own rule is off with its validation; the pipeline decides.
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: { cache: persisted.cache, ttl: null },
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: {
      debug: (message) => logger.debug(message),
      info: (message) => logger.info(message),
      warn: (message) => logger.warn(message),
      error: (message) => logger.error(message),
    },
    plugins: [
      routerPlugin(pipeline, guard, metrics),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
    ],
  });
  await apollo.start();
  return apollo;
}
