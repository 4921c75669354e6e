import type { IncomingMessage } from 'node:http';
import { BODY_LIMIT_BYTES } from '@wheelhouse/kit/graphql-http.ts';
import { readBody } from '@wheelhouse/kit/http.ts';
import { z } from 'zod';
import type { AskedOperation } from './operation.ts';

const JSON_TYPES: readonly string[] = ['application/json', 'application/graphql-response+json'];

/** How much a media type of an Accept header is wanted, 0 to 1. RFC 9110 §12.4.2: 1 where nothing is said. */
const weightOf = (parameters: readonly string[]): number => {
  const given = parameters.map((parameter) => /^\s*q=(\d(?:\.\d{0,3})?)\s*$/i.exec(parameter)?.[1]);
  return Number(given.find((weight) => weight !== undefined) ?? 1);
};

/**
 * Whether a client would rather have server-sent events than JSON: by weight, and by order where the weights are the same. Some
 * clients name both, JSON first, with every query.
 */
export function isEventStreamRequest({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  let best = 0;
  let isEventStream = false;
  for (const range of (headers.accept ?? '').split(',')) {
    const [type = '', ...parameters] = range.split(';');
    const name = type.trim().toLowerCase();
    if (name !== 'text/event-stream' && !JSON_TYPES.includes(name)) continue;
    const weight = weightOf(parameters);
    if (weight <= best) continue;
    best = weight;
    isEventStream = name === 'text/event-stream';
  }
  return isEventStream;
}

/** What is wrong with a request, and the status that says so. */
export class RequestFaultError extends Error {
  readonly status: number;
  readonly code = 'BAD_REQUEST';
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const askedShape = z.object(
  {
    query: z.string({ error: 'query must be text' }).optional(),
    operationName: z.string({ error: 'operationName must be text' }).nullish(),
    variables: z.record(z.string(), z.unknown(), { error: 'variables must be an object' }).nullish(),
    extensions: z.record(z.string(), z.unknown(), { error: 'extensions must be an object' }).nullish(),
  },
  { error: 'The request body must be an object with a query' },
);

const parseJson = (text: string, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestFaultError(400, `${what} is not valid JSON`);
  }
};

/** The operation that a request asks for. @throws RequestFaultError, BodyTooLargeError */
export async function readOperation(request: IncomingMessage): Promise<AskedOperation> {
  const read = async (): Promise<unknown> => {
    if (request.method === 'GET') {
      const given = new URLSearchParams((request.url ?? '').split('?').slice(1).join('?'));
      const variables = given.get('variables');
      const extensions = given.get('extensions');
      return {
        query: given.get('query') ?? undefined,
        operationName: given.get('operationName'),
        variables: variables === null ? null : parseJson(variables, 'variables'),
        extensions: extensions === null ? null : parseJson(extensions, 'extensions'),
      };
    }
    if (request.method !== 'POST') throw new RequestFaultError(405, 'This door takes GET and POST');
    // A page of another site may send anything else without asking first.
    if (!/^application\/(\S+\+)?json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      throw new RequestFaultError(415, 'The content-type must be application/json');
    }
    return parseJson(await readBody(request, BODY_LIMIT_BYTES), 'The request body');
  };
  const parsed = askedShape.safeParse(await read());
  if (!parsed.success) throw new RequestFaultError(400, parsed.error.issues[0]?.message ?? '');
  const { query, operationName = null, variables = null, extensions = null } = parsed.data;
  // A text may be named by its hash alone.
  if (query === undefined && extensions?.persistedQuery === undefined) {
    throw new RequestFaultError(400, 'query must be text, unless extensions.persistedQuery stands for it');
  }
  return { query: query ?? '', operationName, variables, extensions };
}
