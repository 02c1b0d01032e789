import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Acknowledgement, Delivery } from './delivery.ts';
import { fillIn } from './fill-in.ts';
import { findButton } from './find-button.ts';
import { fileJson, type MethodContext, messageJson } from './method.ts';
import { triggersOf, viewJson } from './methods/views.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { Channel, Json, Message, StoredFile, User, View, Workspace } from './state.ts';

export interface PersonContext {
  readonly workspace: Workspace;
  readonly clock: Clock;
  readonly delivery: Delivery;
  readonly responseUrls: ResponseUrls;
  readonly methods: MethodContext;
}

const suggestionSchema = z.strictObject({
  text: z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(75) }),
  value: z.string().min(1).max(150),
});

/** Acts as a person in a Slack client does: types commands, presses, reacts, fills in forms. */
export class Person {
  readonly user: User;
  private readonly context: PersonContext;

  constructor(user: User, context: PersonContext) {
    this.user = user;
    this.context = context;
  }

  get id(): string {
    return this.user.id;
  }

  /** The direct conversation with the bot. */
  get im(): Channel {
    return this.context.workspace.im(this.user.id);
  }

  slash(channel: Channel, command: string, text = ''): Promise<Acknowledgement> {
    channel.members.add(this.user.id);
    return this.context.delivery.command({
      token: 'legacy',
      team_id: this.context.workspace.team.id,
      team_domain: this.context.workspace.team.domain,
      channel_id: channel.id,
      channel_name: channel.kind === 'im' ? 'directmessage' : channel.name,
      user_id: this.user.id,
      user_name: this.user.name,
      command,
      text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      api_app_id: this.context.workspace.appId,
      is_enterprise_install: 'false',
      response_url: this.responseUrl(channel.id, null),
      trigger_id: this.trigger(),
    });
  }

  /** A slash command whose text is sent as Slack would send it (already escaped, mentions as <@U1|name>). */
  async slashEscaped(channel: Channel, command: string, text: string): Promise<Acknowledgement> {
    channel.members.add(this.user.id);
    return this.context.delivery.command({
      team_id: this.context.workspace.team.id,
      channel_id: channel.id,
      channel_name: channel.name,
      user_id: this.user.id,
      user_name: this.user.name,
      command,
      text,
      api_app_id: this.context.workspace.appId,
      is_enterprise_install: 'false',
      response_url: this.responseUrl(channel.id, null),
      trigger_id: this.trigger(),
    });
  }

