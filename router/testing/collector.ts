import { z } from 'zod';
import { startPeer } from './peer.ts';

/** A span as a collector gets it, its attributes as an object. */
export type CollectedSpan = {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  /** '' for the outermost one. */
  parentSpanId: string;
  attributes: Record<string, unknown>;
  /** Ids of the spans it points at. */
  links: string[];
  isError: boolean;
  service: unknown;
};

const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([])
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, Object.values(value)[0]])));

/** OTLP's ExportTraceServiceRequest in JSON, as far as tests look at it (opentelemetry-proto, trace/v1). */
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              name: z.string(),
              kind: z.number(),
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z.string().default(''),
              attributes,
              links: z.array(z.object({ spanId: z.string() })).default([]),
              status: z.object({ code: z.number().default(0) }).default({ code: 0 }),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** A collector that takes OTLP over HTTP in JSON. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const requests: { path: string | undefined; headers: Record<string, unknown> }[] = [];
  const { url, close } = await startPeer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ path: request.url, headers: request.headers });
    const { resourceSpans } = exported.parse(JSON.parse(Buffer.concat(chunks).toString()));
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const { links, status, ...span } of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({
          ...span,
          links: links.map(({ spanId }) => spanId),
          isError: status.code === 2,
          service: resource.attributes['service.name'],
        });
      }
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  return { endpoint: new URL(url).origin, spans, requests, close };
}
