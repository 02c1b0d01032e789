/** @import { PageTurn } from '../turn.ts' */
/** @import { PageEvent } from '../listener.ts' */
/** @import { Button } from '../../../commands/reply.ts' */
import { announce } from './announcer.js';
import { byId } from './element.js';
import { turnView } from './turn-view.js';

/** Nearer to the end than this, the page follows what comes. */
const FOLLOW_PX = 160;

/**
 * The list of turns, kept as the stream tells it.
 *
 * @param {{ onPress: (turn: string, button: Button, pressed: HTMLButtonElement) => void, onChange: () => void }} handlers
 */
export function conversation({ onPress, onChange }) {
  const list = byId('conversation', HTMLOListElement);
  const older = byId('older', HTMLButtonElement);
  /** @type {Map<string, ReturnType<typeof turnView>>} */
  const views = new Map();
  /** @type {Map<string, PageTurn>} */
  const turns = new Map();
  let following = true;
  let lastTop = 0;

  // Only a person scrolls up: what grows below the end has not been left.
  addEventListener('scroll', () => {
    const { scrollTop } = document.documentElement;
    following = atEnd() || (following && scrollTop >= lastTop);
    lastTop = scrollTop;
  });
  // Pictures have their height only once they are there.
  new ResizeObserver(() => following && toEnd()).observe(list);

  /**
   * @param {PageTurn} turn
   * @param {'end' | 'start'} where
   */
  function put(turn, where) {
    turns.set(turn.id, turn);
    const known = views.get(turn.id);
    if (known !== undefined) {
      known.update(turn);
      return;
    }
    const made = turnView(turn, onPress);
    views.set(turn.id, made);
    if (where === 'end') list.append(made.view);
    else list.prepend(made.view);
  }

  /** @param {string} id */
  function remove(id) {
    views.get(id)?.view.remove();
    views.delete(id);
    turns.delete(id);
  }

  /** @param {PageEvent} event */
  function take(event) {
    switch (event.type) {
      case 'turns':
        for (const id of [...views.keys()]) remove(id);
        for (const turn of event.turns) put(turn, 'end');
        older.hidden = !event.more;
        toEnd();
        break;
      case 'turn': {
        const before = turns.get(event.turn.id);
        put(event.turn, 'end');
        announce(before, event.turn);
        if (before === undefined) toEnd();
        break;
      }
      case 'removed':
        remove(event.id);
        break;
      case 'progress':
        views.get(event.id)?.progress(event.progress);
        break;
      default:
        return;
    }
    onChange();
  }

  return {
    take,
    /** The lines that were typed, oldest first. */
    typed: () => [...turns.values()].filter(({ request }) => request.by === 'text').map(({ request }) => request.text),
    isEmpty: () => turns.size === 0,
    firstId: () => list.firstElementChild?.id.replace('turn-', ''),
    /** @param {{ turns: readonly PageTurn[], more: boolean }} page */
    prepend(page) {
      const height = document.documentElement.scrollHeight;
      for (const turn of [...page.turns].reverse()) put(turn, 'start');
      older.hidden = !page.more;
      scrollBy({ top: document.documentElement.scrollHeight - height, behavior: 'instant' });
    },
  };
}

function atEnd() {
  const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
  return scrollHeight - clientHeight - scrollTop < FOLLOW_PX;
}

function toEnd() {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
}
