import { z } from 'zod';

/** The value of OTEL_EXPORTER_OTLP_HEADERS: `name=value` pairs between commas; values are percent-encoded, as in W3C Baggage. */
export function readHeaders(text: string, context: z.RefinementCtx): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const { name, value = '' } = /^\s*(?<name>[\w!#$%&'*+.^`|~-]+)\s*=(?<value>.*)$/.exec(pair)?.groups ?? {};
    try {
      if (name === undefined) throw new URIError(pair);
      headers[name] = decodeURIComponent(value.trim());
    } catch {
      // The text may hold a secret: it is not repeated.
      context.addIssue({ code: 'custom', message: 'must be name=value pairs between commas, values percent-encoded' });
      return z.NEVER;
    }
  }
  return headers;
}
