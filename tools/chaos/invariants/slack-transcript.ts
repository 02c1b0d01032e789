import { z } from 'zod';
import type { FakeSlack } from '../../../test/fakes/slack/index.ts';
import type { Message } from '../../../test/fakes/slack/state.ts';
import type { Transcript } from './transcript.ts';

const PICTURE_ID = /^([0-9a-f-]{36})\.\d$/;
const buttonSchema = z.looseObject({ type: z.literal('button'), action_id: z.string(), value: z.string() });
const imageSchema = z.looseObject({ type: z.literal('image'), slack_file: z.object({ id: z.string() }) });

/** What stands in Slack's channels now. */
export function slackTranscript({ workspace }: FakeSlack): Transcript {
  const standing = workspace.messages.filter(({ deleted, user }) => !deleted && user === workspace.bot.id);
  const isPicture = (id: string): boolean => workspace.files.get(id)?.name !== 'preview.jpg';
  const mayWrite = (message: Message): boolean => {
    const channel = workspace.channels.get(message.channel);
    return channel !== undefined && !channel.archived && channel.members.has(workspace.bot.id);
  };
  return {
    platform: 'slack',
    sets: standing.flatMap((message) => {
      const pictures = imagesOf(message).filter(isPicture).length;
      const job = buttonsOf(message).flatMap(({ value }) => PICTURE_ID.exec(value)?.[1] ?? [])[0];
      return pictures === 0 || job === undefined ? [] : [{ job, message: message.ts, pictures }];
    }),
    // Where the bot may not write any more, it cannot take back what it said.
    placeholders: standing.filter(mayWrite).flatMap((message) =>
      buttonsOf(message)
        .filter(({ action_id: action }) => action.startsWith('easel:run:cancel:'))
        .map(({ value }) => ({ job: value, message: message.ts })),
    ),
    thinking: [],
  };
}

function buttonsOf({ blocks }: Message): readonly z.infer<typeof buttonSchema>[] {
  return blocks
    .flatMap((block): unknown[] => (Array.isArray(block.elements) ? block.elements : []))
    .flatMap((element) => buttonSchema.safeParse(element).data ?? []);
}

function imagesOf({ blocks }: Message): readonly string[] {
  return blocks.flatMap((block) => imageSchema.safeParse(block).data?.slack_file.id ?? []);
}
