import type { JobProgress } from '../../../commands/job.ts';
import type { AcceptedReply, Button } from '../../../commands/reply.ts';
import { cutText, displayText } from '../../display-text.ts';
import { Newest } from '../../newest.ts';
import type { Phrases } from '../phrases.ts';
import { buttonBlocks, contextBlock, type RenderedMessage, textBlocks } from '../render/blocks.ts';
import { fitText } from '../render/text.ts';
import type { Placeholder, ReplyTo } from './reply-to.ts';

/** What is kept of a request's text with its job: enough to recognise it under the progress. */
const KEPT_TEXT = 300;
const REMEMBERED = 10_000;

/**
 * Where the placeholders of requests are. A job may be finished before its placeholder is posted, so what is known is a
 * promise, made before the request is handed over.
 */
export class Placeholders {
  private readonly pending = new Newest<string, Promise<Placeholder | null>>(REMEMBERED);

  /** Announces the placeholder of the request with this event; call the result with it, or null where there is none. */
  expect(event: string): (placeholder: Placeholder | null) => void {
    let settle: (placeholder: Placeholder | null) => void = () => {};
    this.pending.set(
      event,
      new Promise((resolve) => {
        settle = resolve;
      }),
    );
    return settle;
  }

  /** The placeholder that this handle stands for, once it is posted; null where there is none. */
  async of(replyTo: ReplyTo): Promise<Placeholder | null> {
    return replyTo.placeholder ?? (await this.pending.get(replyTo.event)) ?? null;
  }
}

/** What stands in the conversation as soon as a request is accepted. */
export function renderAccepted(reply: AcceptedReply, phrases: Phrases, requester: string | null): RenderedMessage {
  const state = phrases.place(reply.place, reply.expectedSeconds);
  return render(reply.text, stateLine(state, phrases, requester), reply.buttons);
}

/** The placeholder's record, to be kept with the job. */
export function placeholderOf(reply: AcceptedReply, posted: { channel: string; ts: string }): Placeholder {
  const cancel = reply.buttons.flat().find((button) => button.command === 'cancel');
  return {
    ...posted,
    // Escaped when it is shown.
    text: cutText(displayText(reply.text), KEPT_TEXT),
    cancel: cancel === undefined ? null : { label: cancel.label, target: cancel.target },
  };
}

/** The placeholder with what is happening to the job now. */
export function renderProgress(
  placeholder: Placeholder,
  progress: JobProgress,
  phrases: Phrases,
  requester: string | null,
  preview?: string,
): RenderedMessage {
  const { cancel } = placeholder;
  const over = progress.state === 'finished';
  const buttons: Button[] =
    cancel === null || over ? [] : [{ command: 'cancel', target: cancel.target, label: cancel.label, style: 'danger' }];
  return render(placeholder.text, stateLine(phrases.progress(progress), phrases, requester), [buttons], preview);
}

/** What is happening, and for whom where others read it too. */
function stateLine(state: string, phrases: Phrases, requester: string | null): readonly [string, ...string[]] {
  return requester === null ? [state] : [state, phrases.requester(requester)];
}

function render(
  text: string,
  [state, ...more]: readonly [string, ...string[]],
  buttons: readonly (readonly Button[])[],
  preview?: string,
): RenderedMessage {
  return {
    text: fitText(`${state}: ${text}`, 500),
    blocks: [
      ...textBlocks(text),
      ...(preview === undefined ? [] : [{ type: 'image' as const, slack_file: { id: preview }, alt_text: state }]),
      contextBlock([state, ...more]),
      ...buttonBlocks(buttons),
    ],
  };
}
