import { ApplicationCommandType, GatewayIntentBits, InteractionType } from 'discord.js';
import { commandData, type DroppedFile, droppedJson, type OptionInput } from './command-options.ts';
import type { CommandRegistry } from './commands.ts';
import { memberJson, placeJson } from './guild-json.ts';
import type { Interaction, Interactions } from './interactions.ts';
import { messageJson } from './messages.ts';
import type { Channel, Json, Message, User, World } from './state.ts';
import { buttonsOf, transcript, visibleMessages } from './transcript.ts';

export interface PersonContext {
  readonly world: World;
  readonly interactions: Interactions;
  readonly commands: CommandRegistry;
  readonly base: () => string;
  readonly dispatch: (type: string, data: Json, to: { guild: string | null; intent: number | null }) => void;
}

type Event = Parameters<PersonContext['dispatch']>;

/** What an interaction may leave out, by Discord's documentation. */
const optional: ReadonlySet<string> = new Set([
  'locale',
  'guild_locale',
  'guild',
  'channel',
  'context',
  'attachment_size_limit',
]);

/**
 * Someone who uses Discord's client. An act that starts an interaction resolves when it has been acknowledged, and rejects
 * with "The application did not respond" where that takes longer than 3 s.
 */
export class Person {
  readonly user: User;
  /** Where this person is. */
  channel: Channel;
  /** On: what Discord tells of this person's interactions is no more than it promises. */
  terse = false;
  /** Who installed the application: '0' a guild, '1' a person. */
  owners: Json = {};
  private readonly context: PersonContext;
  private lastEvent: Event | null = null;
  /** The interaction that opened the form which is before this person now. */
  private modalOf: Interaction | null = null;

  constructor(user: User, channel: Channel, context: PersonContext) {
    this.user = user;
    this.channel = channel;
    this.context = context;
  }

  get id(): string {
    return this.user.id;
  }

  enters(channel: Channel): void {
    this.channel = channel;
  }

  entersDirectConversation(): void {
    this.channel = this.context.world.directChannel(this.id);
  }

  /** `/name` with options by name; a name of several words is a command with subcommands. */
  async slash(name: string, options: Readonly<Record<string, OptionInput>> = {}): Promise<Interaction> {
    const data = this.commandData(name, options, null);
    return this.send(this.begin(InteractionType.ApplicationCommand, { command: name }), data);
  }

  /** What is suggested for `option` when `typed` stands in it. */
  async autocomplete(
    name: string,
    option: string,
    typed: string,
    others: Readonly<Record<string, OptionInput>> = {},
  ): Promise<readonly { readonly name: string; readonly value: string | number }[]> {
    const data = this.commandData(name, { ...others, [option]: typed }, option);
    const interaction = this.begin(InteractionType.ApplicationCommandAutocomplete, { command: name });
    await this.send(interaction, data);
    return interaction.choices ?? [];
  }

  /** Picks a command from the menu of a message (Apps > name). */
  async messageCommand(name: string, message: Message): Promise<Interaction> {
    const command = this.context.commands.find(this.channel.guild, ApplicationCommandType.Message, name);
    if (command === undefined) throw new Error(`There is no message command ${name}.`);
    const interaction = this.begin(InteractionType.ApplicationCommand, { command: name });
    return this.send(interaction, {
      id: command.id,
      name,
      type: ApplicationCommandType.Message,
      target_id: message.id,
      resolved: { messages: { [message.id]: this.json(message) } },
    });
  }

  /** Presses the button with this label. */
  async press(message: Message, label: string): Promise<Interaction> {
    const button = buttonsOf(message).find((candidate) => candidate.label === label);
    if (button === undefined) throw new Error(`There is no button "${label}" on the message ${message.id}.`);
    return this.pressCustomId(message, button.customId);
  }

  /** Presses a button that this message may or may not show. */
  pressCustomId(message: Message, customId: string): Promise<Interaction> {
    const interaction = this.begin(InteractionType.MessageComponent, { pressed: message });
    return this.send(interaction, { custom_id: customId, component_type: 2 }, { message: this.json(message) });
  }

  /** Sends the form that is open with these values in place of the given ones, by the custom ids of its inputs. */
  async submit(values: Readonly<Record<string, string | DroppedFile>>): Promise<Interaction> {
    const modal = this.modalOf?.modal;
    if (this.modalOf === null || modal === null || modal === undefined) throw new Error('There is no open form.');
    const attachments: Record<string, Json> = {};
    const components = modal.components.map(({ component }, index) => {
      const given = values[component.custom_id];
      const ids = { id: index + 9, custom_id: component.custom_id };
      if (component.type === 19) {
        if (typeof given !== 'object') throw new Error(`${component.custom_id} needs a file.`);
        const file = droppedJson(this.context.world, this.channel, this.context.base(), given);
        attachments[String(file.id)] = file;
        return { type: 18, id: index + 1, component: { type: 19, ...ids, values: [file.id] } };
      }
      const value = given ?? component.value ?? '';
      if (typeof value === 'object') throw new Error(`${component.custom_id} takes no file.`);
      if (component.required !== false && value === '') throw new Error(`${component.custom_id} must be filled in.`);
      if (value.length > (component.max_length ?? 4000)) throw new Error(`${component.custom_id} is too long.`);
      return { type: 18, id: index + 1, component: { type: 4, ...ids, value } };
    });
    const { pressed } = this.modalOf;
    const interaction = this.begin(InteractionType.ModalSubmit, { pressed });
    this.modalOf = null;
    const message = pressed === null ? {} : { message: this.json(pressed) };
    const resolved = Object.keys(attachments).length === 0 ? {} : { resolved: { attachments } };
    return this.send(interaction, { custom_id: modal.custom_id, components, ...resolved }, message);
  }

