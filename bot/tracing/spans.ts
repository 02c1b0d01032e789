import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { cutValues } from '../../config/index.ts';

/*
 * A request's way as OpenTelemetry spans, over all processes that it meets. Where no endpoint is configured the API's own
 * tracer does nothing.
 */

const tracer = trace.getTracer('easel');

export interface SpanOptions {
  readonly attributes?: Attributes;
  readonly kind?: SpanKind;
  /** What `currentTrace` gave in another process or at another time; null: the span that is running now. */
  readonly parent?: string | null;
}

/** Runs work in a span of its own, which ends with it; a rejection is noted and passed on. */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const { attributes = {}, kind = SpanKind.INTERNAL, parent = null } = options;
  return tracer.startActiveSpan(name, { attributes, kind }, contextOf(parent), async (span) => {
    try {
      return await work(span);
    } catch (error) {
      const message = cutValues(error instanceof Error ? error.message : String(error), error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span over what has already passed. */
export function pastSpan(name: string, times: { start: Date; end: Date }, options: SpanOptions): void {
  const { attributes = {}, parent = null } = options;
  tracer.startSpan(name, { attributes, startTime: times.start }, contextOf(parent)).end(times.end);
}

/** The running span as a `traceparent` (W3C Trace Context), to be kept with the job; null where nothing is traced. */
export function currentTrace(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

function contextOf(parent: string | null): Context {
  return parent === null ? context.active() : propagation.extract(ROOT_CONTEXT, { traceparent: parent });
}
