import { GraphQLError } from 'graphql';
import { isJsonObject } from '../execution/json.ts';

/** Longer answers take milliseconds to read, and as long again to be made one answer and to be sent. */
const LONG_CHARACTERS = 64 * 1024;

export type SubgraphError = {
  message: string;
  path?: (string | number)[] | undefined;
  extensions?: Record<string, unknown> | undefined;
};

/** What a subgraph answered, or the router's own error in its place. */
export type SubgraphResponse = {
  data?: Record<string, unknown> | null | undefined;
  errors?: SubgraphError[] | undefined;
  /** How long its text was, where that was long. */
  characters?: number;
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

const isPath = (value: unknown): value is (string | number)[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' || Number.isFinite(item));

/** What else a service puts into an error is left out, and so is a path or an extension that can't be one. */
const errorOf = ({ message, path, extensions }: Record<string, unknown>): SubgraphError => ({
  message: typeof message === 'string' ? message : '',
  ...(isPath(path) && { path }),
  ...(isJsonObject(extensions) && { extensions }),
});

/**
 * A value as the result of a GraphQL operation, or null when it isn't one. Written by hand because every answer passes here, and a
 * schema of zod copies what it accepts.
 */
export function parseSubgraphResult(value: unknown): SubgraphResponse | null {
  if (!isJsonObject(value)) return null;
  const { data, errors } = value;
  if (data !== undefined && data !== null && !isJsonObject(data)) return null;
  if (errors === undefined || errors === null) return data === undefined ? null : { data };
  if (!Array.isArray(errors) || !errors.every(isJsonObject)) return null;
  return errors.length === 0 ? { data } : { data, errors: errors.map(errorOf) };
}

/** The body of an HTTP answer as the result of a GraphQL operation, or null when it isn't one. */
export function parseSubgraphBody(text: string): SubgraphResponse | null {
  try {
    const response = parseSubgraphResult(JSON.parse(text));
    if (response !== null && text.length > LONG_CHARACTERS) response.characters = text.length;
    return response;
  } catch {
    return null;
  }
}
