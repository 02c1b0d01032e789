/** @import { PageEvent } from '../listener.ts' */
/** @import { Button } from '../../../commands/reply.ts' */
import { newTurnId, olderTurns, RequestError, send } from './api.js';
import { composer } from './composer.js';
import { conversation } from './conversation.js';
import { byId, element } from './element.js';
import { openForm } from './form-dialog.js';
import { startSession } from './session.js';
import { listen } from './stream.js';
import { translatePage, words } from './words.js';

const EXAMPLES = [
  'a penguin in the snow',
  'a watermelon on a blue background',
  'a castle at night',
  'a butterfly on a meadow',
];

translatePage();
const { commands } = await startSession();

/**
 * Buttons that were pressed, by the turn that answers them.
 *
 * @type {Map<string, HTMLButtonElement>}
 */
const pressed = new Map();

/**
 * Presses that may open a form: only in the tab where the button was pressed.
 *
 * @type {Set<string>}
 */
const ownForms = new Set();

const talk = conversation({
  onPress: (turn, button, pressedButton) => void press(turn, button, pressedButton),
  onChange: () => {
    byId('welcome', HTMLElement).hidden = !talk.isEmpty();
  },
});
const input = composer(commands, talk.typed);

listen(take, (connected) => {
  byId('connection', HTMLElement).textContent = connected ? '' : words.reconnecting;
});

/** @param {PageEvent} event */
function take(event) {
  talk.take(event);
  if (event.type === 'turns') for (const turn of [...pressed.keys()]) release(turn);
  if (event.type === 'turn' && event.turn.answer !== null) {
    release(event.turn.id);
    ownForms.delete(event.turn.id);
  }
  if (event.type === 'removed') release(event.id);
  if (event.type === 'form' && ownForms.delete(event.id)) void fillIn(event.form);
}

/**
 * @param {string} message
 * @param {Button} button
 * @param {HTMLButtonElement} pressedButton
 */
async function press(message, button, pressedButton) {
  if (pressedButton.ariaBusy === 'true') return;
  const turn = newTurnId();
  pressed.set(turn, pressedButton);
  ownForms.add(turn);
  pressedButton.ariaBusy = 'true';
  const { command, target, options = {} } = button;
  await act({ kind: 'press', message, command, target, options }, turn);
}

/** @param {Extract<PageEvent, { type: 'form' }>['form']} form */
async function fillIn(form) {
  const { command, title, fields, mask, hidden } = form;
  const filled = await openForm({ title, fields, mask, submit: words.draw });
  if (filled === null) return;
  await act({ kind: 'form', command, values: { ...hidden, ...filled.values } }, newTurnId(), filled.files);
}

/**
 * @param {Parameters<typeof send>[0]} what
 * @param {string} turn
 * @param {Parameters<typeof send>[2]} [files]
 */
async function act(what, turn, files) {
  try {
    await send(what, turn, files);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    release(turn);
    input.showProblem(error.message);
  }
}

/** @param {string} turn */
function release(turn) {
  const button = pressed.get(turn);
  if (button !== undefined) button.ariaBusy = null;
  pressed.delete(turn);
}

byId('older', HTMLButtonElement).addEventListener('click', async () => {
  const first = talk.firstId();
  if (first !== undefined) talk.prepend(await olderTurns(first));
});

byId('examples', HTMLUListElement).append(
  ...EXAMPLES.map((prompt) =>
    element('li', {}, element('button', { type: 'button', onclick: () => input.write(prompt) }, prompt)),
  ),
);
