import { createTraceState, type SpanContext, TraceFlags } from '@opentelemetry/api';

/** W3C Trace Context §3.2: version, trace id, id of the parent, flags; later versions may add more behind these. */
const TRACEPARENT =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<rest>-.*)?$/;
const ALL_ZERO = /^0+$/;

/** The span that a caller's headers name as the one above; null when they name none, or not as the standard has it. */
export function callerSpan(headers: Readonly<Record<string, string>>): SpanContext | null {
  const {
    version,
    traceId = '',
    spanId = '',
    flags = '',
    rest,
  } = TRACEPARENT.exec(headers.traceparent ?? '')?.groups ?? {};
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (ALL_ZERO.test(traceId) || ALL_ZERO.test(spanId)) return null;
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
    ...(headers.tracestate !== undefined && { traceState: createTraceState(headers.tracestate) }),
  };
}

/** The headers that put what a subgraph does below a span. */
export function headersBelow({ traceId, spanId, traceFlags, traceState }: SpanContext): Record<string, string> {
  const traceparent = `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`;
  const tracestate = traceState?.serialize() ?? '';
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}
