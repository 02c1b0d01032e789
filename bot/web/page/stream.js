/** @import { PageEvent } from '../listener.ts' */
import { openStream } from './event-stream.js';

/**
 * What the worker of all tabs tells each.
 *
 * @typedef {{ kind: 'event', event: PageEvent } | { kind: 'connection', connected: boolean, refusal: string }} StreamMessage
 */

/**
 * Listens to the conversation for as long as the page is open: through the stream that all tabs share, where the browser has
 * shared workers.
 *
 * @param {string} person whose conversation it is: another one in the same browser has a stream of their own
 * @param {(event: PageEvent) => void} onEvent
 * @param {(connected: boolean, refusal: string) => void} onConnection
 */
export function listen(person, onEvent, onConnection) {
  if (!('SharedWorker' in globalThis)) return openStream('', onEvent, onConnection);
  const { port, worker } = sharedStream(person);
  port.onmessage = ({ data }) => {
    /** @type {StreamMessage} */
    const message = data;
    if (message.kind === 'event') onEvent(message.event);
    else onConnection(message.connected, message.refusal);
  };
  // Its script could not be had: the server is restarting.
  worker.onerror = () => {
    port.close();
    openStream('', onEvent, onConnection);
  };
  addEventListener('pagehide', () => {
    port.postMessage('closed');
    port.close();
  });
  // A page that comes back from the browser's memory has missed what happened.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
}

/** @param {string} person */
function sharedStream(person) {
  const worker = new SharedWorker(scriptAddress('/stream-worker.js'), { name: person, type: 'module' });
  return { worker, port: worker.port };
}

/**
 * The page's policy lets no address be taken for a script's unless it went through here.
 *
 * @param {string} address
 * @returns {string}
 */
function scriptAddress(address) {
  const factory = Reflect.get(globalThis, 'trustedTypes');
  const policy = factory?.createPolicy('easel-worker', { createScriptURL: () => address });
  return policy?.createScriptURL('') ?? address;
}
