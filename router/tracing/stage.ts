import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { callerSpan, headersBelow } from './trace-headers.ts';

/** Where an operation came in. */
export type Door = 'http' | 'websocket' | 'sse';

export type OperationEnd = {
  type: string;
  /** As the client called it. */
  name: string | null | undefined;
  outcome: 'ok' | 'errors' | 'refused';
};

type Answer = { errors?: unknown };

/** A place in a trace from which others can be pointed at it. */
export type Place = SpanContext;

const isFailure = (outcome: string): boolean => outcome !== 'ok' && outcome !== 'aborted';

/**
 * One stage of an operation, as a span of its trace. Where the trace is not sampled a stage stands for all that are below it too, and
 * does next to nothing.
 */
export class Stage {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #isRecorded: boolean;
  #context: Context | null = null;

  constructor(tracer: Tracer, span: Span) {
    this.#tracer = tracer;
    this.#span = span;
    this.#isRecorded = span.isRecording();
  }

  /** null when nobody will see it. */
  get place(): Place | null {
    return this.#isRecorded ? this.#span.spanContext() : null;
  }

  /** Begins a stage below this one. */
  begin(name: string, attributes?: Attributes, kind: SpanKind = SpanKind.INTERNAL): Stage {
    if (!this.#isRecorded) return this;
    this.#context ??= trace.setSpan(ROOT_CONTEXT, this.#span);
    const options = attributes === undefined ? { kind } : { kind, attributes };
    return new Stage(this.#tracer, this.#tracer.startSpan(name, options, this.#context));
  }

  /** Begins a request to a subgraph, whose trace goes on below it. */
  beginFetch(service: string, kind: string): Stage {
    if (!this.#isRecorded) return this;
    return this.begin('router.fetch', { 'router.service': service, 'router.kind': kind }, SpanKind.CLIENT);
  }

  /**
   * Takes for the answer of a request that is not sent: it joined another one, of whichever caller, that was under way at the
   * place. It only points there, since what the subgraph does stands in the trace of whoever sent it.
   */
  async sharedFetch<R extends Answer>(service: string, place: Place | null, response: Promise<R>): Promise<R> {
    if (!this.#isRecorded) return response;
    const stage = this.beginFetch(service, 'query');
    stage.set({ 'router.shared': true });
    if (place !== null) stage.#span.addLink({ context: place });
    const answer = await response;
    stage.end(answer.errors === undefined ? 'ok' : 'errors');
    return answer;
  }

  endFetch(outcome: string, retries: number): void {
    if (retries > 0) this.set({ 'router.retries': retries });
    this.end(outcome);
  }

  /** The headers for what a subgraph does for this stage, in place of the caller's. */
  get headers(): Record<string, string> {
    return headersBelow(this.#span.spanContext());
  }

  /** Ends when the results of the events are there. */
  endEvents(results: readonly Answer[] | Promise<readonly Answer[]>): void {
    if (!this.#isRecorded) return;
    const endWith = (made: readonly Answer[]): void => {
      this.end(made.some(({ errors }) => errors !== undefined) ? 'errors' : 'ok');
    };
    if (results instanceof Promise) void results.then(endWith);
    else endWith(results);
  }

  set(attributes: Attributes): void {
    if (this.#isRecorded) this.#span.setAttributes(attributes);
  }

  end(outcome?: string): void {
    // One that is not recorded may stand for others, which go on.
    if (!this.#isRecorded) return;
    if (outcome !== undefined) {
      this.#span.setAttribute('router.outcome', outcome);
      if (isFailure(outcome)) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }
}

/** The outermost stage: one operation of a client. */
export class OperationStage extends Stage {
  #isOver = false;

  /** The first end counts. */
  endOperation({ type, name, outcome }: OperationEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.set({ 'graphql.operation.type': type, ...(name != null && { 'graphql.operation.name': name }) });
    this.end(outcome);
  }
}

/** Begins traces. */
export type Tracing = {
  /** An operation; its trace is the one that the caller's headers name. */
  operation: (door: Door, headers: Readonly<Record<string, string>>) => OperationStage;
  /**
   * Events of a subscription that are completed together. They serve all who share the selection, so they are a trace of
   * their own, which points at the subscription that asked first.
   */
  event: (subscription: Place | null, service: string, count: number) => Stage;
};

export function tracingWith(tracer: Tracer): Tracing {
  return {
    operation: (door, headers) => {
      const caller = callerSpan(headers);
      const context = caller === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, caller);
      const options = { kind: SpanKind.SERVER, attributes: { 'router.door': door } };
      return new OperationStage(tracer, tracer.startSpan('router.operation', options, context));
    },
    event: (subscription, service, count) => {
      const attributes = { 'router.service': service, 'router.events': count };
      const options = {
        kind: SpanKind.CONSUMER,
        attributes,
        links: subscription === null ? [] : [{ context: subscription }],
      };
      return new Stage(tracer, tracer.startSpan('router.event', options, ROOT_CONTEXT));
    },
  };
}
