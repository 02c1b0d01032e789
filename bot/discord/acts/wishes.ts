import { type BaseInteraction, type Message, MessageReferenceType } from 'discord.js';
import type { Command } from '../../../commands/command.ts';
import { messagesFor } from '../../../commands/locale/index.ts';
import { parseCustomId } from '../render/custom-id.ts';
import { submittedValues } from '../render/form.ts';
import { messageCommands } from '../setup/message-commands.ts';
import { toAttachment } from './attachment.ts';
import { slashWish, type Wish } from './requests.ts';

/** What an interaction asks for; null: a button or form that is not ours, or that no Easel knows any more. */
export function wishOf(
  interaction: BaseInteraction,
  commands: readonly Command[],
  apiUrl: string | undefined,
): (Wish & { readonly inPlace: boolean }) | null {
  if (interaction.isChatInputCommand()) {
    const wish = slashWish(interaction.commandName, interaction.options.data, apiUrl);
    return { ...wish, message: null, inPlace: false };
  }
  if (interaction.isMessageContextMenuCommand()) {
    const found = messageCommands(commands).find(({ title }) => title(messagesFor('en')) === interaction.commandName);
    if (found === undefined) return null;
    const { targetMessage } = interaction;
    const message = forwardedBy(targetMessage) ?? { channel: targetMessage.channelId, id: targetMessage.id };
    const options = attachedTo(targetMessage, found.command, interaction.applicationId, apiUrl);
    return { command: found.command.name, options, message, inPlace: false };
  }
  if (interaction.isButton()) return pressedWish(interaction.customId, interaction.message);
  if (interaction.isModalSubmit()) {
    const id = parseCustomId(interaction.customId);
    if (id?.kind !== 'form') return null;
    const { message } = interaction;
    return {
      command: id.command,
      options: { ...id.hidden, ...submittedValues(interaction, apiUrl) },
      message: message === null ? null : { channel: message.channelId, id: message.id },
      inPlace: false,
    };
  }
  return null;
}

function pressedWish(customId: string, pressed: Message): ReturnType<typeof wishOf> {
  const id = parseCustomId(customId);
  if (id === null || id.kind === 'form') return null;
  const { command } = id;
  if (id.kind === 'on message') {
    return { command, options: {}, message: { channel: id.channel, id: id.message }, inPlace: false };
  }
  const message = { channel: pressed.channelId, id: pressed.id };
  return { command, options: { ...id.options, target: id.target }, message, inPlace: id.inPlace };
}

/** The message that was forwarded, if this is a forward: Discord lets nobody forward what they do not see. */
function forwardedBy({ reference }: Message): Wish['message'] {
  if (reference?.type !== MessageReferenceType.Forward || reference.messageId === undefined) return null;
  return { channel: reference.channelId, id: reference.messageId, forwarded: true };
}

/** On somebody else's message, its picture fills the option of the command that takes one. Our own are known by the message. */
function attachedTo(
  message: Message,
  command: Command,
  ourselves: string,
  apiUrl: string | undefined,
): Readonly<Record<string, unknown>> {
  const file = message.attachments.first() ?? message.messageSnapshots.first()?.attachments.first();
  const option = Object.entries(command.options).find(([, { type }]) => type === 'attachment')?.[0];
  if (file === undefined || option === undefined || message.applicationId === ourselves) return {};
  return { [option]: toAttachment(file, apiUrl) };
}
