import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Where traces go: the program's end waits until the last ones are sent. */
export interface Tracing {
  stop(): Promise<void>;
}

/** How long the last spans may take to be sent. */
const STOP_MS = 5_000;

/**
 * Sends the spans of this process to an OpenTelemetry collector (OTLP over HTTP, protocol buffers or JSON as the exporter
 * chooses), without the secrets that `redact` takes out. Nothing of OpenTelemetry's machinery is loaded where there is no endpoint.
 */
export async function startTracing(
  endpoint: string | undefined,
  service: string,
  redact: (text: string) => string,
): Promise<Tracing> {
  if (endpoint === undefined) return { stop: async () => {} };
  const [api, hooks, core, exporter, resources, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-base'),
  ]);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new sdk.BasicTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(redacting(new exporter.OTLPTraceExporter({ url }), redact), {
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  api.trace.setGlobalTracerProvider(provider);
  return {
    async stop() {
      // A collector that does not answer keeps nothing from ending.
      const patience = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
      await Promise.race([provider.shutdown(), patience]);
    },
  };
}

/** The exporter, of spans that say no secret, whatever error they tell of. */
function redacting(exporter: SpanExporter, redact: (text: string) => string): SpanExporter {
  const safe = (span: ReadableSpan): ReadableSpan =>
    Object.create(span, {
      name: { value: redact(span.name), enumerable: true },
      attributes: { value: redacted(span.attributes, redact), enumerable: true },
      status: {
        value: { ...span.status, ...(span.status.message !== undefined && { message: redact(span.status.message) }) },
        enumerable: true,
      },
    });
  return {
    export: (spans, done) => exporter.export(spans.map(safe), done),
    shutdown: () => exporter.shutdown(),
  };
}

function redacted(attributes: Attributes, redact: (text: string) => string): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'string' ? redact(value) : value]),
  );
}
