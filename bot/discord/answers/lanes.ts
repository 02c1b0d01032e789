import type { Placeholder, ReplyTo } from './reply-to.ts';

/** What limits the edits of a placeholder, and what it is called there: its interaction's token, else its channel. */
export function laneOf(replyTo: ReplyTo, placeholder: Placeholder | null): { lane: string; message: string } {
  if (replyTo.interaction !== null) return { lane: replyTo.interaction.token, message: replyTo.interaction.token };
  const channel = placeholder?.channel ?? replyTo.channel;
  return { lane: channel, message: `${channel}/${placeholder?.message ?? replyTo.event}` };
}
