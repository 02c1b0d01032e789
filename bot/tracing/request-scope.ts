import { AsyncLocalStorage } from 'node:async_hooks';
import { trace } from '@opentelemetry/api';
import type { RequestId } from '../../commands/ids.ts';
import { type RequestEvent, requestIdOf } from '../../commands/request.ts';

/*
 * Which request the running code works for. Set where a process meets one (an event that arrives, a job that is taken, a
 * delivery that is due), and read by the log alone: so no line about a request has to be given its id.
 */

const scope = new AsyncLocalStorage<RequestId | undefined>();

/** Runs work for a request: what it logs, and whatever it calls and waits for, carries the request's id. */
export function inRequest<T>(event: RequestEvent, work: () => T): T {
  return scope.run(requestIdOf(event), work);
}

/**
 * The same function, for no request: for what is said of the whole process (a server that is away, an engine that ended),
 * but may be noticed while some request is worked on.
 */
export function outsideRequests<Parameters extends unknown[], Result>(
  work: (...parameters: Parameters) => Result,
): (...parameters: Parameters) => Result {
  return (...parameters) => scope.run(undefined, work, ...parameters);
}

/** What each log line says of the request that it belongs to: its id, and its trace where traces are collected. */
export function requestFields(): { request?: RequestId; trace_id?: string } {
  const request = scope.getStore();
  const span = trace.getActiveSpan()?.spanContext();
  return { ...(request && { request }), ...(span && { trace_id: span.traceId }) };
}
