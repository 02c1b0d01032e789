/** @import { PageEvent } from '../listener.ts' */

const RETRY_MS = 2000;
const TYPES = /** @type {const} */ (['turns', 'turn', 'removed', 'progress', 'form']);

/**
 * Listens to the conversation for as long as the page is open. The browser reconnects a dropped connection by itself and
 * says what it knows; a refused one (the server is restarting) it gives up, so that is tried again here.
 *
 * @param {(event: PageEvent) => void} onEvent
 * @param {(connected: boolean) => void} onConnection
 */
export function listen(onEvent, onConnection) {
  let known = '';
  const connect = () => {
    const source = new EventSource(known === '' ? '/events' : `/events?since=${known}`);
    source.onopen = () => onConnection(true);
    source.onerror = () => {
      onConnection(false);
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    };
    for (const type of TYPES) {
      source.addEventListener(type, (message) => {
        known = message.lastEventId;
        onEvent({ type, ...JSON.parse(message.data) });
      });
    }
  };
  connect();
}
