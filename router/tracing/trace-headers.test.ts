import { ConfigError } from '@wheelhouse/kit/config.ts';
import { describe, expect, it } from 'vitest';
import { readRouterConfig } from '../config.ts';
import { callerSpan, headersBelow } from './trace-headers.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

describe('traceparent', () => {
  it.each([
    ['sampled', `00-${TRACE}-${SPAN}-01`, 1],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['with flags of later versions', `00-${TRACE}-${SPAN}-03`, 1],
    ['of a later version, with more behind', `cc-${TRACE}-${SPAN}-01-more`, 1],
  ])('is followed: %s', (_what, traceparent, traceFlags) => {
    expect(callerSpan({ traceparent })).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  });

  // https://www.w3.org/TR/trace-context/#traceparent-header-field-values
  it.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['has upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['has no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['has no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['has the forbidden version', `ff-${TRACE}-${SPAN}-01`],
    ['has more behind than its version allows', `00-${TRACE}-${SPAN}-01-more`],
    ['is short', `00-${TRACE}-${SPAN}`],
    ['stands twice', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ])('begins a new trace when it %s', (_what, traceparent) => {
    expect(callerSpan(traceparent === undefined ? {} : { traceparent })).toBeNull();
  });

  it('goes on with the state that came beside it', () => {
    const caller = callerSpan({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1,b=2' });
    expect(caller && headersBelow(caller)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1,b=2' });
  });
});

describe('the settings of tracing', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

  it('are none without an endpoint, and have defaults with one', () => {
    expect(readRouterConfig({ OTEL_TRACES_SAMPLER_ARG: '0.5' }).tracing).toBeNull();
    expect(readRouterConfig(endpoint).tracing).toEqual({
      url: 'http://collector:4318/v1/traces',
      headers: {},
      ratio: 1,
      serviceName: 'wheelhouse-router',
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret-without-a-name'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'name=secret%'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['OTEL_TRACES_SAMPLER_ARG', '-1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
  ])('refuse %s=%s by its name, and repeat no secret', (name, value) => {
    const read = () => readRouterConfig({ ...endpoint, [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(name);
    expect(read).not.toThrow(/secret/);
  });
});
