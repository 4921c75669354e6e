import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { TracingSettings } from '../config.ts';
import { type Tracing, tracingWith } from './stage.ts';

/** Spans that wait to be sent: some 10 MB. What comes while it is full is dropped. */
const MAX_WAITING = 8_192;
const SPANS_PER_REQUEST = 512;
const EVERY_MS = 2_000;
/** For one request with its retries. */
const SEND_LIMIT_MS = 5_000;
/** How long a stop may wait for what is left to be sent. */
const FLUSH_LIMIT_MS = 3_000;
/** Names of operations are the client's own, of any length. */
const MAX_VALUE_LENGTH = 256;

type Export = SpanExporter['export'];

/** Counts what becomes of spans, and logs when it changes: the SDK keeps it to itself. */
function watched(
  exporter: SpanExporter,
  logger: Logger,
  onSpans: (outcome: 'sent' | 'failed', count: number) => void,
): SpanExporter {
  let isAway = false;
  const watch: Export = (spans, done) => {
    exporter.export(spans, (result) => {
      // As ExportResultCode has it: 0 is success.
      const isSent = result.code === 0;
      onSpans(isSent ? 'sent' : 'failed', spans.length);
      if (isSent && isAway) logger.info('spans are sent again');
      if (!isSent && !isAway) logger.warn({ err: result.error }, 'spans can not be sent; they are dropped meanwhile');
      isAway = !isSent;
      done(result);
    });
  };
  return {
    export: watch,
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

/**
 * Sends spans to a collector by OTLP over HTTP, in the background: a collector that is away costs spans and nothing else. This
 * file and what it imports are loaded only where tracing is on.
 */
export function startTracing(
  settings: TracingSettings,
  options: { logger: Logger; onSpans: (outcome: 'sent' | 'failed', count: number) => void },
): Tracing & { close: () => Promise<void> } {
  const { logger } = options;
  const quiet = (message: string): void => logger.debug(message);
  // The SDK warns of spans that found no room; that a request failed is told below, once.
  diag.setLogger(
    { error: quiet, warn: (message) => logger.warn(message), info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const exporter = new OTLPTraceExporter({
    url: settings.url,
    headers: settings.headers,
    timeoutMillis: SEND_LIMIT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': settings.serviceName }),
    // Who calls with a trace has decided for all of it.
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.ratio) }),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE_LENGTH },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: watched(exporter, logger, options.onSpans),
        maxQueueSize: MAX_WAITING,
        maxExportBatchSize: SPANS_PER_REQUEST,
        scheduledDelayMillis: EVERY_MS,
        exportTimeoutMillis: SEND_LIMIT_MS,
      }),
    ],
  });
  const close = async (): Promise<void> => {
    const late = Promise.withResolvers<void>();
    const limit = setTimeout(late.resolve, FLUSH_LIMIT_MS);
    // What could not be sent has been told by the exporter.
    const flushed = provider.shutdown().catch(() => {});
    await Promise.race([flushed, late.promise]);
    clearTimeout(limit);
  };
  return { ...tracingWith(provider.getTracer('wheelhouse-router')), close };
}
