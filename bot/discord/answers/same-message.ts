import type { OutgoingDelivery } from '../../platform.ts';
import type { RenderedMessage } from '../render/message.ts';
import type { SentMessage } from '../transport/api.ts';

/**
 * Whether a message that is there is the answer that would be sent: by its nonce, or by its buttons, whose ids name the
 * very pictures that it shows.
 */
export function answersSame(
  there: SentMessage,
  wanted: RenderedMessage,
  { nonce, message }: OutgoingDelivery,
): boolean {
  if (there.nonce !== undefined && String(there.nonce) === nonce) return true;
  const expected = customIds(wanted.components);
  if (expected.length === 0 || there.attachments.length !== (message.pictures ?? []).length) return false;
  return expected.join('\n') === customIds(there.components ?? []).join('\n');
}

/** What the buttons of a message carry. */
export function customIds(rows: readonly object[]): string[] {
  return rows
    .flatMap((row) => ('components' in row && Array.isArray(row.components) ? row.components : []))
    .flatMap((component: unknown) =>
      typeof component === 'object' && component !== null && 'custom_id' in component
        ? [String(component.custom_id)]
        : [],
    );
}
