/** @import { ReplyPicture } from '../../../commands/reply.ts' */
import { element, icon } from './element.js';
import { words } from './words.js';

/**
 * One picture, as large as the window; closes by Escape, by its button or by a click beside it.
 *
 * @param {Pick<ReplyPicture, 'blob' | 'alt' | 'width' | 'height'>} picture
 */
export function openViewer({ blob, alt, width, height }) {
  const close = element(
    'button',
    { type: 'button', class: 'tool', 'aria-label': words.close, title: words.close },
    icon('close'),
  );
  const image = element('img', { src: `/blobs/${blob}`, alt, width, height });
  image.style.setProperty('--ratio', String(width / height));
  image.style.setProperty('--natural', `${width}px`);
  const dialog = element(
    'dialog',
    { class: 'viewer', 'aria-label': alt },
    image,
    element('p', { dir: 'auto' }, `${alt} · ${width} × ${height}`),
    close,
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
