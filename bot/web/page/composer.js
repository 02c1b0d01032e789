/** @import { CommandDefinition, Completion, Suggestion } from './completion.js' */
import { newTurnId, RequestError, send, suggest } from './api.js';
import { attachments } from './attachments.js';
import { applySuggestion, commandOf, complete } from './completion.js';
import { byId } from './element.js';
import { lineHistory } from './line-history.js';
import { chooseOptions } from './options-dialog.js';
import { suggestionList } from './suggestions.js';
import { words } from './words.js';

/**
 * Where a person writes: completion from the commands, history, attachments, sending.
 *
 * @param {readonly CommandDefinition[]} commands
 * @param {() => readonly string[]} typedLines
 */
export function composer(commands, typedLines) {
  const text = byId('text', HTMLTextAreaElement);
  const hint = byId('hint', HTMLElement);
  const problem = byId('problem', HTMLElement);
  const suggestions = suggestionList(text, choose);
  const picture = attachments(showProblem);
  const history = lineHistory(typedLines);
  /** @type {Completion} */
  let completion = complete(commands, '', 0);
  let asking = new AbortController();
  let turn = '';

  /** @param {string} line */
  function showProblem(line) {
    problem.textContent = line;
    problem.hidden = line === '';
  }

  /**
   * @param {string} value
   * @param {number} [caret]
   */
  function setText(value, caret = value.length) {
    text.value = value;
    text.setSelectionRange(caret, caret);
    grow();
  }

  /** Browsers without `field-sizing` need the height set by hand. */
  function grow() {
    if (CSS.supports('field-sizing', 'content')) return;
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight}px`;
  }

  async function refresh() {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    completion = complete(commands, text.value, text.selectionStart);
    hint.textContent = completion.hint;
    hint.hidden = completion.hint === '';
    suggestions.show(completion.suggestions);
    const { ask } = completion;
    if (ask === null) return;
    const found = await suggest(ask.command, ask.option, ask.typed, signal);
    if (signal.aborted) return;
    suggestions.show(
      found
        .filter(({ value }) => value !== ask.typed)
        .map(({ name, value }) => ({
          label: value,
          detail: name === value ? '' : name,
          insert: ask.insert(value),
        })),
    );
  }

  /** @param {Suggestion} suggestion */
  function choose({ insert }) {
    const chosen = applySuggestion(text.value, completion, insert);
    setText(chosen.text, chosen.caret);
    void refresh();
  }

  function closeSuggestions() {
    asking.abort();
    suggestions.show([]);
  }

  async function submit() {
    const line = text.value.trim();
    const file = picture.file();
    if (line === '') {
      showProblem(file === null ? '' : words.whatToMake);
      return;
    }
    closeSuggestions();
    showProblem('');
    // The same id for every try of this line: when only the answer was lost, the second try changes nothing.
    turn ||= newTurnId();
    try {
      await send({ kind: 'text', text: line }, turn, file === null ? [] : [{ option: '', file }]);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      showProblem(error.message);
      return;
    }
    turn = '';
    history.reset();
    picture.clear();
    if (text.value.trim() === line) setText('');
    void refresh();
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (event.isComposing) return;
    const { key, shiftKey } = event;
    const vertical = key === 'ArrowUp' ? -1 : key === 'ArrowDown' ? 1 : null;
    if (key === 'Enter' && !shiftKey) {
      event.preventDefault();
      if (!(suggestions.isOpen() && suggestions.hasActive() && suggestions.choose())) void submit();
    } else if (key === 'Tab' && !shiftKey && suggestions.isOpen()) {
      event.preventDefault();
      suggestions.choose();
    } else if (key === 'Escape' && suggestions.isOpen()) {
      event.preventDefault();
      closeSuggestions();
    } else if (vertical !== null && suggestions.isOpen()) {
      event.preventDefault();
      suggestions.move(vertical);
    } else if (vertical !== null && atEdge(vertical)) {
      const line = history.move(vertical === -1 ? 1 : -1, text.value);
      if (line === null) return;
      event.preventDefault();
      setText(line);
    }
  }

  /** @param {1 | -1} vertical */
  function atEdge(vertical) {
    const rest = vertical === -1 ? text.value.slice(0, text.selectionStart) : text.value.slice(text.selectionEnd);
    return !rest.includes('\n');
  }

  text.addEventListener('keydown', onKey);
  text.addEventListener('input', () => {
    turn = '';
    history.reset();
    showProblem('');
    grow();
    void refresh();
  });
  text.addEventListener('blur', ({ relatedTarget }) => suggestions.owns(relatedTarget) || closeSuggestions());
  byId('composer', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  byId('options', HTMLButtonElement).addEventListener('click', async () => {
    const command = commandOf(commands, text.value);
    if (command === null) return showProblem(words.noCommand);
    setText(await chooseOptions(command, text.value));
    text.focus();
  });

  return {
    /** @param {string} line */
    write(line) {
      setText(line);
      text.focus();
    },
    showProblem,
  };
}