  /** The form that is open before this person, with its inputs. */
  get form(): {
    readonly title: string;
    readonly inputs: readonly { id: string; label: string; value: string }[];
  } | null {
    const modal = this.modalOf?.modal;
    if (modal === null || modal === undefined) return null;
    const inputs = modal.components.map(({ label, component }) => ({
      ...{ id: component.custom_id, label, value: component.type === 4 ? (component.value ?? '') : '' },
    }));
    return { title: modal.title, inputs };
  }

  /** Adds a reaction; `emoji` is the character, or the name of the guild's own emoji. */
  react(message: Message, emoji: string): void {
    const { world } = this.context;
    message.reactions.set(emoji, (message.reactions.get(emoji) ?? new Set<string>()).add(this.id));
    const guild = this.channel.guild === null ? undefined : world.guilds.get(this.channel.guild);
    const data = {
      user_id: this.id,
      channel_id: message.channel,
      message_id: message.id,
      message_author_id: message.author,
      emoji: { id: null, name: emoji },
      burst: false,
      type: 0,
      ...(guild === undefined ? {} : { guild_id: guild.id, member: memberJson(world, guild, this.id) }),
    };
    const intent =
      guild === undefined ? GatewayIntentBits.DirectMessageReactions : GatewayIntentBits.GuildMessageReactions;
    this.dispatch('MESSAGE_REACTION_ADD', data, { guild: this.channel.guild, intent });
    world.changed();
  }

  unreact(message: Message, emoji: string): void {
    message.reactions.get(emoji)?.delete(this.id);
  }

  /** Writes something, perhaps with files. */
  post(content: string, files: readonly DroppedFile[] = [], forwards?: Message): Message {
    const { world } = this.context;
    const attachments = files.map((file) => {
      const attachment = {
        ...{ id: world.ids.next(), filename: file.name, description: null, contentType: file.contentType },
        ...{ bytes: file.bytes, channel: this.channel.id, createdAt: world.now() },
      };
      world.attachments.set(attachment.id, attachment);
      return attachment;
    });
    const message: Message = {
      ...{ id: world.ids.next(), channel: this.channel.id, author: this.id, type: 0, content, attachments },
      ...{ embeds: [], components: [], flags: 0, ephemeralFor: null, reference: null, nonce: null, interaction: null },
      ...{ notified: new Set<string>(), pings: new Set<string>(), reactions: new Map<string, Set<string>>() },
      ...{ createdAt: world.now(), edits: 0, deleted: false },
      ...(forwards === undefined ? {} : { forwards }),
    };
    world.messages.push(message);
    world.changed();
    return message;
  }

  /** Forwards a message to where this person is. */
  forward(message: Message): Message {
    return this.post('', [], message);
  }

  /** The network hands this person's last act over once more. */
  repeatLast(): void {
    if (this.lastEvent === null) throw new Error('This person has done nothing yet.');
    this.context.dispatch(...this.lastEvent);
  }

  /** What this person sees here now, oldest first. */
  sees(): Message[] {
    return visibleMessages(this.context.world, this.channel, this.id);
  }

  /** The bot's messages among them. */
  seesOfBot(): Message[] {
    return this.sees().filter(({ author }) => author === this.context.world.bot.id);
  }

  /** The channel as this person reads it. */
  reads(): string {
    return transcript(this.context.world, this.channel, this.id);
  }

  private commandData(name: string, options: Readonly<Record<string, OptionInput>>, focused: string | null): Json {
    const [root = '', ...path] = name.split(' ');
    const command = this.context.commands.find(this.channel.guild, ApplicationCommandType.ChatInput, root);
    if (command === undefined) throw new Error(`There is no command /${root}.`);
    return commandData(this.context.world, this.channel, this.context.base(), command, path, options, focused);
  }

  private begin(type: InteractionType, about: { command?: string; pressed?: Message | null }): Interaction {
    const { command = null, pressed = null } = about;
    return this.context.interactions.open({ type, user: this.id, channel: this.channel.id, command, pressed });
  }

  private async send(interaction: Interaction, data: Json, more: Json = {}): Promise<Interaction> {
    const { world } = this.context;
    const packet = {
      id: interaction.id,
      application_id: world.application,
      type: interaction.type,
      token: interaction.token,
      version: 1,
      data,
      locale: this.user.locale,
      entitlements: [],
      authorizing_integration_owners: this.owners,
      attachment_size_limit: 10 * 1024 * 1024,
      ...placeJson(world, this.channel, this.id),
      ...more,
    };
    const told = this.terse ? Object.fromEntries(Object.entries(packet).filter(([key]) => !optional.has(key))) : packet;
    this.dispatch('INTERACTION_CREATE', told, { guild: this.channel.guild, intent: null });
    await interaction.acknowledged;
    if (interaction.modal !== null) this.modalOf = interaction;
    return interaction;
  }

  private dispatch(...event: Event): void {
    this.lastEvent = event;
    this.context.dispatch(...event);
  }

  private json(message: Message): Json {
    return messageJson(this.context.world, message, this.context.base());
  }
}
