import { GraphQLError } from 'graphql';
import { z } from 'zod';

const errorShape = z.object({
  message: z.string().catch(''),
  path: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .catch(undefined),
  extensions: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const responseShape = z
  .object({
    data: z.record(z.string(), z.unknown()).nullish(),
    errors: z.array(errorShape).nullish(),
  })
  .refine((body) => body.data !== undefined || body.errors != null);

export type SubgraphError = z.infer<typeof errorShape>;

/** What a subgraph answered, or the router's own error in its place. */
export type SubgraphResponse = {
  data?: Record<string, unknown> | null | undefined;
  errors?: SubgraphError[] | undefined;
};

/** An error that a subgraph reported, as clients get it: without the traces that some servers add. */
export function downstreamError(
  serviceName: string,
  error: SubgraphError,
  path?: readonly (string | number)[] | undefined,
): GraphQLError {
  const { stacktrace: _s, exception: _e, ...extensions } = error.extensions ?? {};
  return new GraphQLError(error.message || `The service "${serviceName}" reported an error`, {
    path,
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...extensions, serviceName },
  });
}

/** A value as the result of a GraphQL operation, or null when it isn't one. */
export function parseSubgraphResult(value: unknown): SubgraphResponse | null {
  const parsed = responseShape.safeParse(value);
  if (!parsed.success) return null;
  const { data, errors } = parsed.data;
  return errors == null || errors.length === 0 ? { data } : { data, errors };
}

/** The body of an HTTP answer as the result of a GraphQL operation, or null when it isn't one. */
export function parseSubgraphBody(text: string): SubgraphResponse | null {
  try {
    return parseSubgraphResult(JSON.parse(text));
  } catch {
    return null;
  }
}
