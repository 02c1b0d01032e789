import { de } from './words-de.js';
import { en } from './words-en.js';

/** The languages of the page: one is a file and a line here. The server has the same for what commands say. */
const languages = new Map([
  ['en', en],
  ['de', de],
]);

const language = navigator.language.split('-', 1)[0] ?? '';

/** The page's words in the browser's language; in English where we do not have it. */
export const words = languages.get(language) ?? en;

/** Puts the words into the page as it was served, which is in English: `data-words="title:send aria-label:send"`. */
export function translatePage() {
  document.documentElement.lang = languages.has(language) ? language : 'en';
  for (const place of document.querySelectorAll('[data-words]')) {
    for (const pair of place.getAttribute('data-words')?.split(' ') ?? []) {
      const [attribute = '', key = ''] = pair.split(':');
      const word = Object.entries(words).find(([name]) => name === key)?.[1];
      if (typeof word !== 'string') continue;
      if (attribute === 'text') place.textContent = word;
      else place.setAttribute(attribute, word);
    }
  }
}
