/** @import { PageEvent } from '../listener.ts' */

const RETRY_MS = 2000;
const TYPES = /** @type {const} */ (['turns', 'turn', 'removed', 'progress', 'form']);

/**
 * Listens to the conversation. The browser reconnects a dropped connection by itself and says what it knows; a refused one
 * (the server is restarting) it gives up, so that is tried again here.
 *
 * @param {string} since the last sequence number that is known; empty: everything is told
 * @param {(event: PageEvent) => void} onEvent
 * @param {(connected: boolean, refusal: string) => void} onConnection hears the server's words where it refuses
 */
export function openStream(since, onEvent, onConnection) {
  let known = since;
  const connect = () => {
    const address = known === '' ? '/events' : `/events?since=${known}`;
    const source = new EventSource(address);
    source.onopen = () => onConnection(true, '');
    source.onerror = async () => {
      onConnection(false, '');
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(connect, RETRY_MS);
      onConnection(false, await refusalAt(address));
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

/**
 * What the server says against a stream, which an `EventSource` does not tell. Empty where it says nothing, or takes it.
 *
 * @param {string} address
 * @returns {Promise<string>}
 */
async function refusalAt(address) {
  const asking = new AbortController();
  try {
    const response = await fetch(address, { signal: asking.signal });
    if (response.ok) return '';
    const { error } = await response.json();
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  } finally {
    asking.abort();
  }
}
