/** @import { PageEvent } from '../listener.ts' */
/** @import { StreamMessage } from './stream.js' */
import { openStream } from './event-stream.js';

/**
 * One stream for all tabs: a browser holds six connections to a server without HTTP/2, and a stream for each tab would take
 * them all. A tab that comes later is told first what the conversation is, then all that changes.
 */

const RETRY_MS = 2000;

/**
 * The tabs; for those that have not been told the conversation yet, what has happened meanwhile.
 *
 * @type {Map<MessagePort, PageEvent[] | null>}
 */
const tabs = new Map();

/** @type {StreamMessage} */
let connection = { kind: 'connection', connected: true, refusal: '' };
let isListening = false;

addEventListener('connect', (event) => {
  if (!(event instanceof MessageEvent)) return;
  const [tab] = event.ports;
  if (tab === undefined) return;
  tabs.set(tab, []);
  // The only thing that a tab says is that it closes.
  tab.onmessage = () => tabs.delete(tab);
  tab.postMessage(connection);
  void introduce(tab);
});

/** @param {MessagePort} tab */
async function introduce(tab) {
  const events = await conversation(tab);
  const sequence = events.reduce((last, event) => Math.max(last, sequenceOf(event) ?? 0), 0);
  const meanwhile = (tabs.get(tab) ?? []).filter((event) => (sequenceOf(event) ?? sequence + 1) > sequence);
  for (const event of [...events, ...meanwhile]) tell(tab, { kind: 'event', event });
  if (tabs.has(tab)) tabs.set(tab, null);
  if (isListening) return;
  isListening = true;
  openStream(String(sequence), broadcast, (connected, refusal) => {
    connection = { kind: 'connection', connected, refusal };
    for (const each of tabs.keys()) tell(each, connection);
  });
}

/** @param {PageEvent} event */
function broadcast(event) {
  for (const [tab, waiting] of tabs) {
    if (waiting === null) tell(tab, { kind: 'event', event });
    else waiting.push(event);
  }
}

/**
 * The conversation as it is now; asked until there is an answer, or the tab is closed.
 *
 * @param {MessagePort} tab
 * @returns {Promise<readonly PageEvent[]>}
 */
async function conversation(tab) {
  while (tabs.has(tab)) {
    const response = await fetch('/api/conversation').catch(() => null);
    if (response?.ok) return response.json();
    const { error } = response === null ? {} : await response.json().catch(() => ({}));
    tell(tab, { kind: 'connection', connected: false, refusal: typeof error === 'string' ? error : '' });
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return [];
}

/**
 * @param {MessagePort} tab
 * @param {StreamMessage} message
 */
function tell(tab, message) {
  tab.postMessage(message);
}

/** @param {PageEvent} event */
function sequenceOf(event) {
  return 'sequence' in event ? event.sequence : null;
}
