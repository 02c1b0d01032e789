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
const { commands, person } = await startSession();

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

listen(person, take, (connected, refusal) => {
  byId('connection', HTMLElement).textContent = connected ? '' : refusal || words.reconnecting;
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
  const problem = await problemOf(send({ kind: 'press', message, command, target, options }, turn));
  if (problem === null) return;
  release(turn);
  ownForms.delete(turn);
  input.showProblem(problem);
}

/** @param {Extract<PageEvent, { type: 'form' }>['form']} form */
async function fillIn(form) {
  const { command, title, fields, mask, hidden } = form;
  let turn = '';
  let tried = '';
  await openForm({
    title,
    fields,
    mask,
    submit: words.draw,
    take: ({ values, files }) => {
      // The same id for every try of the same: when only the answer was lost, the second try changes nothing.
      const given = JSON.stringify([values, files.map(({ file }) => file.size)]);
      if (given !== tried) turn = newTurnId();
      tried = given;
      return problemOf(send({ kind: 'form', command, values: { ...hidden, ...values } }, turn, files));
    },
  });
}

/**
 * What is to be said of something that could not be sent.
 *
 * @param {Promise<void>} sending
 * @returns {Promise<string | null>}
 */
async function problemOf(sending) {
  try {
    await sending;
    return null;
  } catch (error) {
    if (error instanceof RequestError) return error.message;
    throw error;
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
  if (first === undefined) return;
  input.showProblem((await problemOf(olderTurns(first).then(talk.prepend))) ?? '');
});

byId('examples', HTMLUListElement).append(
  ...EXAMPLES.map((prompt) =>
    element('li', {}, element('button', { type: 'button', onclick: () => input.write(prompt) }, prompt)),
  ),
);
