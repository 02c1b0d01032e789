/** Where traces go: the program's end waits until the last ones are sent. */
export interface Tracing {
  stop(): Promise<void>;
}

/** How long the last spans may take to be sent. */
const STOP_MS = 5_000;

/**
 * Sends the spans of this process to an OpenTelemetry collector (OTLP over HTTP, protocol buffers or JSON as the exporter
 * chooses). Nothing of OpenTelemetry's machinery is loaded where there is no endpoint.
 */
export async function startTracing(endpoint: string | undefined, service: string): Promise<Tracing> {
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
      new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter({ url }), { scheduledDelayMillis: 1_000 }),
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