  /** Presses the button with this label on a message. */
  press(message: Message, label: string): Promise<Acknowledgement> {
    const button = findButton(message.blocks, label);
    const channel = this.channel(message.channel);
    channel.members.add(this.user.id);
    return this.context.delivery.interaction({
      ...this.envelope('block_actions'),
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: message.channel,
        is_ephemeral: message.ephemeralTo !== null,
        ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
      },
      channel: { id: message.channel, name: channel.name },
      ...(message.ephemeralTo === null ? { message: messageJson(message, this.context.workspace) } : {}),
      response_url: this.responseUrl(message.channel, message),
      actions: [{ ...button, block_id: button.block, action_ts: this.context.workspace.ts() }],
    });
  }

  /** Presses a button of the Home tab. */
  pressHome(label: string): Promise<Acknowledgement> {
    const home = z
      .looseObject({ blocks: z.array(z.record(z.string(), z.unknown())) })
      .parse(this.context.workspace.homes.get(this.user.id));
    const button = findButton(home.blocks, label);
    return this.context.delivery.interaction({
      ...this.envelope('block_actions'),
      container: { type: 'view', view_id: 'V0HOME' },
      view: { ...home, id: 'V0HOME', type: 'home' },
      actions: [{ ...button, block_id: button.block, action_ts: this.context.workspace.ts() }],
    });
  }

  react(message: Message, reaction: string): Promise<Acknowledgement> {
    message.reactions.set(reaction, (message.reactions.get(reaction) ?? new Set()).add(this.user.id));
    return this.event({
      type: 'reaction_added',
      user: this.user.id,
      reaction,
      item: { type: 'message', channel: message.channel, ts: message.ts },
      item_user: message.user,
      event_ts: this.context.workspace.ts(),
    });
  }

  /** Picks a message shortcut from a message's menu. */
  shortcut(message: Message, callbackId: string): Promise<Acknowledgement> {
    const channel = this.channel(message.channel);
    return this.context.delivery.interaction({
      ...this.envelope('message_action'),
      callback_id: callbackId,
      action_ts: this.context.workspace.ts(),
      message_ts: message.ts,
      channel: { id: message.channel, name: channel.name },
      message: messageJson(message, this.context.workspace),
      response_url: this.responseUrl(message.channel, message),
    });
  }

  openHome(): Promise<Acknowledgement> {
    return this.event({
      type: 'app_home_opened',
      user: this.user.id,
      channel: this.im.id,
      tab: 'home',
      event_ts: this.context.workspace.ts(),
    });
  }

  /** The form that is open before this person. */
  get view(): View | undefined {
    return this.context.workspace.views.findLast((view) => view.user === this.user.id && view.open);
  }

  /** Fills in the open form by label and submits it; the form stays open where the app finds errors. */
  async submit(values: Readonly<Record<string, unknown>>): Promise<Acknowledgement> {
    const view = this.view;
    if (!view) throw new Error(`${this.user.name} has no form open`);
    const outcome = await this.context.delivery.interaction({
      ...this.envelope('view_submission'),
      view: { ...viewJson(view, this.context), state: { values: fillIn(view.body, values, this.context.methods) } },
      response_urls: [],
    });
    if (outcome.acknowledged && outcome.payload.response_action !== 'errors') view.open = false;
    return outcome;
  }

  /** What the open form suggests for an input (by label) after these letters. */
  async suggestions(label: string, typed: string): Promise<string[]> {
    const view = this.view;
    if (!view) throw new Error(`${this.user.name} has no form open`);
    const outcome = await this.context.delivery.interaction({
      ...this.envelope('block_suggestion'),
      action_id: 'value',
      block_id: label,
      value: typed,
      view: viewJson(view, this.context),
    });
    const answer = z.object({ options: z.array(suggestionSchema).max(100) }).parse(outcome.payload);
    return answer.options.map((option) => option.text.text);
  }

  /** Writes a message; in the direct conversation, or where it names the bot, the app hears of it. */
  say(
    channel: Channel,
    text: string,
    files: readonly StoredFile[] = [],
    thread?: Message,
  ): Promise<Acknowledgement> | undefined {
    const { workspace } = this.context;
    const message = workspace.post({
      channel: channel.id,
      user: this.user.id,
      text,
      files: files.map((file) => file.id),
      threadTs: thread ? (thread.threadTs ?? thread.ts) : null,
    });
    const event = {
      user: this.user.id,
      text,
      ts: message.ts,
      event_ts: message.ts,
      channel: channel.id,
      ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
      ...(files.length === 0
        ? {}
        : {
            files: files.map((file) => fileJson(file.id, workspace, this.context.methods.base)),
            subtype: 'file_share',
          }),
    };
    if (channel.kind === 'im') return this.event({ type: 'message', channel_type: 'im', ...event });
    if (text.includes(`<@${workspace.bot.id}>`)) return this.event({ type: 'app_mention', ...event });
    return undefined;
  }

  /** A file of this person's, as an upload in the client leaves it. */
  file(name: string, bytes: Uint8Array): StoredFile {
    const { workspace, clock } = this.context;
    const id = workspace.id('F');
    const file: StoredFile = {
      id,
      name,
      title: name,
      length: bytes.byteLength,
      altText: '',
      owner: this.user.id,
      bytes,
      state: 'complete',
      readyAt: clock.now(),
      completions: 1,
    };
    workspace.files.set(id, file);
    return file;
  }

  /** Any Events API event, with Slack's own frame around it. */
  event(event: Json): Promise<Acknowledgement> {
    const { workspace, clock, delivery } = this.context;
    return delivery.event({
      token: 'legacy',
      team_id: workspace.team.id,
      api_app_id: workspace.appId,
      event,
      type: 'event_callback',
      event_id: workspace.id('Ev'),
      event_time: clock.seconds(),
      authorizations: [
        { team_id: workspace.team.id, user_id: workspace.bot.id, is_bot: true, is_enterprise_install: false },
      ],
    });
  }

  private envelope(type: string): Json {
    const { workspace } = this.context;
    // A form names its sender's workspace, all else the one that the app is installed in.
    const team = (type === 'view_submission' ? this.user.team : undefined) ?? workspace.team.id;
    return {
      type,
      user: { id: this.user.id, username: this.user.name, name: this.user.name, team_id: team },
      api_app_id: workspace.appId,
      token: 'legacy',
      trigger_id: this.trigger(),
      team: { id: team, domain: workspace.team.domain },
      enterprise: null,
      is_enterprise_install: false,
    };
  }

  private trigger(): string {
    const { workspace, clock } = this.context;
    const id = `${clock.now()}.${workspace.id('T')}`;
    triggersOf(workspace).set(id, { at: clock.now(), user: this.user.id, used: false });
    return id;
  }

  private responseUrl(channel: string, message: Message | null): string {
    return `${this.context.methods.base}/response/${this.context.responseUrls.issue(channel, this.user.id, message)}`;
  }

  private channel(id: string): Channel {
    const channel = this.context.workspace.channels.get(id);
    if (!channel) throw new Error(`no channel ${id}`);
    return channel;
  }
}
