/** @import { Suggestion } from './completion.js' */
import { byId, element } from './element.js';

const MAX_SHOWN = 25;

/**
 * The list above the composer; the text keeps the focus, the arrows move through the list.
 *
 * @param {HTMLTextAreaElement} text
 * @param {(suggestion: Suggestion) => void} onChoose
 */
export function suggestionList(text, onChoose) {
  const list = byId('suggestions', HTMLElement);
  /** @type {readonly Suggestion[]} */
  let shown = [];
  let active = -1;

  /** @param {readonly Suggestion[]} suggestions */
  function show(suggestions) {
    shown = suggestions.slice(0, MAX_SHOWN);
    list.replaceChildren(
      ...shown.map((suggestion, index) =>
        element(
          'div',
          {
            id: `suggestion-${index}`,
            role: 'option',
            'aria-selected': 'false',
            // Not click: the text would lose its focus first.
            onpointerdown: (/** @type {PointerEvent} */ event) => {
              event.preventDefault();
              onChoose(suggestion);
            },
          },
          element('b', {}, suggestion.label),
          suggestion.detail === '' ? null : element('span', {}, suggestion.detail),
        ),
      ),
    );
    list.hidden = shown.length === 0;
    select(-1);
  }

  /** @param {number} index */
  function select(index) {
    list.children[active]?.setAttribute('aria-selected', 'false');
    active = index;
    const option = list.children[active];
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    if (option === undefined) text.removeAttribute('aria-activedescendant');
    else text.setAttribute('aria-activedescendant', option.id);
  }

  list.addEventListener('blur', () => show([]));

  return {
    show,
    isOpen: () => shown.length > 0,
    /** @param {EventTarget | null} target */
    owns: (target) => target === list,
    hasActive: () => active >= 0,
    /** @param {1 | -1} direction */
    move(direction) {
      select((active + direction + (active < 0 && direction < 0 ? 1 : 0) + shown.length) % shown.length);
    },
    /** Chooses the marked suggestion, or the first; false where there is none. */
    choose() {
      const suggestion = shown[Math.max(0, active)];
      if (suggestion === undefined) return false;
      onChoose(suggestion);
      return true;
    },
  };
}
