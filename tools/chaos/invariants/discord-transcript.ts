import type { FakeDiscord } from '../../../test/fakes/discord/index.ts';
import { type Attachment, LOADING, type Message } from '../../../test/fakes/discord/state.ts';
import { buttonsOf, isPicture } from '../../../test/fakes/discord/transcript.ts';
import type { Transcript } from './transcript.ts';

/** What only one person sees can be reached by nobody after that, and is gone when the client is loaded anew. */
const TOKEN_LIFETIME_MS = 15 * 60_000;
const PICTURE_ID = /:([0-9a-f-]{36})\.\d$/;
const CANCEL = /^easel:cancel:([0-9a-f-]{36})$/;

/** The finished pictures on a message. */
export function picturesOf(message: Message): readonly Attachment[] {
  return message.attachments.filter((file) => isPicture(file) && file.filename !== 'preview.jpg');
}

/** What stands in Discord's channels now. */
export function discordTranscript({ world, clock }: FakeDiscord): Transcript {
  const standing = world.messages.filter(({ deleted, author }) => !deleted && author === world.bot.id);
  const isReached = ({ ephemeralFor, createdAt }: Message): boolean =>
    ephemeralFor === null || clock.now() - createdAt < TOKEN_LIFETIME_MS;
  const sets = standing.flatMap((message) => {
    const pictures = picturesOf(message).length;
    const job = buttonsOf(message).flatMap(({ customId }) => PICTURE_ID.exec(customId)?.[1] ?? [])[0];
    return pictures === 0 || job === undefined ? [] : [{ job, message: message.id, pictures }];
  });
  const placeholders = standing.filter(isReached).flatMap((message) => {
    const job = buttonsOf(message).flatMap(({ customId }) => CANCEL.exec(customId)?.[1] ?? [])[0];
    return job === undefined ? [] : [{ job, message: message.id }];
  });
  // Discord itself ends what is put off for longer: "The application did not respond".
  const thinking = standing.filter(
    ({ flags, createdAt }) => (flags & LOADING) !== 0 && clock.now() - createdAt < TOKEN_LIFETIME_MS,
  );
  return {
    platform: 'discord',
    sets,
    placeholders,
    thinking: thinking.map((message) => ({
      event: `interaction:${message.interaction?.id}`,
      at: clock.realTime(message.createdAt),
    })),
  };
}
