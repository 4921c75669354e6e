import { BodyTooLargeError, type Handler, readBody, sendJson } from '@wheelhouse/kit/http.ts';
import type { z } from 'zod';

const BODY_LIMIT_BYTES = 16_384;

/** Raised by what carries an order out, when the order is at fault; `field` names where. */
export class OrderError extends Error {
  readonly code = 'ORDER';
  readonly field: string;
  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.field = field;
  }
}

type Fault = { error: string; field: string | null };

/** The order in a request's body, or what is wrong with it, naming the field. */
function parseOrder<S extends z.ZodType>(schema: S, text: string): { order: z.output<S> } | Fault {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (err) {
    return { error: `the body is not JSON: ${err instanceof Error ? err.message : err}`, field: null };
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return { order: parsed.data };
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...unknown.slice(0, 1)].join('.');
  return { error: `${field || 'the body'}: ${issue?.message}`, field: field || null };
}

/**
 * A door to one thing: GET shows it, POST takes an order and shows what came of it.
 *
 * @param options.obey throws OrderError for what the schema can't know
 */
export function orderHandler<S extends z.ZodType>(options: {
  schema: S;
  show: () => unknown;
  obey: (order: z.output<S>) => void | Promise<void>;
}): Handler {
  const { schema, show, obey } = options;
  return async (request, response) => {
    if (request.method === 'GET') return sendJson(response, 200, show());
    if (request.method !== 'POST') return sendJson(response, 405, { error: 'this door takes GET and POST' });
    let text: string;
    try {
      text = await readBody(request, BODY_LIMIT_BYTES);
    } catch (err) {
      if (err instanceof BodyTooLargeError) return sendJson(response, 413, { error: err.message });
      throw err;
    }
    const parsed = parseOrder(schema, text);
    if ('error' in parsed) return sendJson(response, 400, parsed);
    try {
      await obey(parsed.order);
    } catch (err) {
      if (!(err instanceof OrderError)) throw err;
      return sendJson(response, 400, { error: err.message, field: err.field });
    }
    sendJson(response, 200, show());
  };
}
