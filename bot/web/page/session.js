import { invite, NotInvitedError, openSession, RequestError, signOut, signOutEverywhere } from './api.js';
import { copyButton } from './copy-button.js';
import { byId, element } from './element.js';
import { words } from './words.js';

const RETRY_MS = 2000;

/**
 * The session, as soon as there is a server: a page from the browser's memory may be there before it. Never resolves where
 * this browser is not let in; the page says so.
 */
export async function startSession() {
  // A link that is opened in a tab which shows the page changes the fragment alone.
  addEventListener('hashchange', () => {
    if (new URLSearchParams(location.hash.slice(1)).has('invitation')) location.reload();
  });
  const invitation = new URLSearchParams(location.hash.slice(1)).get('invitation');
  // Used once, and not for the browser's history.
  if (invitation !== null) history.replaceState(null, '', '/');
  for (;;) {
    try {
      const session = await openSession(invitation);
      byId('operate', HTMLElement).hidden = !session.mayOperate;
      if (session.mayInvite) offerInvitations();
      if (session.maySignOut) offerSignOut();
      return session;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error instanceof NotInvitedError) return refuse(error);
      byId('connection', HTMLElement).textContent = error.status === null ? words.reconnecting : error.message;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/**
 * @param {NotInvitedError} error
 * @returns {Promise<never>}
 */
function refuse({ message, signIn }) {
  const link = signIn === null ? [] : [element('a', { href: signIn }, words.signInWithDiscord)];
  byId('main', HTMLElement).replaceChildren(element('p', { class: 'refused', role: 'alert' }, message, ' ', ...link));
  byId('composer', HTMLElement).hidden = true;
  return new Promise(() => {});
}

function offerSignOut() {
  const button = byId('sign-out', HTMLButtonElement);
  button.hidden = false;
  button.addEventListener('click', () => {
    const choice = (/** @type {string} */ text, /** @type {() => Promise<void>} */ act) => {
      const chosen = element('button', { type: 'button' }, text);
      chosen.addEventListener('click', async () => {
        await act();
        location.reload();
      });
      return chosen;
    };
    const cancel = element('button', { type: 'button' }, words.cancel);
    const dialog = element(
      'dialog',
      { class: 'form invitation', 'aria-labelledby': 'sign-out-title' },
      element('h2', { id: 'sign-out-title' }, words.signOut),
      element('p', {}, words.signOutMore),
      element(
        'div',
        { class: 'buttons' },
        cancel,
        choice(words.signOutEverywhere, signOutEverywhere),
        choice(words.signOutHere, signOut),
      ),
    );
    cancel.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}

function offerInvitations() {
  const button = byId('invite', HTMLButtonElement);
  button.hidden = false;
  button.addEventListener('click', async () => {
    const link = await invite();
    const close = element('button', { type: 'button', class: 'primary' }, words.done);
    const dialog = element(
      'dialog',
      { class: 'form invitation', 'aria-labelledby': 'invitation-title' },
      element('h2', { id: 'invitation-title' }, words.inviteSomeone),
      element('p', {}, words.inviteMore),
      element('input', { readonly: true, value: link, 'aria-label': words.inviteLink }),
      element('div', { class: 'buttons' }, copyButton(link, words.copyLink), close),
    );
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}
